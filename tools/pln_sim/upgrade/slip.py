"""How an upgrade and a voucher are shown: as text, Indonesian like all that PLN prints, or as an object for machines."""

from collections.abc import Callable, Mapping

from meter_emu.sts.numbers.digits import grouped
from pln_sim.upgrade.office import Made
from pln_sim.upgrade.records import Upgrade
from pln_sim.upgrade.voucher import Voucher, written
from pln_sim.vending.money import decimal, format_rupiah

_WIDTH = 15
_LINES: tuple[tuple[str, Callable[[Made], str]], ...] = (
    ("NO METER", lambda made: made.upgrade.meter),
    ("NAMA", lambda made: made.customer.name),
    ("TANGGAL", lambda made: f"{made.upgrade.made_at:%Y-%m-%d}"),
    ("TARIF/DAYA LAMA", lambda made: f"{made.upgrade.old_tariff}/{made.upgrade.old_va:09}VA"),
    ("TARIF/DAYA BARU", lambda made: f"{made.upgrade.tariff}/{made.upgrade.va:09}VA"),
    ("BIAYA PENYAMB.", lambda made: format_rupiah(made.upgrade.fee)),
    ("E-VOUCHER", lambda made: written(made.upgrade.voucher) if made.upgrade.voucher else "-"),
    ("RP BAYAR", lambda made: format_rupiah(made.upgrade.paid)),
)
FIELDS: Mapping[str, Callable[[Made], object]] = {
    "meter": lambda made: made.upgrade.meter,
    "name": lambda made: made.customer.name,
    "made_at": lambda made: made.upgrade.made_at.isoformat(),
    "repeated": lambda made: made.is_repeated,
    "old_tariff": lambda made: made.upgrade.old_tariff,
    "old_va": lambda made: made.upgrade.old_va,
    "old_ti": lambda made: made.upgrade.old_ti,
    "tariff": lambda made: made.upgrade.tariff,
    "va": lambda made: made.upgrade.va,
    "ti": lambda made: made.upgrade.ti,
    "fee": lambda made: decimal(made.upgrade.fee),
    "paid": lambda made: decimal(made.upgrade.paid),
    "voucher": lambda made: made.upgrade.voucher,
    "tokens": lambda made: list(made.upgrade.tokens),
    "key_change": lambda made: list(made.upgrade.key_change),
    "power_limit": lambda made: made.upgrade.power_limit,
    "before": lambda made: [
        {"va": earlier.va, "made_at": earlier.made_at.isoformat(), "tokens": list(earlier.tokens)} for earlier in made.before
    ],
}
"""The object's fields. Money is a decimal number in text; ``tokens`` are in the order in which they are keyed in, behind those
of the earlier upgrades in ``before``, unless these are keyed in already."""


def as_text(made: Made) -> str:
    """The slip, its tokens numbered in the order in which they are keyed in, those of earlier upgrades first."""
    lines = [f"{label:<{_WIDTH}} : {value(made)}" for label, value in _LINES]
    earlier: list[str] = []
    for upgrade in made.before:
        power = f"TAMBAH DAYA {upgrade.va} VA, {upgrade.made_at:%Y-%m-%d}"
        earlier += [f"LEBIH DAHULU, BILA BELUM DIMASUKKAN ({power}):", *_tokens(upgrade)]
    return "\n".join(["STRUK TAMBAH DAYA", *lines, *earlier, "MASUKKAN KE METER MENURUT URUTAN INI:", *_tokens(made.upgrade)])


def _tokens(upgrade: Upgrade) -> list[str]:
    labels = [f"GANTI KUNCI {place}" for place, _ in enumerate(upgrade.key_change, 1)] + ["BATAS DAYA"]
    return [f"{label:<{_WIDTH}} : {grouped(token)}" for label, token in zip(labels, upgrade.tokens, strict=True)]


def as_json(made: Made) -> dict[str, object]:
    """The same as an object of JSON values."""
    return {name: value(made) for name, value in FIELDS.items()}


def voucher_text(voucher: Voucher) -> str:
    """A voucher in one line."""
    price, until = format_rupiah(voucher.price), voucher.valid_until
    return f"{written(voucher.code)}  {voucher.promotion}: {price} to {voucher.va_to} VA, meter {voucher.meter}, until {until}"


def voucher_json(voucher: Voucher) -> dict[str, object]:
    """The same as an object of JSON values."""
    return {
        "voucher": voucher.code,
        "meter": voucher.meter,
        "order": voucher.purchase,
        "promotion": voucher.promotion,
        "price": decimal(voucher.price),
        "va_to": voucher.va_to,
        "issued_at": voucher.issued_at.isoformat(),
        "valid_until": voucher.valid_until.isoformat(),
    }
