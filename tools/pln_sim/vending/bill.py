"""Bill: how a payment falls into its parts and how many kWh it buys. Pure, in whole numbers.

    net    = paid - admin charge - stamp duty - instalment
    stroom = net / (1 + PPJ + VAT), rounded as in its day; without any tax it is the net itself
    VAT    = its share of the stroom, rounded down to the same unit
    PPJ    = what is left; where there is none, VAT takes it
    kWh    = stroom / price of a kWh, rounded up to 0.1 kWh and on to the next amount that a token can carry

So the parts are always the payment. PPJ is the lighting tax, called PBJT-TL from 2026; stroom is the power purchase.

The example of the gateway specification, of January 2009:

>>> from pln_sim.vending.tariff import built_in_tariffs
>>> example = bill(
...     50000000, tariff="R1", va=450, ppj=300, on=date(2009, 1, 15), tariffs=built_in_tariffs(), instalment=24850000
... )
>>> example.stamp_duty, example.vat, example.ppj, example.stroom, example.kwh
(300000, 2199115, 659735, 21991150, 2330)

Who buys too little, too much, or so little that nothing is left for power gets no bill:

>>> bill(100000, tariff="R1", va=450, ppj=300, on=date(2026, 1, 15), tariffs=built_in_tariffs())
<Refusal.BELOW_MINIMUM: 'below minimum'>
>>> bill(20000000, tariff="R1", va=450, ppj=300, on=date(2026, 1, 15), tariffs=built_in_tariffs())
<Refusal.ABOVE_CEILING: 'above ceiling'>
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum

from meter_emu.sts.errors import RangeError
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT, decode_amount, encode_amount
from pln_sim.vending.money import WHOLE
from pln_sim.vending.rule import Direction, Rounding
from pln_sim.vending.tariff import Tariffs


class Refusal(Enum):
    """Why there is no bill."""

    BELOW_MINIMUM = "below minimum"
    """The payment is below the least that may be paid."""
    ABOVE_MAXIMUM = "above maximum"
    """The payment is above the most that may be paid, or buys more than a token can carry."""
    ABOVE_CEILING = "above ceiling"
    """With what was bought before, it would be more than the customer may buy in a month."""
    NOTHING_LEFT = "nothing left"
    """Admin charge, stamp duty and instalment leave nothing for power."""


@dataclass(frozen=True)
class Bill:
    """The parts of a payment, in cents, and what they buy. The parts always add up to what was paid."""

    paid: int
    admin: int
    stamp_duty: int
    vat: int
    ppj: int
    instalment: int
    stroom: int
    rate: int
    """The price of a kWh, in cents."""
    kwh: int
    """Tenths of a kWh, an amount that a token can carry."""


def bill(
    paid: int,
    *,
    tariff: str,
    va: int,
    ppj: int,
    on: date,
    tariffs: Tariffs,
    admin: int = 0,
    instalment: int = 0,
    bought: int = 0,
) -> Bill | Refusal:
    """The bill for a payment of ``paid`` cents by a customer of a tariff class and a contracted power in VA.

    ``ppj`` is the lighting tax in hundredths of a percent, ``admin`` and ``instalment`` are in cents, ``bought`` is what the
    customer has bought before in the month of ``on``, in tenths of a kWh. RangeError for a negative number and for a day or a
    customer that the tariffs do not know.
    """
    if min(ppj, admin, instalment, bought) < 0:
        raise _negative(ppj=ppj, admin=admin, instalment=instalment, bought=bought)
    terms = tariffs.terms(tariff, va, on)
    rate, vat, rounding, limit = terms.rate, terms.vat, terms.rounding, terms.limit
    if paid < limit.minimum:
        return Refusal.BELOW_MINIMUM
    if paid > limit.maximum:
        return Refusal.ABOVE_MAXIMUM
    stamp_duty = terms.stamp_duty(paid)
    net = paid - admin - stamp_duty - instalment
    if net <= 0:
        return Refusal.NOTHING_LEFT
    stroom, vat_part = _split(net, ppj, vat, rounding)
    if not stroom:
        return Refusal.NOTHING_LEFT
    kwh = _carried(-(-stroom * 10 // rate))
    if kwh is None:
        return Refusal.ABOVE_MAXIMUM
    if bought + kwh > limit.ceiling(va):
        return Refusal.ABOVE_CEILING
    return Bill(paid, admin, stamp_duty, vat_part, net - stroom - vat_part, instalment, stroom, rate, kwh)


def _negative(**numbers: int) -> RangeError:
    name, number = next((name, number) for name, number in numbers.items() if number < 0)
    return RangeError(f"{name} must not be negative: {number}", field=name)


def _split(net: int, ppj: int, vat: int, rounding: Rounding) -> tuple[int, int]:
    """The stroom and the VAT in a net amount; PPJ is the rest, which is never negative.

    To the nearest cent, the stroom is too high by half a cent at most. With a VAT below 100 % that moves the rest by less
    than a cent, and the rest is a whole number.
    """
    if not ppj and not vat:
        return net, 0
    divisor = (WHOLE + ppj + vat) * rounding.unit
    half = divisor // 2 if rounding.direction is Direction.NEAREST else 0
    stroom = (net * WHOLE + half) // divisor * rounding.unit
    if not ppj:
        return stroom, net - stroom
    return stroom, stroom * vat // (WHOLE * rounding.unit) * rounding.unit


def _carried(kwh: int) -> int | None:
    """The least amount of a token that is not below ``kwh``; None if there is none."""
    return decode_amount(encode_amount(kwh)) if kwh <= MAXIMUM_AMOUNT else None
