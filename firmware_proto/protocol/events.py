"""What the ends tell their users, and what they want done to the line.

A meter's end tells what a client asks; most of it is answered by calling the end. A client's end tells what the meter answered.
"""

from dataclasses import dataclass, field

from firmware_proto.data_set import DataSet
from firmware_proto.protocol.messages import Identification


@dataclass(frozen=True, slots=True)
class Send:
    """Put ``data`` on the line, not before the moment ``not_before``."""

    data: bytes
    not_before: float


@dataclass(frozen=True, slots=True)
class BaudChange:
    """Once all before is sent, go on with ``baud`` bits a second, both ways."""

    baud: int


Step = Send | BaudChange
"""What a link does, in the order it is told."""


# What a meter's end tells.


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A client has begun a session. No answer: the identification is on its way. Nobody has a level yet."""

    address: str
    """The device address it used; empty if none."""


@dataclass(frozen=True, slots=True)
class ReadoutRequested:
    """Answer with ``readout``. ``option`` is the mode character: 0, or 6 to 9 for a list of the maker's own choice."""

    option: str = "0"


@dataclass(frozen=True, slots=True)
class OperandRequested:
    """A client enters programming mode. Answer with ``give_operand``; password P2 may be made with that operand."""


@dataclass(frozen=True, slots=True)
class PasswordGiven:
    """Answer with ``acknowledge``, ``refuse`` or ``break_off``."""

    level: int
    """1 or 2, from P1 and P2."""
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadRequested:
    """Answer with ``reply`` or ``refuse``."""

    address: str
    argument: str = ""
    type: str = "1"
    """The command's type: 1 or 3, or 5 or 6 for an OBIS code; 3 and 6 are sent in parts, which the end does by itself."""


@dataclass(frozen=True, slots=True)
class WriteRequested:
    """Answer with ``acknowledge`` or ``refuse``. Most often there is one data set."""

    data_sets: tuple[DataSet, ...]
    type: str = "1"

    @property
    def address(self) -> str:
        """Of the first data set."""
        return self.data_sets[0].address

    @property
    def value(self) -> str:
        """Of the first data set."""
        return self.data_sets[0].value


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The session is over, and with it the level that a password gave. No answer."""

    reason: str
    """In words."""


MeterEvent = SignedOn | ReadoutRequested | OperandRequested | PasswordGiven | ReadRequested | WriteRequested | SessionEnded


# What a client's end tells.


@dataclass(frozen=True, slots=True)
class Identified:
    """The meter has answered the request. In mode A and B the readout follows by itself."""

    identification: Identification


@dataclass(frozen=True, slots=True)
class OperandReceived:
    """The meter is in programming mode; its operand goes into a password of P2, if the maker wants that."""

    operand: str


@dataclass(frozen=True, slots=True)
class DataReceived:
    """A readout or the answer to a read command. In partial blocks there are several; only the last says so."""

    data_sets: tuple[DataSet, ...]
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Accepted:
    """The meter acknowledged a password or a write command."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The meter answered with an error text (see firmware_proto.error_text for this project's own)."""

    text: str


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """The meter ended the session."""


ClientEvent = Identified | OperandReceived | DataReceived | Accepted | Refused | BrokenOff
