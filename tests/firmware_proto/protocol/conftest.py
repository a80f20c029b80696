"""A bench in memory: a meter's end with a small device behind it, a client's end, and a line between them that may be bad.

For a meter's end that is spoken to in bytes, without a client's end, there is ``new_end``, and ``command`` for what is said.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.errors import RemoteProtocolError
from firmware_proto.protocol import (
    EIGHT_NONE,
    BaudChange,
    CharacterFormat,
    ClientEnd,
    ClientEvent,
    Identification,
    MeterEnd,
    MeterEvent,
    OperandRequested,
    PasswordGiven,
    ReadoutRequested,
    ReadRequested,
    Step,
    WriteRequested,
)
from firmware_proto.protocol.messages import Command
from firmware_proto.protocol.timing import STANDARD_TIMING, Timing

ADDRESS = "04176855916"
IDENTIFICATION = Identification("PLN", "STS-1", baud=9600)
AT_ONCE = Timing(reaction_minimum=0)
Fault = Callable[[bytes], list[tuple[float, bytes]]]
"""What the line makes of a message: pieces, each with a delay in seconds."""


class Device:
    """Registers, and a log long enough for partial blocks."""

    def __init__(self) -> None:
        self.registers = {"0.0.0": ADDRESS, "1.8.0": "001234.5", "2.8.0": "000000.0", "0-0:19.40.0": "0"}
        self.units = {"1.8.0": "kWh", "2.8.0": "kWh"}
        self.log = [DataSet("P.98", f"2611220830{i:02}") for i in range(20)]
        self.writes: list[tuple[str, str]] = []
        self.events: list[MeterEvent] = []

    def readout(self) -> list[DataSet]:
        return [DataSet(address, value, self.units.get(address, "")) for address, value in self.registers.items()]

    def answer(self, meter: MeterEnd, event: MeterEvent) -> None:
        self.events.append(event)
        match event:
            case ReadoutRequested():
                meter.readout(self.readout())
            case OperandRequested():
                meter.give_operand("00000000")
            case PasswordGiven(_, "right"):
                meter.acknowledge()
            case PasswordGiven():
                meter.refuse(ErrorText.WRONG_PASSWORD)
            case ReadRequested("P.98"):
                meter.reply(self.log)
            case ReadRequested(address) if address in self.registers:
                meter.reply([DataSet(address, self.registers[address], self.units.get(address, ""))])
            case WriteRequested() if event.address in self.registers:
                self.registers[event.address] = event.value
                self.writes.append((event.address, event.value))
                meter.acknowledge()
            case ReadRequested() | WriteRequested():
                meter.refuse(ErrorText.UNKNOWN_REGISTER)


class Bench:
    """Both ends, simulated time, and the way of every byte."""

    def __init__(
        self,
        *,
        timing: Timing = STANDARD_TIMING,
        character_format: CharacterFormat = EIGHT_NONE,
        identification: Identification = IDENTIFICATION,
        fault: Fault | None = None,
    ) -> None:
        self.now = 1000.0
        self.device = Device()
        self.meter = MeterEnd(identification, ADDRESS, timing=timing, character_format=character_format)
        self.client = ClientEnd(timing=timing, character_format=character_format)
        self.fault = fault
        self.heard: list[ClientEvent] = []
        self.failures: list[RemoteProtocolError] = []
        self._under_way: list[tuple[float, int, str, int, bytes]] = []
        self._order = itertools.count()
        self._bauds = {"meter": 300, "client": 300}

    def run(self, seconds: float = 0.0) -> list[ClientEvent]:
        """Let happen what happens, at least until the client waits for nothing, and for ``seconds``; what the client heard."""
        self.heard = []
        end = self.now + seconds
        self._take_steps()
        while True:
            moments = [moment for moment in (self.client.deadline, self.meter.deadline) if moment is not None]
            if self._under_way:
                moments.append(self._under_way[0][0])
            moment = min(moments, default=None)
            is_quiet = not self._under_way and self.client.deadline is None
            if moment is None or (is_quiet and moment > end):
                self.now = max(self.now, end)
                return self.heard
            self.now = max(self.now, moment)
            if self._under_way and self._under_way[0][0] <= self.now:
                _, _, to, baud, data = heapq.heappop(self._under_way)
                # At another rate every character is another one, none of them in order.
                self._hand(to, data if baud == self._bauds[to] else b"\xff" * len(data))
            self._pass_time()
            self._take_steps()

    def _hand(self, to: str, data: bytes) -> None:
        if to == "meter":
            self._meter_does(self.meter.receive_data(data, self.now))
        else:
            self._client_does(lambda: self.client.receive_data(data, self.now))

    def _pass_time(self) -> None:
        self._meter_does(self.meter.advance(self.now))
        self._client_does(lambda: self.client.advance(self.now))

    def _meter_does(self, events: Iterable[MeterEvent]) -> None:
        for event in events:
            self.device.answer(self.meter, event)

    def _client_does(self, act: Callable[[], Iterable[ClientEvent]]) -> None:
        try:
            self.heard += act()
        except RemoteProtocolError as error:
            self.failures.append(error)

    def _take_steps(self) -> None:
        self._carry("meter", "client", self.meter.steps_to_take())
        self._carry("client", "meter", self.client.steps_to_take())

    def _carry(self, sender: str, receiver: str, steps: list[Step]) -> None:
        for step in steps:
            if isinstance(step, BaudChange):
                self._bauds[sender] = step.baud
                continue
            pieces = [(0.0, step.data)] if self.fault is None else self.fault(step.data)
            for delay, piece in pieces:
                entry = (step.not_before + delay, next(self._order), receiver, self._bauds[sender], piece)
                heapq.heappush(self._under_way, entry)


class BadLine:
    """Does one thing at most to a message: drops, doubles or turns over one character, loses or delays all, cuts it up."""

    def __init__(self, seed: int, *, share: float, cuts: bool) -> None:
        self._random = random.Random(seed)
        self._share = share
        self._kinds = [self._drop, self._double, self._flip, self._lose, self._delay]
        self._cuts = cuts

    def __call__(self, data: bytes) -> list[tuple[float, bytes]]:
        delay, data = self._random.choice(self._kinds)(data) if self._random.random() < self._share else (0.0, data)
        if not data:
            return []
        if not self._cuts:
            return [(delay, data)]
        cut = self._random.randrange(len(data) + 1)
        return [(delay, data[:cut]), (delay, data[cut:])]

    def _drop(self, data: bytes) -> tuple[float, bytes]:
        at = self._random.randrange(len(data))
        return 0.0, data[:at] + data[at + 1 :]

    def _double(self, data: bytes) -> tuple[float, bytes]:
        at = self._random.randrange(len(data))
        return 0.0, data[: at + 1] + data[at:]

    def _flip(self, data: bytes) -> tuple[float, bytes]:
        at = self._random.randrange(len(data))
        return 0.0, data[:at] + bytes([data[at] ^ 1 << self._random.randrange(8)]) + data[at + 1 :]

    def _lose(self, data: bytes) -> tuple[float, bytes]:
        return 0.0, b""

    def _delay(self, data: bytes) -> tuple[float, bytes]:
        return self._random.uniform(0.0, 0.5), data


class SpokenEnd(MeterEnd):
    """A meter's end spoken to in bytes; its device grants all at once, and a register holds what it was asked with, or 0."""

    DATA_SETS: ClassVar = [DataSet("0.0.0", ADDRESS), DataSet("1.8.0", "001234.5", "kWh")]
    LOG: ClassVar = [DataSet("P.98", str(number)) for number in range(20)]

    def serve(self, data: bytes, now: float = 0.0) -> bytes:
        """Hand over bytes; the device does as it is told; what the meter says."""
        self.answer(self.receive_data(data, now))
        return self.data_to_send()

    def answer(self, events: Iterable[MeterEvent]) -> None:
        for event in events:
            match event:
                case ReadoutRequested():
                    self.readout(self.DATA_SETS)
                case OperandRequested():
                    self.give_operand("00000000")
                case ReadRequested("P.98"):
                    self.reply(self.LOG)
                case ReadRequested(address, argument):
                    self.reply([DataSet(address, argument or "0")])
                case PasswordGiven() | WriteRequested():
                    self.acknowledge()

    def signed_on(self) -> "SpokenEnd":
        """The meter in programming mode."""
        assert self.serve(b"/?!\r\n") == b"/PLN5STS-1\r\n"
        assert self.serve(b"\x06051\r\n") == Command("P", "0", "(00000000)").to_bytes()
        return self


@pytest.fixture(scope="session")
def new_end() -> Callable[..., SpokenEnd]:
    """``new_end(identification, address=, timing=, ...)``: one that waits for its first request, and reacts without delay."""

    def make(
        identification: Identification = IDENTIFICATION,
        address: str = ADDRESS,
        *,
        timing: Timing = AT_ONCE,
        **options: Any,
    ) -> SpokenEnd:
        return SpokenEnd(identification, address, timing=timing, **options)

    return make


@pytest.fixture(scope="session")
def command() -> Callable[..., bytes]:
    """``command("R1 1.8.0()", is_last=)``: as it stands on the line."""

    def make(text: str, *, is_last: bool = True) -> bytes:
        head, _, data = text.partition(" ")
        return Command(head[0], head[1], data or None, is_last).to_bytes()

    return make


@pytest.fixture(scope="session")
def new_bench() -> type[Bench]:
    return Bench


@pytest.fixture(scope="session")
def bad_line() -> type[BadLine]:
    return BadLine
