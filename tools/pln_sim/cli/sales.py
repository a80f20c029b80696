"""``pln-sim sales``: what a vending database remembers of each token that was sold, a page of them in memory at a time."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from meter_emu.shell import console
from pln_sim.cli.database import db_option, found
from pln_sim.cli.recon_steps import Day
from pln_sim.cli.token_request import home_folder, home_option

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from meter_emu.sts.numbers.drn import Drn
    from pln_sim.storage import Depot, Sale

COLUMNS = (
    ("receipt", "<8"),
    ("sold at", "<19"),
    ("settled on", "<10"),
    ("switching", "<9"),
    ("meter", "<11"),
    ("rupiah", ">14"),
    ("kWh", ">11"),
    ("reference", "<32"),
    ("verdict", "<13"),
    ("token", "<24"),
)
"""The titles of the columns, with their alignments and widths. The last one is left out unless it is asked for."""
MONEY = ("paid", "admin", "stamp_duty", "vat", "ppj", "instalment", "stroom")
"""The fields of a sale that are counted in cents."""
TIMES = ("local_time", "sold_at", "settled_on")


class SwitchingCode(click.ParamType[str]):
    """The code of a switching; nothing stands for sales without one."""

    name = "switching"
    _FORM = re.compile(r"([0-9A-Za-z]{7})?")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The code; a usage error for what can be none."""
        if not self._FORM.fullmatch(value):
            self.fail(f"a switching's code is 7 letters or digits, not {value[:20]!r}", param, ctx)
        return str(value)


@click.command()
@click.option("--date", "on", type=Day(), metavar="DAY", help="Only what is settled on this day.")
@click.option("--switching", type=SwitchingCode(), metavar="ID", help="Only what it bought; '' for `pln-sim vend`.")
@click.option("--meter", "drn", type=console.MeterNumber(), metavar="DRN", help="Only what was sold for this meter.")
@click.option("--tokens", "with_tokens", is_flag=True, help="Show the tokens too; they are money.")
@db_option
@console.json_option
@home_option
def sales(
    on: date | None,
    switching: str | None,
    drn: Drn | None,
    with_tokens: bool,
    db: str | None,
    as_json: bool,
    home: str | None,
) -> None:
    """List what a vending database has sold, the oldest first.

    It is what the gateway, `pln-sim vend` and reconciliation go by. The verdict is that of reconciliation, where there was one:
    what is cancelled is nobody's any more. With --json one sale a line with all that is known of it: what the bill was made of,
    trace number, TID and so on. The gateway may sell meanwhile.
    """
    depot = found(db, home_folder(home))
    if depot is None:
        where = f"there is no vending database in {home_folder(home)}"
        raise console.Failure(f"nothing was ever sold here: {where}; name it with --db")
    count = 0
    with depot:
        chosen = (sale for sale in depot.sales(on, switching) if drn is None or sale.meter == drn)
        for count, (sale, verdict) in enumerate(_with_verdicts(depot, chosen), 1):
            if as_json:
                console.echo_json(_json(sale, verdict, with_tokens))
                continue
            if count == 1:
                click.echo(_line([title for title, _ in COLUMNS], with_tokens))
            click.echo(_line(_cells(sale, verdict), with_tokens))
    if not count:
        is_all = on is None and switching is None and drn is None
        console.note("nothing was sold yet" if is_all else "no sale is like that")


def _with_verdicts(depot: Depot, sales: Iterator[Sale]) -> Iterator[tuple[Sale, str]]:
    """Each sale with what reconciliation made of it, a page of them at a time; nothing where it was not asked."""
    from pln_sim.storage.sql_storage import PAGE

    while page := list(islice(sales, PAGE)):
        decided = depot.decided([sale.reference for sale in page])
        for sale in page:
            yield sale, decided[sale.reference].result.words if sale.reference in decided else ""


def _cells(sale: Sale, verdict: str) -> list[str]:
    from meter_emu.sts.numbers.digits import grouped
    from pln_sim.vending.money import format_kwh, format_rupiah

    return [
        f"{sale.receipt:08}",
        sale.sold_at.isoformat(" "),
        sale.settled_on.isoformat(),
        sale.switcher_id or "-",
        str(sale.meter),
        format_rupiah(sale.paid).removeprefix("Rp "),
        format_kwh(sale.kwh),
        sale.reference,
        verdict,
        grouped(sale.token),
    ]


def _line(cells: list[str], with_tokens: bool) -> str:
    padded = [f"{cell:{form}}" for cell, (_, form) in zip(cells, COLUMNS, strict=True)]
    return "  ".join(padded if with_tokens else padded[:-1]).rstrip()


def _json(sale: Sale, verdict: str, with_tokens: bool) -> dict[str, Any]:
    """All that is known of a sale: money and energy as decimal numbers, times as ISO 8601 says."""
    from meter_emu.sts.numbers.transfer_amount import format_tenths
    from pln_sim.vending.money import decimal

    values = {"receipt": f"{sale.receipt:08}"} | vars(sale)
    values |= {name: decimal(values[name]) for name in MONEY} | {name: values[name].isoformat() for name in TIMES}
    values |= {"kwh": format_tenths(sale.kwh), "verdict": verdict or None}
    if not with_tokens:
        del values["token"]
    return values
