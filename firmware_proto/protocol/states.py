"""The states of both ends and every way from one to another: the tables that the code walks and the documentation draws.

A table maps (state, symbol) to the next state. A symbol is something that happens: a message of the peer, a time-out, or an
answer of this end's own. What the peer says at the wrong moment is passed over; what this end's user says at the wrong moment
is a LocalProtocolError.

>>> METER_TABLE[MeterState.IDENTIFIED, Symbol.SELECT_READOUT].value, (MeterState.WAITING, Symbol.READ) in METER_TABLE
('makes the readout', False)
"""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from firmware_proto.protocol.timing import Wait


class Symbol(Enum):
    """Something that happens at an end, in the words of the picture."""

    # Said by the client.
    REQUEST = "request"
    REQUEST_IN_MODE_A_OR_B = "request in mode A or B"
    REQUEST_FOR_ANOTHER = "request for another meter"
    SELECT_READOUT = "ACK 0 Z 0, 6 to 9"
    SELECT_PROGRAMMING = "ACK 0 Z 1"
    SELECT_OTHER = "any other option select"
    PASSWORD = "P1, P2"
    READ = "R1, R5"
    READ_PARTS = "R3, R6"
    WRITE = "W1, W5"
    WRITE_PART = "W3, W6, more to come"
    OTHER_COMMAND = "any other command"
    # Said by the meter.
    IDENTIFICATION = "identification"
    IDENTIFICATION_IN_MODE_A_OR_B = "identification in mode A or B"
    OPERAND = "P0"
    READOUT = "data readout"
    DATA = "data"
    PART = "data, more to come"
    ERROR_TEXT = "error text"
    # Said by either.
    ACKNOWLEDGEMENT = "ACK"
    REPEAT_REQUEST = "NAK"
    BREAK = "B0"
    BROKEN = "wrong BCC"
    # Said by nobody.
    TIME_OUT = "time-out"
    TOO_OFTEN = "too many repeats"


class MeterState(Enum):
    """What a meter does at the moment."""

    WAITING = "waits for a request"
    IDENTIFIED = "waits for the option select"
    READING_OUT = "makes the readout"
    READ_OUT = "waits whether the readout arrived"
    CHALLENGING = "makes the operand"
    PROGRAMMING = "waits for a command"
    CHECKING = "checks the password"
    READING = "reads a register"
    READING_PARTS = "reads a register in parts"
    PART_SENT = "waits whether the part arrived"
    WRITING = "writes a register"


class ClientState(Enum):
    """What a client does at the moment."""

    IDLE = "has no meter"
    SIGNING_ON = "waits for the identification"
    IDENTIFIED = "knows the meter"
    READING_OUT = "waits for the readout"
    ENTERING = "waits for the operand"
    PROGRAMMING = "may command"
    GIVING_PASSWORD = "waits whether the password is right"
    READING = "waits for data"
    READING_PARTS = "waits for more data"
    WRITING = "waits whether it is written"


State = TypeVar("State", MeterState, ClientState)
Table = Mapping[tuple[State, Symbol], State]

_M, _C, _S = MeterState, ClientState, Symbol

METER_WAYS: Table[MeterState] = {
    (_M.WAITING, _S.REQUEST): _M.IDENTIFIED,
    (_M.WAITING, _S.REQUEST_IN_MODE_A_OR_B): _M.READING_OUT,
    (_M.IDENTIFIED, _S.SELECT_READOUT): _M.READING_OUT,
    (_M.IDENTIFIED, _S.SELECT_PROGRAMMING): _M.CHALLENGING,
    (_M.IDENTIFIED, _S.SELECT_OTHER): _M.WAITING,
    (_M.READING_OUT, _S.READOUT): _M.READ_OUT,
    (_M.READ_OUT, _S.REPEAT_REQUEST): _M.READ_OUT,
    (_M.READ_OUT, _S.ACKNOWLEDGEMENT): _M.WAITING,
    (_M.CHALLENGING, _S.OPERAND): _M.PROGRAMMING,
    (_M.PROGRAMMING, _S.PASSWORD): _M.CHECKING,
    (_M.PROGRAMMING, _S.READ): _M.READING,
    (_M.PROGRAMMING, _S.READ_PARTS): _M.READING_PARTS,
    (_M.PROGRAMMING, _S.WRITE): _M.WRITING,
    (_M.PROGRAMMING, _S.WRITE_PART): _M.PROGRAMMING,
    (_M.PROGRAMMING, _S.OTHER_COMMAND): _M.PROGRAMMING,
    (_M.PROGRAMMING, _S.REPEAT_REQUEST): _M.PROGRAMMING,
    (_M.PROGRAMMING, _S.BROKEN): _M.PROGRAMMING,
    (_M.CHECKING, _S.ACKNOWLEDGEMENT): _M.PROGRAMMING,
    (_M.CHECKING, _S.ERROR_TEXT): _M.PROGRAMMING,
    (_M.READING, _S.DATA): _M.PROGRAMMING,
    (_M.READING, _S.ERROR_TEXT): _M.PROGRAMMING,
    (_M.READING_PARTS, _S.PART): _M.PART_SENT,
    (_M.READING_PARTS, _S.DATA): _M.PROGRAMMING,
    (_M.READING_PARTS, _S.ERROR_TEXT): _M.PROGRAMMING,
    (_M.PART_SENT, _S.ACKNOWLEDGEMENT): _M.READING_PARTS,
    (_M.PART_SENT, _S.REPEAT_REQUEST): _M.PART_SENT,
    (_M.WRITING, _S.ACKNOWLEDGEMENT): _M.PROGRAMMING,
    (_M.WRITING, _S.ERROR_TEXT): _M.PROGRAMMING,
}
"""Every way of a meter but those that lead out of any session."""

METER_EXITS: Mapping[Symbol, MeterState] = {
    _S.REQUEST: _M.IDENTIFIED,
    _S.REQUEST_IN_MODE_A_OR_B: _M.READING_OUT,
    _S.REQUEST_FOR_ANOTHER: _M.WAITING,
    _S.BREAK: _M.WAITING,
    _S.TIME_OUT: _M.WAITING,
    _S.TOO_OFTEN: _M.WAITING,
}
"""The ways out of every state of a meter but WAITING."""

METER_OWES = frozenset({_M.READING_OUT, _M.CHALLENGING, _M.CHECKING, _M.READING, _M.READING_PARTS, _M.WRITING})
"""The states in which the meter owes an answer; it hears nothing until it is given."""

METER_WAITS: Mapping[MeterState, Wait] = {
    _M.IDENTIFIED: Wait.INACTIVITY,
    _M.READ_OUT: Wait.REACTION,
    _M.PROGRAMMING: Wait.INACTIVITY,
    _M.PART_SENT: Wait.INACTIVITY,
}
"""How long a meter waits in a state; in the others for ever."""

CLIENT_WAYS: Table[ClientState] = {
    (_C.IDLE, _S.REQUEST): _C.SIGNING_ON,
    (_C.SIGNING_ON, _S.IDENTIFICATION): _C.IDENTIFIED,
    (_C.SIGNING_ON, _S.IDENTIFICATION_IN_MODE_A_OR_B): _C.READING_OUT,
    (_C.SIGNING_ON, _S.TIME_OUT): _C.SIGNING_ON,
    (_C.IDENTIFIED, _S.SELECT_READOUT): _C.READING_OUT,
    (_C.IDENTIFIED, _S.SELECT_PROGRAMMING): _C.ENTERING,
    (_C.READING_OUT, _S.READOUT): _C.IDLE,
    (_C.READING_OUT, _S.BROKEN): _C.READING_OUT,
    (_C.READING_OUT, _S.TIME_OUT): _C.IDLE,
    (_C.ENTERING, _S.OPERAND): _C.PROGRAMMING,
    (_C.ENTERING, _S.BROKEN): _C.ENTERING,
    (_C.ENTERING, _S.TIME_OUT): _C.ENTERING,
    (_C.PROGRAMMING, _S.PASSWORD): _C.GIVING_PASSWORD,
    (_C.PROGRAMMING, _S.READ): _C.READING,
    (_C.PROGRAMMING, _S.WRITE): _C.WRITING,
    (_C.GIVING_PASSWORD, _S.ACKNOWLEDGEMENT): _C.PROGRAMMING,
    (_C.GIVING_PASSWORD, _S.ERROR_TEXT): _C.PROGRAMMING,
    (_C.GIVING_PASSWORD, _S.REPEAT_REQUEST): _C.GIVING_PASSWORD,
    (_C.GIVING_PASSWORD, _S.BROKEN): _C.GIVING_PASSWORD,
    (_C.GIVING_PASSWORD, _S.TIME_OUT): _C.GIVING_PASSWORD,
    (_C.READING, _S.DATA): _C.PROGRAMMING,
    (_C.READING, _S.PART): _C.READING_PARTS,
    (_C.READING, _S.ERROR_TEXT): _C.PROGRAMMING,
    (_C.READING, _S.REPEAT_REQUEST): _C.READING,
    (_C.READING, _S.BROKEN): _C.READING,
    (_C.READING, _S.TIME_OUT): _C.READING,
    (_C.READING_PARTS, _S.DATA): _C.PROGRAMMING,
    (_C.READING_PARTS, _S.PART): _C.READING_PARTS,
    (_C.READING_PARTS, _S.BROKEN): _C.READING_PARTS,
    (_C.READING_PARTS, _S.TIME_OUT): _C.IDLE,
    (_C.WRITING, _S.ACKNOWLEDGEMENT): _C.PROGRAMMING,
    (_C.WRITING, _S.ERROR_TEXT): _C.PROGRAMMING,
    (_C.WRITING, _S.REPEAT_REQUEST): _C.WRITING,
    (_C.WRITING, _S.BROKEN): _C.PROGRAMMING,
    (_C.WRITING, _S.TIME_OUT): _C.PROGRAMMING,
}
"""Every way of a client but those that lead out of any session."""

CLIENT_EXITS: Mapping[Symbol, ClientState] = {
    _S.REQUEST: _C.SIGNING_ON,
    _S.BREAK: _C.IDLE,
    _S.TOO_OFTEN: _C.IDLE,
}
"""The ways out of every state of a client but IDLE."""

CLIENT_WAITS: Mapping[ClientState, Wait] = {
    state: Wait.REACTION
    for state in ClientState
    if state not in (ClientState.IDLE, ClientState.IDENTIFIED, ClientState.PROGRAMMING)
}
"""How long a client waits in a state; in the others for ever."""


def whole_table(ways: Table[State], exits: Mapping[Symbol, State], rest: State) -> Table[State]:
    """The ways, and the exits of every state but ``rest``."""
    leaving = {(state, symbol): to for state in type(rest) if state is not rest for symbol, to in exits.items()}
    return {**leaving, **ways}


METER_TABLE = whole_table(METER_WAYS, METER_EXITS, MeterState.WAITING)
CLIENT_TABLE = whole_table(CLIENT_WAYS, CLIENT_EXITS, ClientState.IDLE)
