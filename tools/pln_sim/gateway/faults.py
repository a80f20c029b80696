"""Faults: which request meets which fault, by its test meter or by chance. Seeded, so that a run can be repeated.

>>> from meter_emu.sts.numbers.drn import Drn
>>> from pln_sim.gateway.sandbox_meter import TestMeter
>>> meter = Drn("99000010013")
>>> faults = Faults({meter: TestMeter(meter, fault=Fault.CUT_AFTER)}, dict([rate("lost-reply=0.5")]), seed=1)
>>> faults.of(Mti.PURCHASE_REQUEST, meter)
<Fault.CUT_AFTER: 'cut-after'>
>>> [fault and fault.value for fault in (faults.of(Mti.INQUIRY_REQUEST, meter) for _ in range(5))]
['lost-reply', None, None, 'lost-reply', 'lost-reply']
>>> rate("lost-reply=2")
Traceback (most recent call last):
    ...
meter_emu.sts.errors.RangeError: the rate of lost-reply must be 0 to 1, not 2
"""

from collections.abc import Mapping
from math import fsum
from random import Random

from meter_emu.sts.errors import FormatError, RangeError
from meter_emu.sts.numbers.drn import Drn
from pln_sim.gateway.fault import Fault
from pln_sim.gateway.messages import Message, Mti, table
from pln_sim.gateway.sandbox_meter import TestMeter

_GARBAGE_BYTES = 64
_SLACK = 1e-9
"""Ten times 0.1 is not quite 1."""


class Faults:
    """The faults of a gateway. ``rates`` says how likely each one is; sign-on, sign-off and echo are spared. RangeError for
    rates that are more than 1 together."""

    def __init__(self, test_meters: Mapping[Drn, TestMeter], rates: Mapping[Fault, float], seed: int | None = None) -> None:
        self._test_meters = test_meters
        self._random = Random(seed)
        self.rates = dict(together(rates))

    def of_request(self, request: Message) -> Fault | None:
        """The fault a message meets, if it does."""
        return self.of(request.mti, request.text(table.METER_NUMBER)) if table.METER_NUMBER in request else None

    def of(self, mti: Mti, meter: str) -> Fault | None:
        """The fault a request of a type for a meter meets, if it does."""
        test_meter = self._test_meters.get(meter)  # type: ignore[call-overload]
        if test_meter and (fault := test_meter.fault_on(mti)):
            return Fault(fault)
        chance = self._random.random()
        if not self.rates:
            return None
        for fault in Fault:
            chance -= self.rates.get(fault, 0)
            if chance < 0:
                return fault
        return None

    def garbage(self) -> bytes:
        """Random bytes in place of a reply, none of which closes the message."""
        return self._random.randbytes(_GARBAGE_BYTES).replace(b"\xff", b"\xfe")


def together(rates: Mapping[Fault, float]) -> Mapping[Fault, float]:
    """The same rates. RangeError if they are more than 1 together: a request meets one fault at most."""
    if (likely := fsum(rates.values())) > 1 + _SLACK:
        raise RangeError(f"the rates of all faults must be at most 1 together, not {likely:g}", field="fault")
    return rates


def rate(written: str) -> tuple[Fault, float]:
    """A fault and how likely it is, from ``lost-reply=0.1``. FormatError or RangeError for anything else."""
    name, _, digits = written.partition("=")
    names = [fault.value for fault in Fault]
    if name not in names:
        raise FormatError(f"{name[:40]!r} is no fault: {', '.join(names)}", field="fault")
    try:
        likely = float(digits)
    except ValueError:
        raise FormatError(f"a fault is written like {name}=0.1, not {written[:40]!r}", field="fault") from None
    if not 0 <= likely <= 1:
        raise RangeError(f"the rate of {name} must be 0 to 1, not {digits[:40]}", field="fault")
    return Fault(name), likely
