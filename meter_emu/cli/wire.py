"""``read`` registers of a meter at a serial port, ``send`` it a token."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from meter_emu.cli.token_words import token_digits
from meter_emu.cli.wire_options import BAUD_RATES, DeviceAddress, Port
from meter_emu.meter.access import DEFAULT_PASSWORDS, Level
from meter_emu.shell.console import DONE, REFUSED, CallableT, Failure, echo_json, json_option
from meter_emu.shell.duration import Duration
from meter_emu.shell.key_options import decorated
from meter_emu.sts.numbers.digits import decimal_digits

if TYPE_CHECKING:
    from firmware_proto.client import Client
    from firmware_proto.data_set import DataSet

PASSWORD_VARIABLE = "METER_EMU_PASSWORD"
LONGEST_PASSWORD_FILE = 1000
PAUSE = 0.5
"""Seconds between two tries to reach a meter whose line was lost."""


def port_options(command: CallableT) -> CallableT:
    """The options of a command that talks to a meter; ``_at_meter`` reads them."""
    return decorated(
        command,
        click.option(
            "--port", required=True, type=Port(), metavar="PORT", help="/dev/ttyUSB0, a pty, socket://HOST:PORT, rfc2217://..."
        ),
        click.option(
            "--address", default="", type=DeviceAddress(), metavar="DRN", help="Which meter, where several are on the line."
        ),
        click.option("--service", is_flag=True, help="With the service's password (P2) instead of the customer's (P1)."),
        click.option("--password-file", metavar="FILE", help=f"Mode 0600; else {PASSWORD_VARIABLE}, else the default one."),
        click.option("--initial-baud", type=click.Choice(BAUD_RATES), default="300", show_default=True, help="To begin with."),
        click.option("--baud", type=click.Choice(BAUD_RATES), help="To go on with; else what the meter offers."),
        click.option("--format", "parity", type=click.Choice(["7E1", "8N1"]), help="Else 8N1 on a pty and socket://, or 7E1."),
        click.option("--timeout", type=Duration(0.05, 60), default=1.5, show_default=True, help="For each answer."),
    )


def _print_registers(ctx: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        from meter_emu.cli.wire_report import register_lines

        click.echo("\n".join(register_lines()))
        ctx.exit()


@click.command()
@click.argument("registers", nargs=-1, metavar="[REGISTER]...")
@port_options
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_print_registers,
              help="Print the registers of a meter, with who may read and write them, and end.")  # fmt: skip
@click.option("--watch", type=Duration(0.1, 86_400), help="Read again and again, until Ctrl-C.")
@json_option
def read(registers: tuple[str, ...], watch: float | None, as_json: bool, **options: Any) -> None:
    """Read a meter at a serial port: the standard data readout, which needs no password, or each REGISTER.

    A REGISTER is an OBIS code, whole or short: 1-0:1.8.0 or 1.8.0. A log takes a range: "1-0:99.1.0(261122000000;)".
    --list prints them all.
    """
    from firmware_proto.errors import ProtocolError
    from meter_emu.cli.wire_report import question, read_lines

    try:
        questions = [question(register) for register in registers]
    except ProtocolError as error:
        raise click.UsageError(str(error)) from error

    def show() -> None:
        for data_sets in _answers(options, questions) if questions else _readout(options):
            for line in read_lines(data_sets):
                if as_json:
                    echo_json(line.as_json())
                else:
                    click.echo(line.as_text())
        sys.stdout.flush()

    with _failures_in_one_line():
        show()
        # Ctrl-C is how one ends it.
        with suppress(KeyboardInterrupt):
            while watch is not None:
                time.sleep(watch)
                show()


@click.command()
@click.argument("token", nargs=-1, required=True)
@port_options
@click.option("--patience", type=Duration(0, 3600), default=10, show_default=True,
              help="How long to ask again what became of it, if the line fails.")  # fmt: skip
@json_option
@click.pass_context
def send(ctx: click.Context, /, token: tuple[str, ...], patience: float, as_json: bool, **options: Any) -> None:
    """Enter TOKEN at a serial port and read what came of it.

    When the answer is lost the meter is asked, so that the token is entered once and what is said of it is true. Exit code 0:
    accepted, 1: refused by the meter.
    """
    from firmware_proto.token_entry import enter_token
    from meter_emu.cli.wire_report import entered_lines, entered_report

    digits = decimal_digits(token_digits(token), None, "token", "token")
    until = time.monotonic() + patience

    def can_try_again() -> bool:
        time.sleep(PAUSE)
        return time.monotonic() < until

    with _failures_in_one_line():
        entered = enter_token(lambda: _at_meter(options), digits, can_try_again)
    if as_json:
        echo_json(entered_report(entered))
    else:
        click.echo("\n".join(entered_lines(entered)))
    ctx.exit(DONE if entered.outcome.accepted else REFUSED)


def _readout(options: dict[str, Any]) -> Iterator["tuple[DataSet, ...]"]:
    with _client(options) as client:
        _sign_on(client, options["address"])
        yield client.readout()


def _answers(options: dict[str, Any], questions: list[tuple[str, str]]) -> Iterator["tuple[DataSet, ...]"]:
    """One after the other, so that what was read before a refusal is seen."""
    from firmware_proto.client import MeterRefusal

    with _at_meter(options) as client:
        for address, argument in questions:
            try:
                yield client.read(address, argument)
            except MeterRefusal as error:
                raise Failure(f"{address}: {error}") from error


@contextmanager
def _at_meter(options: dict[str, Any]) -> Iterator["Client"]:
    """A client in programming mode whose password was taken."""
    level = Level.SERVICE if options["service"] else Level.CUSTOMER
    password = _password(options["password_file"], level)
    with _client(options) as client:
        _sign_on(client, options["address"])
        client.enter_programming()
        client.give_password(level, password)
        yield client


def _sign_on(client: "Client", address: str) -> None:
    """Call the meter. Without an address no meter of several answers, which is worth a word."""
    from firmware_proto.errors import RemoteProtocolError

    try:
        client.sign_on(address)
    except RemoteProtocolError as error:
        if address:
            raise
        raise RemoteProtocolError(
            f"{error}; where several meters are served, name one with --address", field="answer"
        ) from error


def _client(options: dict[str, Any]) -> "Client":
    from firmware_proto.client import Client, PortSettings

    baud, parity = options["baud"], options["parity"]
    return Client(
        PortSettings(
            options["port"],
            int(options["initial_baud"]),
            None if baud is None else int(baud),
            None if parity is None else parity == "7E1",
            options["timeout"],
        )
    )


def _password(path: str | None, level: Level) -> str:
    """Never from the command line, which every user of the machine can read."""
    if path is not None:
        from meter_emu.shell.input_file import read_file

        content = read_file(path, "password file", LONGEST_PASSWORD_FILE, is_secret=True)
        return content.decode("ascii", "replace").rstrip("\r\n")
    return os.environ.get(PASSWORD_VARIABLE) or DEFAULT_PASSWORDS[level]


@contextmanager
def _failures_in_one_line() -> Iterator[None]:
    from firmware_proto.client import MeterRefusal, PortLost
    from firmware_proto.errors import ProtocolError

    try:
        yield
    except (MeterRefusal, PortLost, ProtocolError) as error:
        raise Failure(str(error)) from error
