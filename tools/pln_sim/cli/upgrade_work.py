"""What the commands of ``pln-sim upgrade`` do with what they were told."""

import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click

from meter_emu.shell import console
from meter_emu.shell.key_file import TEST_KEYS, key_store_for
from meter_emu.shell.tables_file import read_tables_file
from meter_emu.sts.ciphers import SAMPLE_TABLES
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from pln_sim.cli.database import found, opened
from pln_sim.storage import Storage
from pln_sim.upgrade.office import Office, Wanted
from pln_sim.upgrade.records import Refused
from pln_sim.upgrade.rules import Rules, built_in_rules, read_rules
from pln_sim.upgrade.slip import as_json as upgrade_json
from pln_sim.upgrade.slip import as_text, voucher_json, voucher_text
from pln_sim.vending.customer import Customer
from pln_sim.vending.money import decimal, format_rupiah

T = TypeVar("T")


def print_upgrade(
    home: Path,
    drn: Drn,
    at: datetime,
    *,
    va: int,
    voucher: str | None,
    rules: Path | None,
    key_file: str | None,
    tables: Path | None,
    db: str | None,
    as_json: bool,
) -> None:
    """Upgrade a contract, durably, then print its tokens. Failure if the rules refuse."""
    keys = key_store_for(drn, {}, key_file, home)
    office = Office(_rules(rules), keys, secrets.token_bytes, read_tables_file(tables) if tables else SAMPLE_TABLES)
    wanted = Wanted(drn, va, voucher, at)
    made = _done(_run(home, db, lambda storage: office.upgrade(storage, wanted)))
    if keys.key_of(keys.card(drn)).is_test_key:
        console.note(TEST_KEYS)
    if made.is_repeated:
        later = f"; the meter's contract has {made.customer.va} VA by now" if made.customer.va != made.upgrade.va else ""
        console.note(f"this upgrade was made on {made.upgrade.made_at:%Y-%m-%d %H:%M}: these are its tokens again{later}")
    if made.before:
        powers = " and ".join(f"{upgrade.va} VA" for upgrade in made.before)
        console.warn(f"the meter takes these tokens only behind those of its upgrade to {powers}, which are printed first")
    if as_json:
        console.echo_json(upgrade_json(made))
    else:
        click.echo(as_text(made))


def print_voucher(
    home: Path, drn: Drn, purchase: str, *, at: datetime, rules: Path | None, db: str | None, as_json: bool
) -> None:
    """Issue a voucher, durably, then print it. Failure if the rules refuse."""
    office = Office(_rules(rules), KeyStore.empty(), secrets.token_bytes)
    voucher = _done(_run(home, db, lambda storage: office.issue_voucher(storage, drn, purchase, at)))
    if as_json:
        console.echo_json(voucher_json(voucher))
    else:
        click.echo(voucher_text(voucher))


def print_prices(home: Path, drn: Drn, at: datetime, *, rules: Path | None, db: str | None, as_json: bool) -> None:
    """Print a line for each power that a customer can rise to. Failure for an unknown meter."""
    table, today = _rules(rules), at.date()

    customer = _customer(home, db, drn)
    if customer is None:
        raise console.Failure(f"meter {drn} is nobody's: no customer in the vending database has it")
    promotion = table.promotion(today)
    for va in table.powers_above(customer.tariff, customer.va, today):
        contract, fee = table.contract(customer.tariff, va, today), table.fee(customer.va, va, today)
        special = min(promotion.rupiah, fee) if promotion and va <= promotion.va_to else None
        assert contract is not None
        if as_json:
            values = {"tariff": contract.tariff, "va": va, "ti": contract.ti, "fee": decimal(fee)}
            console.echo_json(values | {"with_voucher": None if special is None else decimal(special)})
        else:
            with_voucher = f", {format_rupiah(special)} with a voucher" if special is not None else ""
            click.echo(f"{contract.tariff}/{va:09}VA  {format_rupiah(fee)}{with_voucher}")


def _customer(home: Path, db: str | None, drn: Drn) -> Customer | None:
    """Whose a meter is. Who only asks makes no database; until there is one, the customers are those that come along."""

    def look(storage: Storage) -> tuple[bool, Customer | None]:
        return storage.is_loaded(), storage.customer(drn)

    depot = found(db, home)
    if depot is not None:
        with depot:
            is_loaded, customer = depot.run(look)
        if is_loaded:
            return customer
    from pln_sim.gateway.configuration import built_in_configuration

    return built_in_configuration().customers.get(drn)


def _rules(path: Path | None) -> Rules:
    return read_rules(path) if path else built_in_rules()


def _run(home: Path, db: str | None, job: Callable[[Storage], T]) -> T:
    """What a job returns, run on the vending database, which is made if need be."""

    def require_loaded(storage: Storage) -> None:
        if not storage.is_loaded():
            from pln_sim.gateway.configuration import load_built_in

            load_built_in(storage)

    with opened(db, home) as depot:
        depot.run(require_loaded)
        return depot.run(job)


def _done(answer: T | Refused) -> T:
    if isinstance(answer, Refused):
        raise console.Failure(answer.line)
    return answer
