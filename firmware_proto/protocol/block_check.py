"""The block check character: the exclusive or of a block's characters (IEC 62056-21, 6.2; ISO 1155).

It covers what follows the first SOH or STX, up to and with the ETX or EOT, and comes right after that.

>>> block_check(b"B0\\x03"), block_check(b"P1\\x02(00000000)\\x03")
(b'q', b'a')
"""

_HALVES = tuple((1 << power, (1 << (8 << power)) - 1) for power in range(17))
"""Half a size in bytes, and the mask of so many bytes."""


def block_check(block: bytes | bytearray) -> bytes:
    """The check character of a block, which stands here without its leading SOH or STX.

    The block is folded in half until one byte is left: a few operations on long integers instead of one for every byte.

    >>> block_check(b"")
    b'\\x00'
    """
    value = int.from_bytes(block, "little")
    for half, mask in reversed(_HALVES[: max(len(block) - 1, 0).bit_length()]):
        value = (value >> 8 * half) ^ (value & mask)
    return value.to_bytes(1, "little")
