"""The bench: the meters of a store, and as many lines to them as links ask for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

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
from meter_emu.meter.clock import Seconds
from meter_emu.store import Store
from meter_emu.sts.numbers import Drn

HIGHEST_BAUD = 19_200


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


@dataclass(frozen=True)
class Bench:
    """Meters that wait to be plugged in."""

    store: Store
    drns: Sequence[Drn]
    world: Callable[[], Seconds]
    """The civil time."""
    baud: int = 9600
    """The rate that the meters offer at sign-on, up to HIGHEST_BAUD. They begin at 300, as all do."""
    _identifications: dict[Drn, Identification] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        device = MeterDevice(StoredLogs(self.store))
        for drn in self.drns:
            maker, identity = device.identity(self.store.load(drn))
            self._identifications[drn] = Identification(maker, identity, baud=max(self.baud, INITIAL_BAUD))

    def new_line(self, timing: Timing, character_format: CharacterFormat) -> Line:
        """A line of its own to all meters. Sessions on different lines know nothing of each other."""
        ends = (
            MeterEnd(identification, drn, timing=timing, character_format=character_format)
            for drn, identification in self._identifications.items()
        )
        return Line(MeterLine(ends), Attendant(self.store, MeterDevice(StoredLogs(self.store)), self.world))
