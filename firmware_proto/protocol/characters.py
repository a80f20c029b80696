"""The characters of the line: control characters, and the parity bit that makes seven bits eight (IEC 62056-21, 5 and 6.2).

The standard sends 7E1: seven data bits, even parity, one stop bit. Where a port cannot (a pseudo terminal, TCP through a plain
converter), the highest of eight bits carries the parity. Where there is no parity at all the line is 8N1, and that bit is 0.

>>> SEVEN_EVEN.encode(b"/?!\\r\\n").hex(" ")
'af 3f 21 8d 0a'
>>> SEVEN_EVEN.decode(bytes.fromhex("af 3f a1 8d 0a"))
b'/?\\x1a\\r\\n'
"""

from typing import Final

NUL: Final = b"\x00"
SOH: Final = b"\x01"
STX: Final = b"\x02"
ETX: Final = b"\x03"
EOT: Final = b"\x04"
ACK: Final = b"\x06"
NAK: Final = b"\x15"
SUB: Final = b"\x1a"
"""Stands for a character whose parity was wrong; no message holds it, so no message with one is taken."""
LINE_END: Final = b"\r\n"
BITS_PER_CHARACTER: Final = 10


def _parity(character: int) -> int:
    return character.bit_count() & 1


class CharacterFormat:
    """What becomes of characters on their way to the line and back. There are the two below."""

    __slots__ = ("_from_line", "_to_line", "name")

    def __init__(self, name: str, *, has_parity: bool) -> None:
        self.name = name
        self._to_line = bytes(code & 0x7F | _parity(code & 0x7F) << 7 for code in range(256)) if has_parity else None
        self._from_line = bytes(SUB[0] if _parity(code) else code & 0x7F for code in range(256)) if has_parity else None

    def __repr__(self) -> str:
        return self.name

    def encode(self, data: bytes) -> bytes:
        """The bytes to put on the line."""
        return data if self._to_line is None else data.translate(self._to_line)

    def decode(self, data: bytes) -> bytes:
        """The characters that came; SUB where the parity was wrong."""
        return data if self._from_line is None else data.translate(self._from_line)


EIGHT_NONE = CharacterFormat("8N1", has_parity=False)
SEVEN_EVEN = CharacterFormat("7E1 in software", has_parity=True)
