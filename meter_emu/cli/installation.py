"""``install`` a meter, as the factory and the utility do together; ``uninstall`` it."""

import os
import sys
from typing import Any

import click

from meter_emu.cli.factory import install_meter
from meter_emu.cli.session import choice_of, home_option, open_store, profile_option, refuse_a_leap
from meter_emu.meter.access import DEFAULT_PASSWORDS, Access, Level
from meter_emu.meter.clock import seconds_of
from meter_emu.shell.console import Failure, MeterNumber, at_option, echo_json, home_of, json_option, now
from meter_emu.shell.key_file import key_store_for
from meter_emu.shell.key_options import given, key_options
from meter_emu.store import AlreadyInstalled
from meter_emu.sts.ciphers import SAMPLE_TABLES
from meter_emu.sts.numbers import Drn

_SALT_LENGTH = 8


@click.command()
@click.argument("drn", type=MeterNumber())
@key_options
@click.option("--tables", metavar="FILE", help="STA tables of the maker (JSON), where they are not the sample set.")
@click.option(
    "--customer-password",
    metavar="PASSWORD",
    help=f"Opens reading and token entry at the meter's port (default {DEFAULT_PASSWORDS[Level.CUSTOMER]}).",
)
@click.option(
    "--service-password",
    metavar="PASSWORD",
    help=f"Opens everything at the meter's port (default {DEFAULT_PASSWORDS[Level.SERVICE]}).",
)
@click.option("--replace", is_flag=True, help="Begin anew if the meter is there: credit, journal and all are forgotten.")
@profile_option
@at_option
@json_option
@home_option
def install(drn: Drn, as_json: bool, key_file: str | None, tables: str | None, replace: bool, **options: Any) -> None:
    """Install meter DRN (11 digits).

    It learns its decoder key, made from the vending key of its supply group in the key file, or, without --key-file, from the
    published test keys; it never sees the vending key. What is not given is as in the test parameters: DKGA04, EA11, SGC
    123457, TI 01, KRN 1, KT 2, KEN 255, base date 2014.
    """
    choice = choice_of(options)
    refuse_a_leap(choice, seconds_of(now()), "this machine's clock")
    access = _access(options.pop("customer_password"), options.pop("service_password"))
    said = given(options)
    keys = key_store_for(drn, said, key_file, choice.home)
    card = keys.card(drn).changed(**said)
    sta_tables = SAMPLE_TABLES
    if tables is not None:
        from meter_emu.shell.tables_file import read_tables_file

        sta_tables = read_tables_file(tables)
    with open_store(choice.home) as store:
        try:
            installed = install_meter(store, keys, card, choice.now, choice.profile, sta_tables, access=access, replace=replace)
        except AlreadyInstalled as error:
            raise Failure(f"{error}: --replace begins anew and forgets its credit") from error
    if as_json:
        echo_json(installed)
    else:
        click.echo(f"installed {drn}")


def _access(customer_password: str | None, service_password: str | None) -> Access:
    access = Access()
    for level, password in ((Level.CUSTOMER, customer_password), (Level.SERVICE, service_password)):
        if password is not None:
            access = access.with_password(level, password, os.urandom(_SALT_LENGTH))
    return access


@click.command()
@click.argument("drn", type=MeterNumber())
@click.option("--yes", is_flag=True, help="Do not ask.")
@home_option
def uninstall(drn: Drn, yes: bool, home: str | None) -> None:
    """Take meter DRN away, with its credit and its journal.

    On a terminal it asks first.
    """
    with open_store(home_of(home)) as store:
        asks = not yes and sys.stdin is not None and sys.stdin.isatty() and drn in store.drns()
        if asks and not click.confirm(f"Forget meter {drn} with its credit and its journal?", err=True):
            raise Failure(f"meter {drn} stays")
        store.uninstall(drn)
    click.echo(f"uninstalled {drn}")
