"""``pln-sim desk diagnose``: gathers what is known in the home and prints what follows from it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meter_emu.shell import console
from meter_emu.shell.key_file import key_store
from meter_emu.shell.tables_file import read_tables_file
from meter_emu.sts.ciphers import SAMPLE_TABLES
from meter_emu.sts.errors import FormatError
from meter_emu.sts.numbers import Drn
from meter_emu.sts.numbers.digits import decimal_digits
from pln_sim.cli.database import found
from pln_sim.helpdesk.attempts import Bought, attempts_of
from pln_sim.helpdesk.diagnosis import Evidence, diagnose_purchase, diagnose_token
from pln_sim.helpdesk.findings import Finding
from pln_sim.helpdesk.token_keys import TokenKeys
from pln_sim.helpdesk.vending_view import VendingView, has_taken, look, meters_of
from pln_sim.reconciliation.calendar import Calendar, indonesian_calendar
from pln_sim.storage import Depot
from pln_sim.switching.journal import FILE_NAME as JOURNAL_FILE
from pln_sim.switching.journal import Journal

if TYPE_CHECKING:
    from pln_sim.helpdesk.meter_view import MeterView

MOST_PURCHASES = 200
"""Of a meter, in the switching's journal."""
_MOST_DIGITS = 40


def print_diagnosis(
    home: Path,
    drn: Drn,
    token: str,
    at: datetime,
    *,
    meter_home: str | None,
    key_file: str | None,
    tables: Path | None,
    db: str | None,
    as_json: bool,
) -> None:
    """Look into everything there is, and print the findings. No purchase is touched."""
    digits = decimal_digits(token.replace(" ", "").replace("-", ""), None, "token", "token")
    if len(digits) > _MOST_DIGITS:
        raise FormatError(f"token has {len(digits)} digits, and 20 are right", field="token")
    keys = TokenKeys(key_store(key_file, home), read_tables_file(tables) if tables else SAMPLE_TABLES)
    view = _meter_view(meter_home, drn, at) if meter_home else None
    bought, switchings = _journal(home, drn, at)
    references = [each.purchase.pln_reference for each in bought if each.purchase.pln_reference]
    with ExitStack() as stack:
        depot = found(db, home)
        if depot:
            stack.enter_context(depot)
        known = depot.run(lambda storage: look(storage, drn, digits, references)) if depot else VendingView()
        attempts = attempts_of(known.sales, bought, known.decisions, switchings, knows_sales=depot is not None)
        evidence = Evidence(
            meter=drn,
            attempts=attempts,
            upgrades=known.upgrades,
            view=view,
            keys=keys,
            token_of=known.token_of,
            opened_by=lambda wanted: _other_meter(depot, keys, wanted),
            reconciled_on=_calendar().reconciliation_date,
            today=at.date(),
        )
        findings = diagnose_token(digits, evidence) if digits else diagnose_purchase(evidence)
    _print(drn, findings, as_json)


def _print(drn: Drn, findings: list[Finding], as_json: bool) -> None:
    for number, finding in enumerate(findings):
        if as_json:
            facts = {name: value for name, value in finding.facts.items() if name in ("reference", "other")}
            reconciled_on = finding.facts.get("reconciled_on")
            console.echo_json(
                {
                    "meter": drn,
                    "cause": finding.cause.value,
                    "what": finding.what,
                    "tell": finding.tell,
                    "tokens": list(finding.tokens),
                    **facts,
                    **({"reconciled_on": str(reconciled_on)} if reconciled_on else {}),
                }
            )
        else:
            click.echo(("\n" if number else "") + f"{finding.cause.value}: {finding.what}")
            click.echo(f"Sampaikan: {finding.tell}")


def _journal(home: Path, drn: Drn, at: datetime) -> tuple[list[Bought], frozenset[str]]:
    """The switching's purchases for the meter, and the switchings whose journal this is."""
    path = home / JOURNAL_FILE
    if not path.exists():
        return [], frozenset()
    with Journal(path) as journal:
        bought = [Bought(purchase, began_at or at) for purchase, began_at in journal.purchases_of(drn, MOST_PURCHASES)]
        return bought, journal.switchings()


def _calendar() -> Calendar:
    try:
        return indonesian_calendar({})
    except FormatError as error:
        console.note(f"{error}; until then Monday to Friday are working days")
        return Calendar(lambda day: False)


def _other_meter(depot: Depot | None, keys: TokenKeys, digits: str) -> Drn | None:
    """The meter whose key opens the token, if it was issued to that one."""
    if depot is None:
        return None
    opened_by = keys.open_all(digits, meters_of(depot))
    candidates = [
        (opened.card.drn, opened.card.parameters.base_date.value, opened.token.tid)
        for opened in opened_by
        if opened.token.tid is not None
    ]
    return has_taken(depot, candidates)


def _meter_view(meter_home: str, drn: Drn, at: datetime) -> MeterView | None:
    from pln_sim.cli.desk_meter import look_into

    return look_into(meter_home, at)(drn)
