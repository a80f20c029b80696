"""The bench: the meters of a store, and as many lines to them as links ask for."""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from firmware_proto.attendant import Attendant
from firmware_proto.errors import LocalProtocolError
from firmware_proto.meter_device import MeterDevice
from firmware_proto.protocol import (
    INITIAL_BAUD,
    CharacterFormat,
    Identification,
    MeterEnd,
    MeterLine,
    Mode,
    SessionEnded,
    SignedOn,
    Step,
    Timing,
)
from firmware_proto.protocol.meter_line import Happening
from firmware_proto.registers import StoredLogs
from firmware_proto.stored_meters import StoredMeters
from meter_emu.meter.clock import Seconds
from meter_emu.shell.errors import FileError
from meter_emu.store import Store
from meter_emu.sts.numbers import Drn

USUAL_BAUD = 9600
log = logging.getLogger("firmware_proto")


class Speech(NamedTuple):
    """How all ends on a line speak."""

    timing: Timing
    character_format: CharacterFormat
    initial_baud: int = INITIAL_BAUD


class Bench:
    """Meters that wait to be plugged in. FileError if one of them cannot be read."""

    def __init__(
        self,
        store: Store,
        drns: Sequence[Drn] | None,
        world: Callable[[], Seconds],
        baud: int = USUAL_BAUD,
        mode: Mode = Mode.C,
    ) -> None:
        """``drns`` are the meters, None: all that are installed, whenever that is; ``world`` is the civil time; ``baud`` what
        the meters offer at sign-on, in their ``mode``."""
        self.meters = StoredMeters(store, world)
        self.device = MeterDevice(StoredLogs(store))
        self._wanted = None if drns is None else frozenset(drns)
        self._baud = baud
        self._mode = mode
        self._identifications: dict[Drn, Identification] = {}
        for drn in self.drns():
            self.identification(drn)

    def drns(self) -> tuple[Drn, ...]:
        """Those that are there now."""
        installed = self.meters.drns()
        return installed if self._wanted is None else tuple(drn for drn in installed if drn in self._wanted)

    def identification(self, drn: Drn) -> Identification:
        """What a meter says to a request now."""
        known = Identification(*self.device.identity(self.meters.stored(drn)), self._mode, self._baud)
        self._identifications[drn] = known
        return known

    def new_end(self, drn: Drn, speech: Speech) -> MeterEnd:
        """A meter's end for one line. It says what the meter said last: a line with a thousand meters looks at those called."""
        known = self._identifications.get(drn) or self.identification(drn)
        timing, character_format, initial_baud = speech
        return MeterEnd(known, drn, timing=timing, initial_baud=initial_baud, character_format=character_format)

    def new_line(self, timing: Timing, character_format: CharacterFormat, initial_baud: int = INITIAL_BAUD) -> "Line":
        """A line of its own to all meters. Sessions on different lines know nothing of each other."""
        return Line(self, Speech(timing, character_format, initial_baud))


class Line:
    """One line with all meters of a bench on it, from what came to what is to be done. Sans-IO; see firmware_proto.protocol."""

    __slots__ = ("_attendant", "_bench", "_meters", "_speech", "_version", "has_new_session")

    def __init__(self, bench: Bench, speech: Speech) -> None:
        self._bench = bench
        self._speech = speech
        self._attendant = Attendant(bench.meters, bench.device)
        self._meters = MeterLine(character_format=speech.character_format, before_call=self._look_around)
        self._version: int | None = None
        self.has_new_session = False
        """Whether a client signed on in the last call."""

    @property
    def deadline(self) -> float | None:
        """When to call ``advance`` if nothing comes before; None: never."""
        return self._meters.deadline

    def receive_data(self, data: bytes, now: float) -> list[Step]:
        """Take in what came; what the link has to do about it."""
        return self._answered(self._meters.receive_data(data, now))

    def advance(self, now: float) -> list[Step]:
        """Let time pass; what the link has to do about it."""
        return self._answered(self._meters.advance(now))

    def _answered(self, happenings: Iterator[Happening]) -> list[Step]:
        self.has_new_session = False
        for meter, event in happenings:
            self._attendant.answer(meter, event)
            self.has_new_session |= isinstance(event, SignedOn)
        return self._meters.steps_to_take()

    def _look_around(self, address: str) -> None:
        """Someone is called: see who has been installed, taken away or given another brand since the last time."""
        try:
            version = self._bench.meters.version()
            if version != self._version:
                self._plug_in(self._bench.drns())
                self._version = version
            called = self._meters.meter(address)
            if called is not None:
                called.identification = self._bench.identification(Drn(called.device_address))
        except FileError as error:
            log.warning("the meters cannot be looked up: %s", error)

    def _plug_in(self, drns: Sequence[Drn]) -> None:
        there = {meter.device_address: meter for meter in self._meters.meters}
        for gone in there.keys() - set(drns):
            self._meters.remove(gone)
            self._attendant.answer(there[gone], SessionEnded("the meter was taken away"))
        for drn in drns:
            if drn not in there:
                try:
                    self._meters.add(self._bench.new_end(drn, self._speech))
                except LocalProtocolError as error:
                    log.warning("meter %s stays off the line: %s", drn, error)
