"""Slip: what the customer gets for the money, as the text that is printed and as an object for machines.

    STRUK PEMBELIAN LISTRIK PRABAYAR
    NO METER        : 12345678911
    ...
    STROOM/TOKEN    : 6651 7930 3573 5896 5013

Both walk a table of lines. Texts are Indonesian, as on the slips of PLN.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.numbers.transfer_amount import format_tenths
from pln_sim.vending.bill import Bill
from pln_sim.vending.customer import Customer
from pln_sim.vending.money import decimal, format_kwh, format_rupiah

TITLE = "STRUK PEMBELIAN LISTRIK PRABAYAR"
LABEL_WIDTH = 15
WIDTH = LABEL_WIDTH + len(" : ") + 32
"""Columns: the longest line is that of the 32-digit reference."""


@dataclass(frozen=True, kw_only=True)
class Slip:
    """All there is to say about one sold token."""

    customer: Customer
    bill: Bill
    token: str
    """The 20 digits."""
    reference: str
    """The PLN reference, 32 upper-case hexadecimal digits."""
    sold_at: datetime
    """Civil time."""
    lighting_tax: str
    """What the lighting tax is called on the day: PPJ or PBJT-TL."""


LINES: tuple[tuple[str | Callable[[Slip], str], Callable[[Slip], str]], ...] = (
    ("NO METER", lambda slip: slip.customer.meter),
    ("IDPEL", lambda slip: slip.customer.idpel),
    ("NAMA", lambda slip: slip.customer.name),
    ("TARIF/DAYA", lambda slip: slip.customer.tariff_and_power),
    ("NO REF", lambda slip: slip.reference),
    ("RP BAYAR", lambda slip: format_rupiah(slip.bill.paid)),
    ("METERAI", lambda slip: format_rupiah(slip.bill.stamp_duty)),
    ("PPN", lambda slip: format_rupiah(slip.bill.vat)),
    (lambda slip: slip.lighting_tax, lambda slip: format_rupiah(slip.bill.ppj)),
    ("ANGSURAN", lambda slip: format_rupiah(slip.bill.instalment)),
    ("RP STROOM/TOKEN", lambda slip: format_rupiah(slip.bill.stroom)),
    ("JML KWH", lambda slip: format_kwh(slip.bill.kwh)),
    ("STROOM/TOKEN", lambda slip: grouped(slip.token)),
    ("ADMIN BANK", lambda slip: format_rupiah(slip.bill.admin)),
)
"""The lines below the title: what stands before the colon, fixed or of the day, and what stands behind it."""

FIELDS: Mapping[str, Callable[[Slip], object]] = {
    "token": lambda slip: slip.token,
    "meter": lambda slip: slip.customer.meter,
    "idpel": lambda slip: slip.customer.idpel,
    "name": lambda slip: slip.customer.name,
    "tariff": lambda slip: slip.customer.tariff,
    "va": lambda slip: slip.customer.va,
    "reference": lambda slip: slip.reference,
    "sold_at": lambda slip: slip.sold_at.isoformat(),
    "paid": lambda slip: decimal(slip.bill.paid),
    "admin": lambda slip: decimal(slip.bill.admin),
    "stamp_duty": lambda slip: decimal(slip.bill.stamp_duty),
    "vat": lambda slip: decimal(slip.bill.vat),
    "ppj": lambda slip: decimal(slip.bill.ppj),
    "instalment": lambda slip: decimal(slip.bill.instalment),
    "stroom": lambda slip: decimal(slip.bill.stroom),
    "rate": lambda slip: decimal(slip.bill.rate),
    "kwh": lambda slip: format_tenths(slip.bill.kwh),
}
"""The object's fields. Money and kWh are decimal numbers in text."""


def as_text(slip: Slip) -> str:
    """The slip as it is printed, WIDTH columns wide at most, without a line end behind the last line."""
    lines = (f"{label if isinstance(label, str) else label(slip):<{LABEL_WIDTH}} : {value(slip)}" for label, value in LINES)
    return "\n".join([TITLE.center(WIDTH).rstrip(), *lines])


def as_json(slip: Slip) -> dict[str, object]:
    """The same as an object of JSON values."""
    return {name: value(slip) for name, value in FIELDS.items()}
