"""``pln-sim token``: the token generator on the command line, one command for each thing a token can do.

Only options are declared here; the work is in ``token_issue``, imported when a command runs.
"""

from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.key_options import NEW, WholeNumber, given, new_key_options
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT
from pln_sim.cli.token_request import TokenRequest, meter_options, output_options

SERVICES = ("electricity", "water", "gas", "time")
CREDIT_OF_SERVICE = {service: f"{service}_credit" for service in SERVICES} | {
    f"{service}-currency": f"{service}_currency_credit" for service in SERVICES
}
"""What ``--service`` says and the token type it means."""
LARGEST_VALUE = 0xFFFF
LARGEST_CONTROL = (1 << 36) - 1


@click.group()
def token() -> None:
    """Make tokens: credit, management, key change, test.

    A meter that no key file names gets the published test keys with DKGA04, EA11, base date 2014, SGC 123457, TI 01, KRN 1,
    KT 2, KEN 255; with --key-file it must be named there, or by --sgc. If an upgrade has changed its key, the tariff index
    in the vending database wins over the key file, and what is said here over both. Times are the utility's local time,
    without a zone.
    """


@token.command()
@click.option("--kwh", metavar="AMOUNT", help="Electricity in kWh: 0.1 to 1820162.4, in steps of 0.1.")
@click.option(
    "--service",
    type=click.Choice(list(CREDIT_OF_SERVICE)),
    default="electricity",
    show_default=True,
    help="What the credit is for. No published token shows time and the currencies.",
)
@click.option("--amount", metavar="AMOUNT", help="Amount of any service: kWh, m3, time or currency, in steps of 0.1.")
@meter_options
def credit(request: TokenRequest, drn: Drn, kwh: str | None, service: str, amount: str | None) -> None:
    """Credit for electricity, water, gas or time.

    Say --kwh for electricity, --service and --amount for the rest. A large amount is rounded up to one that a token can
    carry: in steps of 1 from 1638.4 on, of 10 from 18022.4 on, of 100 from 181862.4 on.
    """
    said = [text for text in (kwh, amount) if text is not None]
    if len(said) != 1:
        raise click.UsageError("say how much: --kwh AMOUNT, or --service SERVICE --amount AMOUNT")
    if kwh is not None and service != "electricity":
        raise click.UsageError(f"--kwh is for electricity: say --amount with --service {service}")
    from meter_emu.sts.tokens import TokenType
    from pln_sim.cli.token_issue import print_credit

    print_credit(request, drn, TokenType(CREDIT_OF_SERVICE[service]), said[0])


@token.command("key-change")
@new_key_options
@click.option("--rollover", is_flag=True, help="Move the base date on (1993, 2014, 2035); the meter forgets its used TIDs.")
@meter_options
def key_change(request: TokenRequest, drn: Drn, rollover: bool, **options: Any) -> None:
    """Give a meter a new key.

    That takes 2 tokens for a 64-bit key (EA07, EA09), 4 for a 128-bit one (EA11). What no --new option changes stays. A new
    base date is a rollover, said or not. These tokens carry no time: the same change makes the same tokens.
    """
    from pln_sim.cli.token_issue import print_key_change

    print_key_change(request, drn, given(options, NEW), rollover)


@token.command("clear-tamper")
@meter_options
def clear_tamper(request: TokenRequest, drn: Drn) -> None:
    """Clear the tamper condition."""
    _print(request, drn, "clear_tamper_condition", pad=0)


@token.command("clear-credit")
@click.option(
    "--register",
    type=WholeNumber(0, LARGEST_VALUE),
    default=0,
    show_default=True,
    metavar="N",
    help="Which credit register; 65535 for all.",
)
@meter_options
def clear_credit(request: TokenRequest, drn: Drn, register: int) -> None:
    """Clear the credit in a register."""
    _print(request, drn, "clear_credit", register=register)


@token.command("power-limit")
@click.option("--watts", type=WholeNumber(0, MAXIMUM_AMOUNT), required=True, metavar="W", help="The limit in W.")
@meter_options
def power_limit(request: TokenRequest, drn: Drn, watts: int) -> None:
    """Set the maximum power limit."""
    _print_limit(request, drn, "set_maximum_power_limit", "mpl", watts)


@token.command("phase-unbalance")
@click.option("--watts", type=WholeNumber(0, MAXIMUM_AMOUNT), required=True, metavar="W", help="The limit in W.")
@meter_options
def phase_unbalance(request: TokenRequest, drn: Drn, watts: int) -> None:
    """Set the maximum power unbalance between phases."""
    _print_limit(request, drn, "set_maximum_phase_power_unbalance_limit", "mppul", watts)


@token.command("tariff-rate")
@click.option("--rate", type=WholeNumber(0, LARGEST_VALUE), required=True, metavar="N", help="The rate, 0 to 65535.")
@meter_options
def tariff_rate(request: TokenRequest, drn: Drn, rate: int) -> None:
    """Set the tariff rate."""
    _print(request, drn, "set_tariff_rate", rate=rate)


@token.command("water-factor")
@click.option("--factor", type=WholeNumber(0, LARGEST_VALUE), required=True, metavar="N", help="The factor, 0 to 65535.")
@meter_options
def water_factor(request: TokenRequest, drn: Drn, factor: int) -> None:
    """Set the water meter factor."""
    _print(request, drn, "set_water_meter_factor", wmf=factor)


@token.command()
@click.argument("drn", type=console.MeterNumber(), metavar="[DRN]", required=False)
@click.option(
    "--control",
    type=WholeNumber(0, LARGEST_CONTROL),
    metavar="N",
    help="One bit for each test, decimal or 0x...: 36 bits, or 28 with a 4-digit maker code; default: all ones, all tests.",
)
@click.option("--mfr-code", default="00", show_default=True, metavar="CODE", help="Maker code of 2 or 4 digits.")
@output_options
def test(request: TokenRequest, drn: Drn | None, control: int | None, mfr_code: str) -> None:
    """Start a test or a display.

    The token is not encrypted: it needs no key and is the same for every meter at every time.
    """
    from pln_sim.cli.token_issue import print_test

    print_test(request, drn, control, mfr_code)


def _print(request: TokenRequest, drn: Drn, token_type: str, **values: int) -> None:
    from meter_emu.sts.tokens import TokenType
    from pln_sim.cli.token_issue import print_tokens

    print_tokens(request, drn, TokenType(token_type), values)


def _print_limit(request: TokenRequest, drn: Drn, token_type: str, field: str, watts: int) -> None:
    from meter_emu.sts.tokens import TokenType
    from pln_sim.cli.token_issue import print_power_limit

    print_power_limit(request, drn, TokenType(token_type), field, watts)
