"""The meter's end of a line.

>>> from firmware_proto.data_set import DataSet
>>> from firmware_proto.protocol.timing import Timing
>>> meter = MeterEnd(Identification("PLN", "STS-1", baud=9600), "04176855916", timing=Timing(reaction_minimum=0))
>>> list(meter.receive_data(b"/?!\\r\\n", now=1.0)), meter.steps_to_take()
([SignedOn(address='')], [Send(data=b'/PLN5STS-1\\r\\n', not_before=1.0)])
>>> for event in meter.receive_data(b"\\x06050\\r\\n", now=2.0):
...     print(event)
...     meter.readout([DataSet("1.8.0", "12.5", "kWh")])
ReadoutRequested(option='0')
>>> meter.steps_to_take()
[BaudChange(baud=9600), Send(data=b'\\x021.8.0(12.5*kWh)\\r\\n!\\r\\n\\x03|', not_before=2.0)]
>>> list(meter.receive_data(b"\\x06", now=3.0)), meter.steps_to_take()
([SessionEnded(reason='the readout arrived')], [BaudChange(baud=300)])
"""

from collections.abc import Callable, Iterable, Mapping

from firmware_proto.data_set import LINE_END, DataSet, format_block, format_lines, parse_block
from firmware_proto.error_text import LONGEST_ERROR_TEXT, ErrorText
from firmware_proto.errors import LocalProtocolError, ProtocolError
from firmware_proto.protocol.baud_rates import BAUD_RATES, INITIAL_BAUD, Mode
from firmware_proto.protocol.characters import ACK, EIGHT_NONE, NAK, CharacterFormat
from firmware_proto.protocol.commands import COMMANDS
from firmware_proto.protocol.end import End
from firmware_proto.protocol.events import (
    MeterEvent,
    OperandRequested,
    PasswordGiven,
    ReadoutRequested,
    ReadRequested,
    SessionEnded,
    SignedOn,
    WriteRequested,
)
from firmware_proto.protocol.message_reader import MeterReader
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
from firmware_proto.protocol.states import METER_OWES, METER_TABLE, METER_WAITS, MeterState, Symbol
from firmware_proto.protocol.timing import STANDARD_TIMING, Timing

READOUT_OPTIONS = "06789"
"""Mode characters of the option select that ask for a readout: the normal one, and the maker's own."""
LINES_PER_PART = 8
"""Lines of a partial block where the command does not say."""
MOST_LINES_PER_PART = 99
LONGEST_WRITE = 4096
"""Characters that a command in partial blocks may have."""


class MeterEnd(End[MeterState, MeterEvent]):
    """One meter on a line.

    On a line with several, each hears everything, and only the one whose address is called answers; there
    ``answers_without_address`` is False, since all would speak at once.
    """

    __slots__ = ("_lines_per_part", "_parts", "_written", "answers_without_address", "device_address", "identification")

    _table = METER_TABLE
    _waits = METER_WAITS

    def __init__(
        self,
        identification: Identification,
        device_address: str,
        *,
        timing: Timing = STANDARD_TIMING,
        initial_baud: int = INITIAL_BAUD,
        character_format: CharacterFormat = EIGHT_NONE,
        answers_without_address: bool = True,
    ) -> None:
        super().__init__(MeterState.WAITING, MeterReader(), timing, initial_baud, character_format)
        Request(device_address)  # refuses what no client could call
        self.identification = identification
        self.device_address = device_address
        self.answers_without_address = answers_without_address
        self._parts: list[str] = []
        self._lines_per_part = LINES_PER_PART
        self._written = ""

    # What the device answers.

    def readout(self, data_sets: Iterable[DataSet]) -> None:
        """The data readout."""
        self._answer(Symbol.READOUT, Data(format_block(data_sets) + READOUT_END).to_bytes())

    def give_operand(self, operand: str = "") -> None:
        """The operand of programming mode (P0); an empty one where passwords are given as they are."""
        self._answer(Symbol.OPERAND, Command("P", "0", str(DataSet("", operand))).to_bytes())

    def reply(self, data_sets: Iterable[DataSet]) -> None:
        """The content of a register: one data set, or the many of a log."""
        lines = format_lines(data_sets)
        if self._state is not MeterState.READING_PARTS:
            self._answer(Symbol.DATA, Data(LINE_END.join(lines)).to_bytes())
            return
        self._parts[:] = [
            LINE_END.join(lines[i : i + self._lines_per_part]) for i in range(0, len(lines), self._lines_per_part)
        ]
        self._send_part()

    def acknowledge(self) -> None:
        """The password is right; the register is written."""
        self._answer(Symbol.ACKNOWLEDGEMENT, ACK)

    def refuse(self, text: ErrorText | str) -> None:
        """An error text, at most 32 characters."""
        self._answer(Symbol.ERROR_TEXT, _error(text))

    def break_off(self) -> None:
        """End the session from this side, whatever the state; nothing where there is none."""
        if self._state is not MeterState.WAITING:
            self._say_break()
            self._enter(Symbol.BREAK)
            self._end_session("the meter ended it")

    def _answer(self, symbol: Symbol, message: bytes) -> None:
        if self._state not in METER_OWES or not self._enter(symbol):
            raise self._misused(f"the answer {symbol.value!r}")
        self._send(message)
        self._wait()

    # What the client says.

    def _next_message(self) -> Message | None:
        return self._reader.next_message(option_select=self._state is MeterState.IDENTIFIED)

    def _is_deaf(self) -> bool:
        return self._state in METER_OWES

    def _reaction(self) -> float:
        return self.timing.reaction(self.identification.maker)

    def _hear(self, message: Message) -> None:
        match message:
            case Command():
                self._hear_command(message)
            case Acknowledgement():
                self._hear_acknowledgement()
            case Request():
                self._hear_request(message)
            case OptionSelect():
                self._hear_option_select(message)
            case RepeatRequest():
                self._say_again(Symbol.REPEAT_REQUEST, self._last_sent)
            case Broken():
                self._say_again(Symbol.BROKEN, NAK)

    def _hear_request(self, request: Request) -> None:
        is_for_us = request.is_for(self.device_address) if request.address else self.answers_without_address
        mode = self.identification.mode
        symbol = Symbol.REQUEST if mode is Mode.C else Symbol.REQUEST_IN_MODE_A_OR_B
        in_session = self._state is not MeterState.WAITING
        if not self._enter(symbol if is_for_us else Symbol.REQUEST_FOR_ANOTHER):
            return
        if in_session:
            self._end_session("the client signed on anew" if is_for_us else "another meter was called")
        if not is_for_us:
            return
        self._send(self.identification.to_bytes())
        self._events.append(SignedOn(request.address))
        if mode is not Mode.C:
            if mode is Mode.B:
                self._change_baud(self.identification.baud)
                self._let_reopen(after=self._line_free)
            self._events.append(ReadoutRequested())
        self._wait()

    def _hear_option_select(self, option: OptionSelect) -> None:
        symbol = self._symbol_of(option)
        if not self._enter(symbol):
            return
        if symbol is Symbol.SELECT_OTHER:
            self._end_session("the client selected what this meter does not offer")
            return
        self._change_baud(BAUD_RATES[option.baud_character])
        self._let_reopen(after=self._last_heard)
        self._events.append(ReadoutRequested(option.mode) if symbol is Symbol.SELECT_READOUT else OperandRequested())
        self._wait()

    def _symbol_of(self, option: OptionSelect) -> Symbol:
        rate = BAUD_RATES.get(option.baud_character) if option.baud_character.isdigit() else None
        if option.protocol != "0" or rate is None or rate > max(self.identification.baud, self._initial_baud):
            return Symbol.SELECT_OTHER
        if option.mode == "1":
            return Symbol.SELECT_PROGRAMMING
        return Symbol.SELECT_READOUT if option.mode in READOUT_OPTIONS else Symbol.SELECT_OTHER

    def _hear_acknowledgement(self) -> None:
        if not self._enter(Symbol.ACKNOWLEDGEMENT):
            return
        self._repeats = 0
        if self._state is MeterState.READING_PARTS:
            self._send_part()
        else:
            self._end_session("the readout arrived")

    def _hear_command(self, command: Command) -> None:
        kind = COMMANDS.get((command.letter, command.type))
        symbol = Symbol.OTHER_COMMAND if kind is None else kind.symbol
        if symbol is Symbol.BREAK:
            if self._enter(symbol):
                self._end_session("the client ended it")
            return
        if self._state is not MeterState.PROGRAMMING:
            return
        self._repeats = 0
        if kind is None:
            self._obey_not(ErrorText.UNSUPPORTED_COMMAND)
        elif command.is_last:
            self._ask_device(symbol, command)
        elif symbol is Symbol.WRITE:
            self._keep_part(command.data or "")
        else:
            self._obey_not(ErrorText.MALFORMED_VALUE)

    def _ask_device(self, symbol: Symbol, command: Command) -> None:
        text, self._written = self._written + (command.data or ""), ""
        try:
            data_sets = parse_block(text)
        except ProtocolError:
            data_sets = ()
        event = _QUESTIONS[symbol](data_sets, command.type) if data_sets else None
        if event is None:
            self._obey_not(ErrorText.MALFORMED_VALUE)
            return
        if symbol is Symbol.READ_PARTS:
            self._lines_per_part = _lines_per_part(data_sets)
        self._enter(symbol)
        self._events.append(event)
        self._wait()

    def _keep_part(self, text: str) -> None:
        if len(self._written) + len(text) > LONGEST_WRITE:
            self._obey_not(ErrorText.MALFORMED_VALUE)
            return
        self._written += text
        self._enter(Symbol.WRITE_PART)
        self._send(ACK)
        self._wait()

    def _obey_not(self, text: ErrorText) -> None:
        self._written = ""
        self._enter(Symbol.OTHER_COMMAND)
        self._send(_error(text))
        self._wait()

    def _send_part(self) -> None:
        part = self._parts.pop(0) if self._parts else ""
        is_last = not self._parts
        self._answer(Symbol.DATA if is_last else Symbol.PART, Data(part, is_last).to_bytes())

    def _say_again(self, symbol: Symbol, message: bytes) -> None:
        if not self._enter(symbol):
            return
        if self._may_repeat():
            self._send(message, can_repeat=False)
            self._wait()
            return
        if self._state is not MeterState.READ_OUT:
            self._say_break()
        self._enter(Symbol.TOO_OFTEN)
        self._end_session("too many repeats")

    def _time_out(self) -> None:
        self._enter(Symbol.TIME_OUT)
        self._end_session("the client fell silent")

    def _let_reopen(self, after: float) -> None:
        if self.timing.reopening:
            self._quiet_until = after + self.timing.reopening

    def _say_break(self) -> None:
        self._send(BREAK.to_bytes())

    def _end_session(self, reason: str) -> None:
        self._change_baud(self._initial_baud)
        self._deadline = None
        self._repeats = 0
        self._parts, self._written = [], ""
        self._events.append(SessionEnded(reason))


def _password(data_sets: tuple[DataSet, ...], type_: str) -> MeterEvent | None:
    return PasswordGiven(int(type_), data_sets[0].value) if len(data_sets) == 1 else None


def _read(data_sets: tuple[DataSet, ...], type_: str) -> MeterEvent:
    return ReadRequested(data_sets[0].address, data_sets[0].value, type_)


def _write(data_sets: tuple[DataSet, ...], type_: str) -> MeterEvent:
    return WriteRequested(data_sets, type_)


_QUESTIONS: Mapping[Symbol, Callable[[tuple[DataSet, ...], str], MeterEvent | None]] = {
    Symbol.PASSWORD: _password,
    Symbol.READ: _read,
    Symbol.READ_PARTS: _read,
    Symbol.WRITE: _write,
}
"""What a command asks of the device; None where its data are not of the command's form."""


def _lines_per_part(data_sets: tuple[DataSet, ...]) -> int:
    """A second value after the argument says it, as in ``P.98(from;to)(10)``."""
    asked = data_sets[1].value if len(data_sets) > 1 else ""
    return min(max(int(asked), 1), MOST_LINES_PER_PART) if asked.isdecimal() else LINES_PER_PART


def _error(text: str) -> bytes:
    if len(text) > LONGEST_ERROR_TEXT:
        raise LocalProtocolError(
            f"an error text has at most {LONGEST_ERROR_TEXT} characters, not {len(text)}", field="error_text"
        )
    return Data(str(DataSet("", text))).to_bytes()
