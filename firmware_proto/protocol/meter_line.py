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
from collections.abc import Callable, Iterable, Iterator
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
    """The meters of one line, all of one character format.

    ``before_call`` is told the address of each request before a meter is looked for: the moment to ``add`` and ``remove``.
    """

    __slots__ = ("_before_call", "_character_format", "_concerned", "_meters", "_selected", "_tail")

    def __init__(
        self,
        meters: Iterable[MeterEnd] = (),
        character_format: CharacterFormat | None = None,
        before_call: Callable[[str], None] | None = None,
    ) -> None:
        """``character_format``: what the meters speak; None: as the first does."""
        self._before_call = before_call
        self._meters: dict[str, MeterEnd] = {}
        self._character_format = character_format
        self._selected: MeterEnd | None = None
        self._concerned: list[MeterEnd] = []
        self._tail = b""
        for meter in meters:
            self.add(meter)

    def add(self, meter: MeterEnd) -> None:
        """Put one more meter on the line. LocalProtocolError if another has its address, or it speaks another format."""
        address = _bare(meter.device_address)
        if address in self._meters:
            raise LocalProtocolError(f"two meters on one line have the address {meter.device_address}", field="device_address")
        if self._character_format is None:
            self._character_format = meter.character_format
        if meter.character_format is not self._character_format:
            raise LocalProtocolError("the meters of one line have one character format", field="character_format")
        meter.answers_without_address = False
        self._meters[address] = meter
        self._agree_who_answers()

    def remove(self, address: str) -> None:
        """Take the meter of an address off the line, and its session with it. KeyError if there is none."""
        if self._meters.pop(_bare(address)) is self._selected:
            self._selected = None
        self._agree_who_answers()

    def meter(self, address: str) -> MeterEnd | None:
        """The meter that a request with this address calls; without one the only meter."""
        if address:
            return self._meters.get(_bare(address))
        return next(iter(self._meters.values())) if len(self._meters) == 1 else None

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
            called = self._called(request[1].decode("latin-1"))
            if self._selected is not None:
                yield self._selected, raw[heard : request.end()]
            heard = request.end()
            if called is not None and called is not self._selected:
                yield called, raw[request.start() : heard]
            if called is not self._selected:
                self._select(called)
        if self._selected is not None and heard < len(raw):
            yield self._selected, raw[heard:]
        self._tail = raw[max(heard if heard > before else 0, len(raw) - _LONGEST_REQUEST) :]

    def _called(self, address: str) -> MeterEnd | None:
        if self._before_call is not None:
            self._before_call(address)
        return self.meter(address)

    def _agree_who_answers(self) -> None:
        for first in self._meters.values():
            first.answers_without_address = len(self._meters) == 1
            break

    def _select(self, meter: MeterEnd | None) -> None:
        self._selected = meter
        if meter is not None:
            self._concerned.append(meter)


def _bare(address: str) -> str:
    return address.lstrip("0")


def _named(meter: MeterEnd, events: Iterable[MeterEvent]) -> Iterator[Happening]:
    return ((meter, event) for event in events)
