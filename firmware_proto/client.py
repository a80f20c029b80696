"""A client at a port: says what the client's end of the protocol says, and waits for the meter's answer.

It blocks; one object serves one thread. What the meter answers with an error text is a MeterRefusal, what comes wrong or not
at all a RemoteProtocolError, and a port that is gone PortLost.
"""

import os
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import serial

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.errors import RemoteProtocolError, reason_of
from firmware_proto.protocol import (
    EIGHT_NONE,
    INITIAL_BAUD,
    SEVEN_EVEN,
    Accepted,
    BaudChange,
    BrokenOff,
    ClientEnd,
    ClientEvent,
    ClientState,
    DataReceived,
    Identification,
    Identified,
    Mode,
    OperandReceived,
    Refused,
    Timing,
)
from firmware_proto.protocol.timing import STANDARD_TIMING

POLL = 0.05
"""Seconds after which the clock is looked at while nothing comes."""
CARRIES_EIGHT_BITS = ("socket://", "loop://")
"""Ports that know no parity: there 8N1 is usual, and a parity bit is made in software."""
WITHOUT_LINE_TIME = ("socket://", "loop://")
PLAIN_SOCKET = "socket://"
EventT = TypeVar("EventT", bound=ClientEvent)


class PortLost(Exception):
    """The port cannot be opened or used; in one line."""


class MeterRefusal(Exception):
    """The meter answered with an error text."""

    def __init__(self, text: str) -> None:
        known = next((error for error in ErrorText if error.value == text), None)
        super().__init__(f"the meter answers {text}" + (f": {known.meaning}" if known else ""))
        self.text = text


class PortSettings(NamedTuple):
    """Which port, and how it is spoken at."""

    name: str
    """Anything that pyserial opens: /dev/ttyUSB0, a pty, ``socket://HOST:PORT``, ``rfc2217://HOST:PORT``."""
    initial_baud: int = INITIAL_BAUD
    baud: int | None = None
    """The rate to go on with; None: the one the meter offers."""
    has_parity: bool | None = None
    """7E1 or 8N1; None: 7E1, and 8N1 where the port knows no parity."""
    answer_time: float = STANDARD_TIMING.reaction_maximum
    """Seconds to wait for an answer to begin."""

    @property
    def knows_parity(self) -> bool:
        """Whether the port itself can make the parity bit. A pseudo terminal cannot.

        >>> [PortSettings(name).knows_parity for name in ("/dev/ttyUSB0", "rfc2217://10.0.0.1:4000", "socket://10.0.0.1:4000")]
        [True, True, False]
        """
        return not self.name.startswith(CARRIES_EIGHT_BITS) and not os.path.realpath(self.name).startswith("/dev/pts/")


class Client:
    """Talks to one meter after another at a port, which is opened now. A context manager. PortLost if it cannot be had."""

    def __init__(self, settings: PortSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        has_parity = settings.knows_parity if settings.has_parity is None else settings.has_parity
        in_hardware = has_parity and settings.knows_parity
        self._port = _opened(settings, in_hardware=in_hardware)
        self._end = ClientEnd(
            timing=Timing(
                reaction_minimum=0.0 if settings.name.startswith(WITHOUT_LINE_TIME) else None,
                reaction_maximum=settings.answer_time,
                has_line_time=settings.knows_parity,
            ),
            initial_baud=settings.initial_baud,
            character_format=SEVEN_EVEN if has_parity and not in_hardware else EIGHT_NONE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.break_off()
        except PortLost:
            pass
        finally:
            _close(self._port)

    def sign_on(self, address: str = "") -> Identification:
        """Call the meter of a device address, or the only one there is."""
        self._end.sign_on(address, now=self._clock())
        return self._answer(Identified).identification

    def readout(self) -> tuple[DataSet, ...]:
        """The data readout of the meter that was called; its session is over then."""
        if self._end.state is not ClientState.READING_OUT:  # in mode A and B it comes by itself
            self._end.request_readout(baud=self._settings.baud, now=self._clock())
        return self._answer(DataReceived).data_sets

    def enter_programming(self) -> str:
        """Begin programming mode; the meter's operand."""
        meter = self._end.identification
        if meter is not None and meter.mode is not Mode.C:
            raise RemoteProtocolError(f"the meter speaks mode {meter.mode.value}: it gives its readout and takes no commands")
        self._end.enter_programming(baud=self._settings.baud, now=self._clock())
        return self._answer(OperandReceived).operand

    def give_password(self, level: int, password: str) -> None:
        """Password P1 or P2."""
        self._end.give_password(level, password, now=self._clock())
        self._answer(Accepted)

    def read(self, address: str, argument: str = "") -> tuple[DataSet, ...]:
        """A register, or a range of a log."""
        self._end.read(address, argument, now=self._clock())
        return self._answer(DataReceived).data_sets

    def write(self, address: str, value: str) -> None:
        """A value for a register. After a RemoteProtocolError or PortLost it may have been written or not."""
        self._end.write(address, value, now=self._clock())
        self._answer(Accepted)

    def break_off(self) -> None:
        """End the session, if there is one."""
        self._end.break_off(now=self._clock())
        self._take_steps()

    def _answer(self, kind: type[EventT]) -> EventT:
        self._take_steps()
        try:
            for event in self._events():
                if isinstance(event, Refused):
                    raise MeterRefusal(event.text)
                if isinstance(event, BrokenOff):
                    raise RemoteProtocolError("the meter ended the session", field="answer")
                if isinstance(event, kind):
                    return event
        finally:
            self._take_steps()
        raise AssertionError("the client's end waits for nothing, and yet there was no answer")

    def _events(self) -> Iterator[ClientEvent]:
        while self._end.deadline is not None:
            data = self._received()
            now = self._clock()
            yield from self._end.receive_data(data, now) if data else self._end.advance(now)
            self._take_steps()

    def _received(self) -> bytes:
        try:
            data: bytes = self._port.read(1)
            if data and (waiting := self._port.in_waiting):
                data += self._port.read(waiting)
        except (serial.SerialException, OSError) as error:
            raise self._lost(error) from error
        return data

    def _take_steps(self) -> None:
        try:
            for step in self._end.steps_to_take():
                if isinstance(step, BaudChange):
                    self._port.flush()
                    self._port.baudrate = step.baud
                else:
                    time.sleep(max(0.0, step.not_before - self._clock()))
                    self._port.write(step.data)
        except (serial.SerialException, OSError) as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> PortLost:
        return PortLost(f"{self._settings.name} is lost: {reason_of(error)}")


def _opened(settings: PortSettings, *, in_hardware: bool) -> Any:
    bits, parity = (serial.SEVENBITS, serial.PARITY_EVEN) if in_hardware else (serial.EIGHTBITS, serial.PARITY_NONE)
    try:
        return serial.serial_for_url(settings.name, settings.initial_baud, bits, parity, timeout=POLL, exclusive=True)
    except (serial.SerialException, OSError, ValueError) as error:
        raise PortLost(f"{settings.name} cannot be opened: {reason_of(error)}") from error


def _close(port: Any) -> None:
    connection = getattr(port, "_socket", None)
    if str(port.portstr or "").startswith(PLAIN_SOCKET):
        port.is_open = False  # Else its close sleeps for 0.3 s.
    port.close()
    if connection is not None:  # Where the peer is gone, pyserial leaves it open.
        connection.close()
