"""The bench: the meters of a store, and as many lines to them as links ask for."""

from collections.abc import Callable, Iterator, Sequence

from firmware_proto.attendant import Attendant
from firmware_proto.meter_device import MeterDevice
from firmware_proto.protocol import (
    INITIAL_BAUD,
    CharacterFormat,
    Identification,
    MeterEnd,
    MeterLine,
    SignedOn,
    Step,
    Timing,
)
from firmware_proto.protocol.meter_line import Happening
from firmware_proto.registers import StoredLogs
from firmware_proto.stored_meters import StoredMeters
from meter_emu.meter.clock import Seconds
from meter_emu.store import Store
from meter_emu.sts.numbers import Drn

USUAL_BAUD = 9600


class Line:
    """One line with all meters of a bench on it, from what came to what is to be done. Sans-IO; see firmware_proto.protocol."""

    __slots__ = ("_attendant", "_meters", "has_new_session")

    def __init__(self, meters: MeterLine, attendant: Attendant) -> None:
        self._meters = meters
        self._attendant = attendant
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


class Bench:
    """Meters that wait to be plugged in. FileError if one of them cannot be read."""

    def __init__(self, store: Store, drns: Sequence[Drn], world: Callable[[], Seconds], baud: int = USUAL_BAUD) -> None:
        """``world`` is the civil time; ``baud`` what the meters offer at sign-on, up to 19 200."""
        self._device = MeterDevice(StoredLogs(store))
        self._meters = StoredMeters(store, world)
        self._identifications = {drn: Identification(*self._device.identity(store.load(drn)), baud=baud) for drn in drns}

    def new_line(self, timing: Timing, character_format: CharacterFormat, initial_baud: int = INITIAL_BAUD) -> Line:
        """A line of its own to all meters. Sessions on different lines know nothing of each other."""
        ends = (
            MeterEnd(identification, drn, timing=timing, initial_baud=initial_baud, character_format=character_format)
            for drn, identification in self._identifications.items()
        )
        return Line(MeterLine(ends), Attendant(self._meters, self._device))
