"""A client's end of a line: the hand-held unit, the test bench.

>>> from firmware_proto.protocol.timing import Timing
>>> client = ClientEnd(timing=Timing(reaction_minimum=0))
>>> client.sign_on(now=0.0)
>>> client.data_to_send(), next(client.receive_data(b"/PLN5STS-1\\r\\n", now=0.5)).identification.baud
(b'/?!\\r\\n', 9600)
>>> client.enter_programming(now=0.5)
>>> client.steps_to_take()
[Send(data=b'\\x06051\\r\\n', not_before=0.5), BaudChange(baud=9600)]
>>> next(client.receive_data(b"\\x01P0\\x02(00000000)\\x03`", now=0.6))
OperandReceived(operand='00000000')
>>> client.read("1.8.0", now=0.7)
>>> client.data_to_send(), list(client.receive_data(b"\\x021.8.0(12.5*kWh)\\x03]", now=0.8))
(b'\\x01R1\\x021.8.0()\\x03Z', [DataReceived(data_sets=(DataSet(address='1.8.0', value='12.5', unit='kWh'),), is_last=True)])
"""

import re

from firmware_proto.data_set import DataSet, parse_block
from firmware_proto.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from firmware_proto.protocol.baud_rates import BAUD_RATES, INITIAL_BAUD, Mode, character_of
from firmware_proto.protocol.characters import ACK, BITS_PER_CHARACTER, EIGHT_NONE, NAK, CharacterFormat
from firmware_proto.protocol.commands import COMMANDS
from firmware_proto.protocol.end import End
from firmware_proto.protocol.events import (
    Accepted,
    BrokenOff,
    ClientEvent,
    DataReceived,
    Identified,
    OperandReceived,
    Refused,
)
from firmware_proto.protocol.message_reader import LONGEST_DATA, ClientReader
from firmware_proto.protocol.messages import (
    BREAK,
    READOUT_END,
    Acknowledgement,
    Broken,
    Command,
    Data,
    Identification,
    Message,
    OptionSelect,
    RepeatRequest,
    Request,
)
from firmware_proto.protocol.states import CLIENT_TABLE, CLIENT_WAITS, ClientState, Symbol
from firmware_proto.protocol.timing import STANDARD_TIMING, Timing

_ERROR_TEXT = re.compile(r"\((ER[^()*/!]{0,30})\)")


class ClientEnd(End[ClientState, ClientEvent]):
    """One client, talking to one meter after another.

    What the meter does wrong, an answer that does not come among it, is a RemoteProtocolError out of ``receive_data``,
    ``advance`` or ``next_event``; the end is then in a state from which it can go on, and says in which.
    """

    __slots__ = ("_address", "_asked_twice", "_called", "_patience_ends", "identification")

    _table = CLIENT_TABLE
    _waits = CLIENT_WAITS

    def __init__(
        self,
        *,
        timing: Timing = STANDARD_TIMING,
        initial_baud: int = INITIAL_BAUD,
        character_format: CharacterFormat = EIGHT_NONE,
    ) -> None:
        super().__init__(ClientState.IDLE, ClientReader(), timing, initial_baud, character_format)
        self.identification: Identification | None = None
        self._address = self._called = ""
        self._asked_twice = False
        self._patience_ends = 0.0

    # What the user says.

    def sign_on(self, address: str = "", *, now: float) -> None:
        """Call a meter by its device address, or whichever there is. In any state: an older session is ended first."""
        request = Request(address).to_bytes()
        self.break_off(now=now)
        self.identification = None
        self._called = address
        self._say(Symbol.REQUEST, request, now)

    def request_readout(self, option: str = "0", *, baud: int | None = None, now: float) -> None:
        """Ask an identified mode C meter for its readout; options 6 to 9 are the maker's own lists."""
        self._select(Symbol.SELECT_READOUT, option, baud, now)

    def enter_programming(self, *, baud: int | None = None, now: float) -> None:
        """Ask an identified mode C meter for programming mode, at its own rate or a lower one."""
        self._select(Symbol.SELECT_PROGRAMMING, "1", baud, now)

    def give_password(self, level: int, password: str, *, now: float) -> None:
        """Password P1 or P2."""
        try:
            data = str(DataSet("", password))
        except LocalProtocolError:
            # Its own words quote the value.
            raise LocalProtocolError("the password has a length or a character that is not allowed", field="password") from None
        self._command(Symbol.PASSWORD, Command("P", str(level), data), now)

    def read(self, address: str, argument: str = "", *, type: str = "1", lines_per_part: int | None = None, now: float) -> None:
        """Read a register. Types 3 and 6 come in partial blocks, of so many lines."""
        data = str(DataSet(address, argument)) + (f"({lines_per_part})" if lines_per_part is not None else "")
        self._command(Symbol.READ, Command("R", type, data), now)
        self._address = address

    def write(self, address: str, value: str, unit: str = "", *, type: str = "1", now: float) -> None:
        """Write a register. It is never repeated without the meter's asking: it might be done twice."""
        self._command(Symbol.WRITE, Command("W", type, str(DataSet(address, value, unit))), now)

    def break_off(self, *, now: float) -> None:
        """End the session, whatever the state; nothing where there is none."""
        if self._state not in (ClientState.IDLE, ClientState.SIGNING_ON):
            self._say(Symbol.BREAK, BREAK.to_bytes(), now)
            self._rest()

    def _select(self, symbol: Symbol, mode: str, baud: int | None, now: float) -> None:
        meter = self.identification
        if meter is None or (self._state, symbol) not in self._table:
            raise self._misused("selecting an option")
        baud = meter.baud if baud is None else baud
        if baud not in (self._initial_baud, meter.baud):
            raise LocalProtocolError(f"the meter offers {meter.baud} baud, or {self._initial_baud} as now", field="baud")
        character = character_of(Mode.C, baud)
        self._say(symbol, OptionSelect("0", character, mode).to_bytes(), now)
        self._change_baud(BAUD_RATES[character])

    def _command(self, symbol: Symbol, command: Command, now: float) -> None:
        kind = COMMANDS.get((command.letter, command.type))
        if kind is None:
            raise LocalProtocolError(f"there is no command {command.letter}{command.type}", field="type")
        self._say(symbol, command.to_bytes(), now)

    def _say(self, symbol: Symbol, message: bytes, now: float) -> None:
        if not self._enter(symbol):
            raise self._misused(f"{symbol.value!r}")
        self._now = now
        self._repeats = 0
        self._asked_twice = False
        # What comes before the answer belongs to nothing that is asked now.
        self._reader.clear()
        self._events.clear()
        self._send(message)
        self._wait()

    # What the meter says.

    def _next_message(self) -> Message | None:
        return self._reader.next_message()

    def _reaction(self) -> float:
        return self.timing.reaction(self.identification.maker if self.identification is not None else "")

    def _hear(self, message: Message) -> None:
        match message:
            case Data():
                self._hear_data(message)
            case Acknowledgement():
                if self._enter(Symbol.ACKNOWLEDGEMENT):
                    self._answered(Accepted())
            case Identification():
                self._hear_identification(message)
            case Command("P", "0"):
                self._hear_operand(message)
            case Command("B"):
                if self._enter(Symbol.BREAK):
                    self._rest()
                    self._events.append(BrokenOff())
            case RepeatRequest():
                self._say_again(Symbol.REPEAT_REQUEST, self._last_sent)
            case Broken():
                self._say_again(Symbol.BROKEN, NAK)

    def _hear_identification(self, identification: Identification) -> None:
        is_mode_c = identification.mode is Mode.C
        if not self._enter(Symbol.IDENTIFICATION if is_mode_c else Symbol.IDENTIFICATION_IN_MODE_A_OR_B):
            return
        self.identification = identification
        self._answered(Identified(identification))
        if identification.mode is Mode.B:
            self._change_baud(identification.baud)

    def _hear_operand(self, command: Command) -> None:
        try:
            operand = DataSet.parse(command.data or "").value
        except ProtocolError:
            self._say_again(Symbol.BROKEN, NAK)
            return
        if self._enter(Symbol.OPERAND):
            self._answered(OperandReceived(operand))

    def _hear_data(self, data: Data) -> None:
        if self._state is ClientState.READING_OUT:
            self._hear_readout(data)
            return
        if error := _ERROR_TEXT.fullmatch(data.text):
            if self._enter(Symbol.ERROR_TEXT):
                self._answered(Refused(error[1]))
            return
        try:
            data_sets = parse_block(data.text)
        except ProtocolError:
            self._say_again(Symbol.BROKEN, NAK)
            return
        if self._is_of_another_register(data_sets) or not self._enter(Symbol.DATA if data.is_last else Symbol.PART):
            return
        if not data.is_last:
            self._send(ACK)
        self._answered(DataReceived(data_sets, data.is_last))

    def _hear_readout(self, data: Data) -> None:
        try:
            if not data.is_last or not data.text.endswith(READOUT_END):
                raise RemoteProtocolError("a data readout ends with ! CR LF ETX", field="data_block")
            data_sets = parse_block(data.text.removesuffix(READOUT_END))
        except ProtocolError:
            self._say_again(Symbol.BROKEN, NAK)
            return
        self._enter(Symbol.READOUT)
        self._send(ACK)
        self._answered(DataReceived(data_sets))
        self._rest()

    def _is_of_another_register(self, data_sets: tuple[DataSet, ...]) -> bool:
        """Whether the answer names another register than was asked for: it is late, and meant for an older question."""
        first = data_sets[0].address if data_sets else ""
        return self._state is ClientState.READING and bool(first) and _short(first) != _short(self._address)

    def _answered(self, event: ClientEvent) -> None:
        self._events.append(event)
        self._repeats = 0
        self._wait()
        if self._asked_twice and self._state is not ClientState.READING_PARTS:
            # The meter may have heard both and answer once more: that must not be taken for the answer to what comes next.
            self._keep_quiet()

    def _say_again(self, symbol: Symbol, message: bytes) -> None:
        was_writing = self._state is ClientState.WRITING
        if not self._enter(symbol):
            return
        if was_writing and symbol is Symbol.BROKEN:
            raise self._uncertain("the meter's answer came broken")
        if not self._may_repeat():
            raise self._given_up(self._state, "the meter was asked too often to repeat, or to hear a repeat")
        self._send(message, can_repeat=False)
        self._wait()

    # What time brings.

    def next_event(self) -> ClientEvent | None:
        """The next event; None: there is none yet. RemoteProtocolError for what the meter does wrong."""
        event = super().next_event()
        if event is None and self._deadline is not None and self._reader.has_begun:
            # An answer that comes slowly is not one that does not come.
            self._deadline = max(self._deadline, min(self._last_heard + self.timing.character_gap, self._patience_ends))
        return event

    def _wait(self) -> None:
        if self._state is ClientState.SIGNING_ON and not self.timing.has_line_time:
            self._line_free = min(self._line_free, self._speaks_at)
        super()._wait()
        if self._deadline is not None:
            self._patience_ends = self._deadline + LONGEST_DATA * BITS_PER_CHARACTER / self._baud

    def _time_out(self) -> None:
        silent = self._state
        self._reader.clear()
        self._enter(Symbol.TIME_OUT)
        if silent is ClientState.WRITING:
            raise self._uncertain("the meter did not answer")
        if silent is ClientState.SIGNING_ON and self._repeats >= self.timing.calls_repeated:
            raise self._given_up(silent, f"{self._whom()} did not answer, or not in whole")
        if self._state is not silent or not self._may_repeat():
            raise self._given_up(silent, "the meter did not answer, or not in whole")
        self._asked_twice = True
        self._send(NAK if silent is ClientState.ENTERING else self._last_sent, can_repeat=False)
        self._wait()

    def _whom(self) -> str:
        return f"meter {self._called}" if self._called else "the meter"

    def _keep_quiet(self) -> None:
        self._quiet_until = self._now + self.timing.reaction_maximum

    def _uncertain(self, why: str) -> RemoteProtocolError:
        self._deadline = None
        self._keep_quiet()
        return RemoteProtocolError(f"{why}: it may have written the value or not; read the register to know", field="answer")

    def _given_up(self, state: ClientState, why: str) -> RemoteProtocolError:
        if state not in (ClientState.SIGNING_ON, ClientState.READING_OUT):
            # A meter that still hears this need not wait for its own time-out.
            self._send(BREAK.to_bytes())
        self._enter(Symbol.TOO_OFTEN)
        self._rest()
        return RemoteProtocolError(f"{why}; the session is over", field="answer")

    def _rest(self) -> None:
        self._change_baud(self._initial_baud)
        self._deadline = None


def _short(address: str) -> str:
    """An OBIS code without medium, channel and billing period, which meters leave out as they like.

    >>> _short("1-0:1.8.0*255")
    '1.8.0'
    """
    return address.rpartition(":")[2].partition("*")[0]
