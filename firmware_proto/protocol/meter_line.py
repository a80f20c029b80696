"""Several meters on one line, as RS-485 has them: the device address of a request selects who hears and speaks.

To its link the line looks like one meter's end, with the meter named beside every event. A request without an address is
answered only where a single meter would, since several would speak at once. A meter that is not selected costs nothing.

>>> from firmware_proto.protocol.messages import Identification
>>> line = MeterLine([MeterEnd(Identification("PLN", "STS-1"), address) for address in ("04176855916", "07022752971")])
>>> [(meter.device_address, event) for meter, event in line.receive_data(b"/?7022752971!\\r\\n", now=0.0)]
[('07022752971', SignedOn(address='7022752971'))]
>>> [event for _, event in line.receive_data(b"/?!\\r\\n", now=1.0)], line.selected
([SessionEnded(reason='another meter was called')], None)
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from firmware_proto.errors import LocalProtocolError
from firmware_proto.protocol.characters import CharacterFormat
from firmware_proto.protocol.events import MeterEvent, Step
from firmware_proto.protocol.messages import LONGEST_DEVICE_ADDRESS
from firmware_proto.protocol.meter_end import MeterEnd

_REQUEST = re.compile(rb"/\?([^/!]{0,%d})!\r\n" % LONGEST_DEVICE_ADDRESS)
_LONGEST_REQUEST = LONGEST_DEVICE_ADDRESS + len("/?!\r\n")
Happening = tuple[MeterEnd, MeterEvent]


class MeterLine:
    """The meters of one line, all of one character format."""

    __slots__ = ("_character_format", "_concerned", "_meters", "_selected", "_tail")

    def __init__(self, meters: Iterable[MeterEnd]) -> None:
        self._meters: dict[str, MeterEnd] = {}
        self._character_format: CharacterFormat | None = None
        self._selected: MeterEnd | None = None
        self._concerned: list[MeterEnd] = []
        self._tail = b""
        for meter in meters:
            self.add(meter)

    def add(self, meter: MeterEnd) -> None:
        """Put one more meter on the line. LocalProtocolError if another has its address, or it speaks another format."""
        address = meter.device_address.lstrip("0")
        if address in self._meters:
            raise LocalProtocolError(f"two meters on one line have the address {meter.device_address}", field="device_address")
        if self._meters and meter.character_format is not self._character_format:
            raise LocalProtocolError("the meters of one line have one character format", field="character_format")
        self._character_format = meter.character_format
        meter.answers_without_address = not self._meters
        if len(self._meters) == 1:
            self.meters[0].answers_without_address = False
        self._meters[address] = meter

    @property
    def meters(self) -> tuple[MeterEnd, ...]:
        """All of them, in the order they came."""
        return tuple(self._meters.values())

    @property
    def selected(self) -> MeterEnd | None:
        """The meter that was called last."""
        return self._selected

    @property
    def deadline(self) -> float | None:
        """When to call ``advance`` if nothing comes before; None: never."""
        return None if self._selected is None else self._selected.deadline

    def receive_data(self, data: bytes, now: float) -> Iterator[Happening]:
        """Take in what came; tell whom it concerns and what it means. Answer each event before asking for the next."""
        # Everyone has heard his part before anyone answers: nothing is lost on someone who asks for one event only.
        happenings = [_named(meter, meter.receive_data(part, now)) for meter, part in self._parts(data)]
        return chain.from_iterable(happenings)

    def advance(self, now: float) -> Iterator[Happening]:
        """Let time pass, and tell what that means."""
        return iter(()) if self._selected is None else _named(self._selected, self._selected.advance(now))

    def steps_to_take(self) -> list[Step]:
        """What the link has to do now, in this order. Ask after every other call."""
        steps = [step for meter in self._concerned for step in meter.steps_to_take()]
        self._concerned = [] if self._selected is None else [self._selected]
        return steps

    def _parts(self, data: bytes) -> Iterator[tuple[MeterEnd, bytes]]:
        """Who hears what: each meter its own session, up to and with the request that ends it."""
        raw = self._tail + data
        before = len(self._tail)
        heard = before
        plain = raw if self._character_format is None else self._character_format.decode(raw)
        for request in _REQUEST.finditer(plain):
            if self._selected is not None:
                yield self._selected, raw[heard : request.end()]
            heard = request.end()
            called = self._called(request[1].decode("latin-1"))
            if called is not None and called is not self._selected:
                yield called, raw[request.start() : heard]
            if called is not self._selected:
                self._select(called)
        if self._selected is not None and heard < len(raw):
            yield self._selected, raw[heard:]
        self._tail = raw[max(heard if heard > before else 0, len(raw) - _LONGEST_REQUEST) :]

    def _called(self, address: str) -> MeterEnd | None:
        if address:
            return self._meters.get(address.lstrip("0"))
        return next(iter(self._meters.values())) if len(self._meters) == 1 else None

    def _select(self, meter: MeterEnd | None) -> None:
        self._selected = meter
        if meter is not None:
            self._concerned.append(meter)


def _named(meter: MeterEnd, events: Iterable[MeterEvent]) -> Iterator[Happening]:
    return ((meter, event) for event in events)
