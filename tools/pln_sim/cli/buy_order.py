"""From the words of ``pln-sim buy`` to a purchase, and from its result to a line, a token and, if so wanted, the meter.

A result counts as told when it is printed and its token is in the meter. So one that a killed buy left between the two is
shown and entered by the next ``--resume``; a meter that had it already says so. True stands for all well.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meter_emu.shell import console
from meter_emu.shell.errors import FileError
from meter_emu.shell.home import make_home
from meter_emu.sts.errors import FormatError
from pln_sim.gateway.messages import ResponseCode, UnbuildableMessage
from pln_sim.switching.client import Client
from pln_sim.switching.journal import FILE_NAME, Journal, TakenOver
from pln_sim.switching.link import Address
from pln_sim.switching.purchase import Order, Outcome, Purchase, Result, Switching
from pln_sim.vending.money import decimal, format_rupiah

if TYPE_CHECKING:
    from pln_sim.cli.buy_entry import Answer, Keypad

GROUP = 4
RESUME = "run `pln-sim buy --resume`"
_OPTIONS = {"switcher_id": "--switching: ", "bank_code": "--bank: ", "merchant_category": "--merchant: "}
"""Which option says a field of the messages."""


@dataclass(frozen=True)
class Terms:
    """What the options say for every purchase."""

    home: Path
    switching: Switching
    wait: float
    allow_remote: bool
    as_json: bool
    keypad: Keypad | None = None
    """Where a sold token goes."""


def gateway_at(text: str, allow_remote: bool) -> Address:
    """The gateway's address; a usage error for one on another machine that was not allowed."""
    try:
        address = Address.parse(text)
    except FormatError as error:
        raise click.UsageError(str(error)) from None
    if not allow_remote and not address.is_loopback:
        why = "--allow-remote if it is your own, and no real network's"
        raise click.UsageError(f"{address} is not on this machine: {why}")
    return address


def buy_one(terms: Terms, gateway: Address, meter: str, amount: int) -> bool:
    """Buy, and print what became of it."""
    try:
        Purchase.begin(0, Order(meter, amount, "0", terms.switching))
    except UnbuildableMessage as error:
        raise click.UsageError(f"{_OPTIONS.get(error.name or '', '')}{error}") from None
    make_home(terms.home)
    with Journal(terms.home / FILE_NAME) as journal, _client(terms, journal, gateway) as client:
        try:
            result = client.buy(meter, amount)
        except TakenOver as error:
            raise console.Failure(f"suspect: {error}") from None
        except KeyboardInterrupt:
            console.note(f"the purchase may be open: {RESUME}")
            raise
        if not terms.as_json and result.outcome is not Outcome.SOLD:
            if not result.is_open:
                client.told(result)
            raise console.Failure(_line(result))
        return _tell(terms, journal, result)


def resume_all(terms: Terms, gateway: str | None) -> list[bool]:
    """Finish and print what is open, and print what was finished and never shown."""
    path = terms.home / FILE_NAME
    moved_to = gateway_at(gateway, terms.allow_remote) if gateway is not None else None
    if not path.exists():
        nowhere = f"there is no {FILE_NAME} in {terms.home}"
        raise console.Failure(f"{nowhere}: nothing was bought there; name the --home of the purchases")
    results: list[bool] = []
    with Journal(path) as journal:
        for begun_at in journal.gateways_of_open():
            address = moved_to or gateway_at(begun_at, terms.allow_remote)
            with _client(terms, journal, address) as client:
                for _ in client.resume(Address.parse(begun_at)):
                    results += _tell_untold(terms, journal)
        for purchase in journal.open_purchases():
            results.append(_tell(terms, journal, purchase.result))
        results += _tell_untold(terms, journal)
    if not results and not terms.as_json:
        click.echo("nothing is open")
    return results


def _client(terms: Terms, journal: Journal, gateway: Address) -> Client:
    return Client(journal, gateway, terms.switching, terms.wait, clock=console.now)


def _tell_untold(terms: Terms, journal: Journal) -> list[bool]:
    return [_tell(terms, journal, result) for result in journal.untold()]


def _tell(terms: Terms, journal: Journal, result: Result) -> bool:
    """Print what became of a purchase and key its token in; whether all is well.

    The sale is told whatever the meter does; where there is no meter to use it stays among the untold.
    """
    if not terms.as_json:
        _print(result)
    answer, is_entered = None, True
    if terms.keypad is not None and result.sale is not None:
        try:
            answer = terms.keypad(result.order.meter, result.sale.token)
        except (console.Failure, FileError) as error:
            is_entered = False
            console.warn(f"the token of meter {result.order.meter} was not keyed in: {error}; then {RESUME} with --enter")
    if terms.as_json:
        console.echo_json(_json(result, answer))
    elif answer is not None:
        click.echo("\n".join(answer.lines))
    if is_entered and not result.is_open:
        journal.set_told(result.serial)
    return is_entered and result.outcome is Outcome.SOLD and (answer is None or answer.accepted)


def _print(result: Result) -> None:
    click.echo(_line(result))
    if result.sale is not None:
        token = result.sale.token
        click.echo(" ".join(token[start : start + GROUP] for start in range(0, len(token), GROUP)))


def _line(result: Result) -> str:
    sale = result.sale
    if sale is not None:
        energy = f"{sale.energy} kWh" if sale.energy is not None else "energy not told"
        receipt = f", receipt {sale.vending_receipt}" if sale.vending_receipt else ""
        verdict = f"; {result.why}" if result.is_by_reconciliation else ""
        return f"sold: {energy} for meter {result.order.meter}, {format_rupiah(result.order.amount)}{receipt}{verdict}"
    is_told_why = result.code in (None, ResponseCode.SUCCESSFUL) or result.is_by_reconciliation
    reasons = [] if is_told_why else [f"{result.code} {_meaning(result.code)}".strip()]
    reasons += [result.why] if result.why else []
    if result.is_open:
        reasons.append(f"advice is still due, {RESUME}")
    elif result.outcome is Outcome.SUSPECT:
        reasons.append(f"reconciliation decides on reference {result.pln_reference}")
    what = f"{format_rupiah(result.order.amount)} for meter {result.order.meter}"
    return f"{result.outcome.value}: {what}: {'; '.join(reasons) or 'the client was killed before it asked for a token'}"


def _meaning(code: str | None) -> str:
    return ResponseCode(code).meaning if code in set(ResponseCode) else ""


def _json(result: Result, answer: Answer | None) -> dict[str, Any]:
    return {
        "outcome": result.outcome.value,
        "open": result.is_open,
        "meter": result.order.meter,
        "amount": decimal(result.order.amount),
        "reference": result.pln_reference,
        "receipt_reference": result.order.receipt_reference,
        "code": None if result.outcome is Outcome.SUSPECT else result.code,
        "why": result.why,
        "reconciled": result.is_by_reconciliation,
        "sale": None if result.sale is None else result.sale.as_json(),
        "entry": None if answer is None else answer.report,
    }
