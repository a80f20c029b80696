"""What the commands of ``pln-sim reseller`` do with what they were told."""

import asyncio
import socket
import sys
import time
from pathlib import Path
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.home import make_home
from meter_emu.shell.lock import alone
from meter_emu.sts.errors import RangeError
from pln_sim import DEFAULT_GATEWAY
from pln_sim.cli.buy_order import gateway_at
from pln_sim.gateway.messages import UnbuildableMessage
from pln_sim.reseller import log, reply
from pln_sim.reseller.book import FILE_NAME, Book
from pln_sim.reseller.counter import Terms
from pln_sim.reseller.prices import built_in_prices, read_prices
from pln_sim.reseller.request import LONGEST_TEXT, is_pin
from pln_sim.reseller.server import LONGEST_LINE
from pln_sim.reseller.service import LOCK_FILE_NAME, Service, new_pin, resume
from pln_sim.reseller.trade import State, Trade
from pln_sim.switching.journal import FILE_NAME as JOURNAL_FILE_NAME
from pln_sim.switching.link import Address
from pln_sim.switching.purchase import Order, Purchase, Switching
from pln_sim.vending.money import decimal, format_rupiah

_LONGEST_ANSWER = 16 * LONGEST_LINE
_FAILED = (" GAGAL ", " PENDING ")


def run(home: Path, listen: tuple[str, int], *, allow_remote: bool, **options: Any) -> None:
    """Serve until a signal comes."""
    terms = _terms(home, allow_remote=allow_remote, **options)
    prices = read_prices(options["prices"]) if options["prices"] else built_in_prices()
    make_home(home)
    log.to_stderr(options["log_level"])
    service = Service(
        host=listen[0],
        port=listen[1],
        home=home,
        prices=prices,
        terms=terms,
        gateway_of=_gateway_of(None, allow_remote),
        buyers=options["buyers"],
        now=console.now,
    )
    asyncio.run(service.run(click.echo))


def resume_all(home: Path, *, allow_remote: bool, as_json: bool, **options: Any) -> None:
    """Finish what is undecided, and print it."""
    terms = _terms(home, allow_remote=allow_remote, **options)
    moved_to = terms.gateway if options["gateway"] else None
    trades: list[Trade] = []
    if (home / FILE_NAME).exists():
        with alone(home / LOCK_FILE_NAME) as is_alone:
            trades = resume(home, terms, _gateway_of(moved_to, allow_remote), console.now, is_alone=is_alone)
    for trade in trades:
        if as_json:
            console.echo_json(_json(trade))
        else:
            click.echo(f"{trade.sender}  {reply.of_trade(trade)}")
    if not trades and not as_json:
        click.echo("nothing is undecided")
    if any(trade.state in (State.UNDER_WAY, State.SUSPECT) for trade in trades):
        click.get_current_context().exit(console.REFUSED)


def exchange(address: str, sender: str, text: str | None, wait: float, allow_remote: bool) -> bool:
    """Send a text message and print the answer; whether that is a good one."""
    if text is None:
        text = sys.stdin.readline()
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT or not text.isprintable() or not text.isascii():
        raise click.UsageError(f"a text message is 1 to {LONGEST_TEXT} plain characters, like PLN20.12345678911.1234")
    reseller = gateway_at(address, allow_remote)
    deadline, answer = time.monotonic() + wait, b""
    try:
        with socket.create_connection((reseller.host, reseller.port), timeout=wait) as connection:
            connection.sendall(f"{sender} {text}\n".encode("ascii"))
            while not answer.endswith(b"\n") and len(answer) < _LONGEST_ANSWER:
                connection.settimeout(max(0.001, deadline - time.monotonic()))
                piece = connection.recv(_LONGEST_ANSWER)
                if not piece:
                    raise console.Failure(
                        f"the reseller at {reseller} closed the connection: send REPEAT.PIN to learn what became"
                    )
                answer += piece
    except TimeoutError:
        raise console.Failure(f"no answer from {reseller} in {wait:g} s: send REPEAT.PIN later to learn what became") from None
    except OSError as error:
        raise console.Failure(f"no reseller at {reseller}: {error.strerror or error}") from None
    line = answer.decode("ascii", "replace").strip()
    click.echo(line)
    return not any(word in line for word in _FAILED)


def open_account(home: Path, sender: str) -> None:
    """Open an account, once its PIN is known."""
    kept = new_pin(_read_pin())
    make_home(home)
    with Book(home / FILE_NAME) as book:
        if not book.open_account(sender, kept, console.now()):
            raise console.Failure(f"{sender} has an account already; `pln-sim reseller unlock --new-pin` changes its PIN")
    click.echo(f"{sender}: account opened")


def deposit(home: Path, sender: str, amount: int) -> None:
    """Write down what was paid in."""
    with _book(home) as book:
        try:
            balance = book.deposit(sender, amount, console.now())
        except RangeError as error:
            raise click.UsageError(str(error)) from None
    if balance is None:
        raise _unknown(sender)
    click.echo(f"{sender}: {format_rupiah(amount)} paid in, {format_rupiah(balance)} left")


def unlock(home: Path, sender: str, is_new_pin: bool) -> None:
    """Let an account try again, with a new PIN if so said."""
    with _book(home) as book:
        if book.account(sender) is None:
            raise _unknown(sender)
        done = book.set_pin(sender, new_pin(_read_pin())) if is_new_pin else book.unlock(sender)
    click.echo(f"{sender}: {'new PIN' if is_new_pin else 'unlocked'}" if done else f"{sender}: nothing changed")


def list_accounts(home: Path, as_json: bool) -> None:
    """All accounts, a line each."""
    with _book(home) as book:
        accounts = book.accounts()
    for account in accounts:
        if as_json:
            console.echo_json(
                {
                    "number": account.sender,
                    "balance": decimal(account.balance),
                    "held": decimal(account.held),
                    "locked": account.is_locked,
                }
            )
        else:
            locked = "  locked" if account.is_locked else ""
            click.echo(
                f"{account.sender:15} {format_rupiah(account.balance):>20} {format_rupiah(account.held):>20} held{locked}"
            )


def print_ledger(home: Path, as_json: bool) -> None:
    """The ledger's accounts, their sum, and whether the entries say the same."""
    with _book(home) as book:
        balances, faults = book.balances(), book.faults()
    total = sum(balances.values())
    if as_json:
        written = {name: _signed(cents, decimal) for name, cents in balances.items()}
        console.echo_json({"balances": written, "sum": _signed(total, decimal), "faults": faults})
    else:
        for name, cents in (*balances.items(), ("sum", total)):
            click.echo(f"{name:24} {_signed(cents, format_rupiah):>20}")
    if faults:
        raise console.Failure(f"the ledger is not right: {'; '.join(faults)}")


def _signed(cents: int, written: Any) -> str:
    return f"-{written(-cents)}" if cents < 0 else str(written(cents))


def _terms(home: Path, *, allow_remote: bool, **options: Any) -> Terms:
    switching = Switching(options["switching"], options["bank"], options["merchant"])
    try:
        Purchase.begin(0, Order("0" * 11, 100, "0", switching))
    except UnbuildableMessage as error:
        raise click.UsageError(str(error)) from None
    gateway = gateway_at(options["gateway"] or DEFAULT_GATEWAY, allow_remote)
    return Terms(home / JOURNAL_FILE_NAME, gateway, switching, options["wait"], console.now)


def _gateway_of(moved_to: Address | None, allow_remote: bool) -> Any:
    """Where to ask for the advice of a purchase that was begun somewhere; None for a machine that is not allowed."""

    def find(begun_at: str) -> Address | None:
        address = moved_to or Address.parse(begun_at)
        return address if allow_remote or address.is_loopback else None

    return find


def _book(home: Path) -> Book:
    if not (home / FILE_NAME).exists():
        raise console.Failure(f"no account is open in {home}: `pln-sim reseller open NUMBER` opens one")
    return Book(home / FILE_NAME)


def _unknown(sender: str) -> console.Failure:
    return console.Failure(f"{sender} has no account: `pln-sim reseller open {sender}` opens one")


def _read_pin() -> str:
    """A PIN from the keyboard, unseen and twice, or the first line of stdin."""
    if sys.stdin.isatty():
        pin = click.prompt("PIN", hide_input=True, confirmation_prompt=True, err=True)
    else:
        pin = sys.stdin.readline().strip()
    if not is_pin(pin):
        raise click.UsageError("a PIN is 4 to 6 digits, typed when asked for or given on stdin")
    return str(pin)


def _json(trade: Trade) -> dict[str, Any]:
    return {
        "number": trade.sender,
        "product": trade.code,
        "meter": trade.meter,
        "price": decimal(trade.price),
        "state": trade.state.value,
        "reference": trade.receipt_reference,
        "token": trade.token,
        "why": trade.why,
    }
