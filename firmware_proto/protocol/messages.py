"""The messages of the line, as values and as bytes (IEC 62056-21, 6.3); MESSAGE_FORMS lists them.

>>> Request("04176855916").to_bytes()
b'/?04176855916!\\r\\n'
>>> Command("P", "1", "(00000000)").to_bytes()
b'\\x01P1\\x02(00000000)\\x03a'
"""

import re
from dataclasses import dataclass
from typing import Self

from firmware_proto.errors import LocalProtocolError, RemoteProtocolError
from firmware_proto.protocol.baud_rates import BAUD_RATES, INITIAL_BAUD, Mode, character_of, mode_of
from firmware_proto.protocol.block_check import block_check
from firmware_proto.protocol.characters import ACK, EOT, ETX, LINE_END, NAK, SOH, STX

LONGEST_DEVICE_ADDRESS = 32
LONGEST_IDENTITY = 16
_DEVICE_ADDRESS = re.compile(rf"[0-9A-Za-z ]{{0,{LONGEST_DEVICE_ADDRESS}}}")
_IDENTITY = re.compile(rf"(?:\\[ -.0-~])*[^\x00-\x1f/!\\\x7f-\U0010ffff]{{0,{LONGEST_IDENTITY}}}")
_MAKER = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True, slots=True)
class Request:
    """The sign-on. Without an address any meter may answer."""

    address: str = ""

    def __post_init__(self) -> None:
        if not _DEVICE_ADDRESS.fullmatch(self.address):
            raise LocalProtocolError(
                f"a device address has up to {LONGEST_DEVICE_ADDRESS} digits, letters and spaces, not {self.address[:40]!r}",
                field="device_address",
            )

    def to_bytes(self) -> bytes:
        """As it stands on the line."""
        return f"/?{self.address}!\r\n".encode()

    def is_for(self, device_address: str) -> bool:
        """Whether a meter of this address is meant. Leading zeros on either side say nothing.

        >>> Request("0012").is_for("12"), Request("12").is_for("012"), Request("120").is_for("12"), Request("").is_for("12")
        (True, True, False, True)
        """
        return not self.address or self.address.lstrip("0") == device_address.lstrip("0")


@dataclass(frozen=True, slots=True)
class Identification:
    """Who a meter is, which mode it speaks and how fast it can. A small third letter of the maker promises quick reactions.

    An identity may begin with ``\\2``, by which a meter announces mode E (binary). LocalProtocolError for what the standard
    does not allow.

    >>> Identification("PLN", "STS-1", baud=9600).to_bytes()
    b'/PLN5STS-1\\r\\n'
    >>> Identification.parse("/XYZEabc")
    Identification(maker='XYZ', identity='abc', mode=<Mode.B: 'B'>, baud=9600)
    """

    maker: str
    identity: str
    mode: Mode = Mode.C
    baud: int = INITIAL_BAUD

    def __post_init__(self) -> None:
        if not _MAKER.fullmatch(self.maker):
            raise LocalProtocolError(f"a maker's name is three letters, not {self.maker!r}", field="maker")
        if not _IDENTITY.fullmatch(self.identity):
            raise LocalProtocolError(
                f"an identity has up to {LONGEST_IDENTITY} printable characters without / and !, not {self.identity[:24]!r}",
                field="identity",
            )
        if self.mode is Mode.A and mode_of(self.identity[:1] or " ") is not Mode.A:
            raise LocalProtocolError(
                f"in mode A the identity must not begin with {self.identity[0]!r}: it would announce a baud rate",
                field="identity",
            )
        character_of(self.mode, self.baud)

    def to_bytes(self) -> bytes:
        """As it stands on the line."""
        return f"/{self.maker}{character_of(self.mode, self.baud)}{self.identity}\r\n".encode()

    @classmethod
    def parse(cls, line: str) -> Self:
        """The identification on a line without its CR LF. RemoteProtocolError for anything else."""
        maker, rest = line[1:4], line[4:]
        mode = mode_of(rest[:1] or " ")
        try:
            if mode is Mode.A:
                return cls(maker, rest, mode)
            return cls(maker, rest[1:], mode, BAUD_RATES[rest[0]])
        except LocalProtocolError as error:
            raise RemoteProtocolError(f"no identification: {error}", field=error.field) from None


@dataclass(frozen=True, slots=True)
class OptionSelect:
    """What the client wants of a mode C meter: the protocol (V), the baud rate (Z) and the mode (Y), a character each."""

    protocol: str
    baud_character: str
    mode: str

    def to_bytes(self) -> bytes:
        """As it stands on the line."""
        return ACK + f"{self.protocol}{self.baud_character}{self.mode}".encode() + LINE_END


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """ACK alone: understood and done."""

    def to_bytes(self) -> bytes:
        """As it stands on the line."""
        return ACK


@dataclass(frozen=True, slots=True)
class RepeatRequest:
    """NAK: say that again."""

    def to_bytes(self) -> bytes:
        """As it stands on the line."""
        return NAK


@dataclass(frozen=True, slots=True)
class Command:
    """A programming command: its letter (C), its type (D) and a data set; ``is_last`` is False where more follows."""

    letter: str
    type: str
    data: str | None = None
    is_last: bool = True

    def to_bytes(self) -> bytes:
        """As it stands on the line."""
        head = (self.letter + self.type).encode()
        text = b"" if self.data is None else STX + self.data.encode()
        return _block(SOH, head + text, self.is_last)


@dataclass(frozen=True, slots=True)
class Data:
    """A data message: a readout, an answer or an error text; ``is_last`` is False where more follows."""

    text: str
    is_last: bool = True

    def to_bytes(self) -> bytes:
        """As it stands on the line."""
        return _block(STX, self.text.encode(), self.is_last)


@dataclass(frozen=True, slots=True)
class Broken:
    """A block that came with a wrong check character, or without an end."""


Message = Request | Identification | OptionSelect | Acknowledgement | RepeatRequest | Command | Data | Broken

MESSAGE_FORMS = (
    ("request", "`/ ? address ! CR LF`", "client", "6.3.1"),
    ("identification", "`/ X X X Z identity CR LF`", "meter", "6.3.2"),
    ("option select", "`ACK V Z Y CR LF`", "client", "6.3.3"),
    ("data readout", "`STX block ! CR LF ETX BCC`", "meter", "6.3.4"),
    ("acknowledgement", "`ACK`", "both", "6.3.5"),
    ("repeat request", "`NAK`", "both", "6.3.6"),
    ("programming command", "`SOH C D STX data ETX BCC`", "client; P0 the meter", "6.3.7"),
    ("programming command, more to come", "`SOH C D STX data EOT BCC`", "client", "6.3.8"),
    ("data", "`STX data ETX BCC`", "meter", "6.3.9"),
    ("data, more to come", "`STX data EOT BCC`", "meter", "6.3.10"),
    ("error text", "`STX ( text ) ETX BCC`", "meter", "6.3.11"),
    ("break", "`SOH B 0 ETX BCC`", "both", "6.3.12"),
)
"""Name, form, who says it, clause."""

BREAK = Command("B", "0")
READOUT_END = "!\r\n"
"""What follows the lines of a data block in a readout, before the ETX."""


def _block(start: bytes, content: bytes, is_last: bool) -> bytes:
    block = content + (ETX if is_last else EOT)
    return start + block + block_check(block)
