"""The checksum of a token (IEC 62055-41 6.3.7): CRC-16, polynomial A001 reflected, register starting at FFFF.

It covers 50 bits, the 2 class bits and the 48 block bits in front of it, with six zero bits before them: seven bytes.
The class is covered although it does not stand in the block. The register goes into the block with its bytes swapped.

A CRC is linear, so each byte's share depends on its value and its place alone: seven tables, one look-up a byte.

>>> crc_field(0, 0x055998630001)
6630
>>> crc_field(0, 12205947027712)
49671
"""

_POLYNOMIAL = 0xA001
_START = 0xFFFF
_LENGTH = 7


def crc_field(token_class: int, front: int) -> int:
    """The 16-bit CRC field, bytes swapped as it stands in a block, for a class and the block's top 48 bits."""
    b0, b1, b2, b3, b4, b5 = front.to_bytes(6, "big")
    return _CLASS[token_class] ^ _T0[b0] ^ _T1[b1] ^ _T2[b2] ^ _T3[b3] ^ _T4[b4] ^ _T5[b5]


def _register(octets: bytes, start: int) -> int:
    register = start
    for octet in octets:
        register ^= octet
        for _ in range(8):
            register = register >> 1 ^ _POLYNOMIAL if register & 1 else register >> 1
    return register


def _swapped(register: int) -> int:
    return (register & 0xFF) << 8 | register >> 8


def _share(position: int) -> tuple[int, ...]:
    """What each value of the byte at ``position`` (0 to 6) adds, as a field. A value's bits add their own shares."""
    shares = [0]
    for bit in range(8):
        alone = _swapped(_register(bytes([1 << bit]) + bytes(_LENGTH - 1 - position), 0))
        shares += [share ^ alone for share in shares]
    return tuple(shares)


_EMPTY = _swapped(_register(bytes(_LENGTH), _START))
_CLASS = tuple(_EMPTY ^ share for share in _share(0)[:4])
_T0, _T1, _T2, _T3, _T4, _T5 = (_share(position) for position in range(1, _LENGTH))
