"""The reseller as a process over a real gateway: the guide's example, bad lines, SIGTERM, kill -9 in the middle."""

import re
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from pln_sim.reseller.book import Book
from pln_sim.reseller.trade import State

CONFIGURATION = """
[[switching]]
id = "10000D3"
bank_codes = ["0110000"]

[[customer]]
meter = "01105574222"
name = "PELANGGAN CONTOH"
tariff = "R1"
va = 1300
ppj = "3"

[[customer]]
meter = "14100000141"
name = "UJI BEBAN"
tariff = "B2"
va = 200000
ppj = "3"

[[test_meter]]
meter = "99000300030"
fault = "lost-reply"
on = ["2200", "2220", "2221"]

[[test_meter]]
meter = "99000300014"
fault = "lost-reply"
"""


@pytest.fixture
def gateway(start, tmp_path):
    """A gateway that knows the guide's meter."""
    path = tmp_path / "gateway.toml"
    path.write_text(CONFIGURATION)
    return start("gateway", "--config", str(path), "--db", str(tmp_path / "vending.db"))


@pytest.fixture
def sold(tmp_path):
    """What the gateway has sold: token and cents by receipt reference."""

    def read():
        with closing(sqlite3.connect(tmp_path / "vending.db")) as connection:
            rows = connection.execute("SELECT receipt_reference, token, paid FROM sale").fetchall()
        assert len({reference for reference, *_ in rows}) == len(rows), "one trade was sold twice"
        return {reference: (token, paid) for reference, token, paid in rows}

    return read


@pytest.fixture
def serve(start, gateway, helpers):
    """Starts resellers at that gateway, with the guide's kiosk."""
    with Book(start.home / "reseller.db") as book:
        helpers.open_account(book)
        helpers.open_account(book, "081200000", 100_000_000)

    def started(*options):
        return start("reseller", "serve", "--gateway", gateway.address, *options)

    return started


def test_the_guide_s_example_through_a_real_gateway(serve, sold, helpers, start):
    reseller = serve()
    order = f"{helpers.SENDER} PLN20.01105574222.1234"
    first, second, balance = reseller.ask(order, order, f"{helpers.SENDER} BALANCE.1234")
    match = re.fullmatch(r"Trx PLN20K01105574222 BERHASIL Harga: Rp\.19120 SN:([0-9]{20}) Saldo 492175", first)
    assert match
    assert (second, balance) == (first, "Saldo 492175")
    assert list(sold().values()) == [(match[1], 1_840_000)]
    assert reseller.terminate() == 0
    # It is known after a restart too.
    assert serve().ask(order) == [first]
    assert len(sold()) == 1
    assert match[1] not in reseller.log_file.read_text()


def test_a_line_that_is_no_message_is_answered_and_harms_nobody(serve):
    reseller = serve()
    answers = reseller.ask("", "hello", "081234567890", "081234567890 PLN20.x.y", "\x00\x01", "é")
    assert all(answer.startswith("Trx GAGAL Alasan: format salah") for answer in answers)
    with reseller.connect() as endless:
        endless.sendall(b"0" * 600)
        assert endless.makefile().readline() == "Trx GAGAL Alasan: format salah, pesan terlalu panjang\n"
        assert endless.recv(1) == b""
    with reseller.connect() as gone:
        gone.sendall(b"081234567890 BALA")
    assert reseller.ask("081234567890 SALDO.1234") == ["Saldo 511295"]


def test_sigterm_answers_what_was_taken(serve, gateway, helpers, start):
    reseller = serve("--wait", "0.3")
    with reseller.connect() as waiting, reseller.connect() as resting:
        waiting.sendall(b"081234567890 PLN20.99000300030.1234\n")
        while "event=taken" not in reseller.log_file.read_text():
            time.sleep(0.01)
        assert reseller.terminate() == 0
        assert "PENDING" in waiting.makefile().readline()
        assert resting.recv(1) == b""
    with Book(start.home / "reseller.db") as book:
        assert [trade.state for trade in book.undecided()] == [State.SUSPECT]
        assert book.faults() == []


def test_a_gateway_that_is_gone_costs_nothing(serve, gateway, helpers):
    reseller = serve()
    gateway.terminate()
    order = f"{helpers.SENDER} PLN20.01105574222.1234"
    answer = "Trx PLN20K01105574222 GAGAL Alasan: PLN tidak dapat dihubungi, coba lagi nanti Saldo 511295"
    assert reseller.ask(order) == [answer]


def test_advice_that_is_due_is_asked_for_by_resume(serve, sold, gateway, start, pln_sim, tmp_path):
    """The gateway dies between the sale and its reply, and comes back at another address."""
    reseller = serve("--wait", "2")
    with reseller.connect() as waiting:
        waiting.sendall(b"081234567890 PLN20.99000300014.1234\n")
        while "mti=2200" not in gateway.log_file.read_text():
            time.sleep(0.01)
        gateway.kill()
        assert "PENDING" in waiting.makefile().readline()
    resume = ("reseller", "resume", "--home", start.home, "--wait", "0.1")
    # Without a gateway it stays held, whether the reseller is still there or not.
    for _ in range(2):
        result = pln_sim(*resume)
        assert (result.exit_code, " PENDING " in result.stdout) == (1, True), result.output
        reseller.terminate()
    (token, _), *_ = sold().values()
    restarted = start("gateway", "--db", str(tmp_path / "vending.db"))
    answer = f"Trx PLN20K99000300014 BERHASIL Harga: Rp.19120 SN:{token} Saldo 492175"
    result = pln_sim(*resume, "--gateway", restarted.address)
    assert (result.exit_code, result.stdout) == (0, f"081234567890  {answer}\n"), result.output
    assert serve().ask("081234567890 REPEAT.1234") == [answer]
    assert len(sold()) == 1


def test_only_one_serves_a_book(serve, pln_sim, start):
    serve()
    line = pln_sim.complaint("reseller", "serve", "--listen", "127.0.0.1:0", "--home", start.home, exit_code=1)
    assert "another reseller serves" in line


def test_kill_9_in_the_middle_loses_nothing_and_sells_nothing_twice(serve, sold, start, helpers):
    """Four lives of a reseller; each is killed while some kiosks are ordering, the last one finishes what they left."""
    numbers = iter(range(1, 10_000))
    answers = []

    def order_until_killed(reseller, is_enough):
        for number in numbers:
            code = ("PLN20", "PL25", "PLA30")[number % 3]
            sender = "081200000"
            try:
                # Every order is another one: by product, or by a kiosk's other meter.
                answer = reseller.ask(f"{sender} {code}.{(14100000141, 1105574222)[number % 2]:011}.1234")
            except OSError:
                return
            if not answer[0]:
                return
            answers.append(answer[0])
            is_enough.set()

    for _ in range(3):
        reseller = serve("--buyers", "3")
        is_enough = threading.Event()
        threads = [threading.Thread(target=order_until_killed, args=(reseller, is_enough)) for _ in range(4)]
        for thread in threads:
            thread.start()
        assert is_enough.wait(helpers.PATIENCE)
        reseller.kill()
        for thread in threads:
            thread.join(helpers.PATIENCE)
        _forget_repeats(start.home)
    last = serve()
    with Book(start.home / "reseller.db") as book:
        trades = book.trades()
        assert book.undecided() == []
        assert book.faults() == []
        balances = book.balances()
    assert last.terminate() == 0
    told = {trade.receipt_reference: (trade.token, trade.amount) for trade in trades if trade.state is State.SOLD}
    assert told == sold()
    assert len(told) >= 3
    assert balances["held"] == 0
    assert balances["switching"] == sum(amount for _, amount in told.values())
    assert -balances["paid in"] == sum(cents for name, cents in balances.items() if name != "paid in")
    tokens = {token for token, _ in told.values()}
    shown = {answer.partition("SN:")[2][:20] for answer in answers if "SN:" in answer}
    assert shown
    assert shown <= tokens


def _forget_repeats(home):
    """Make all trades older than the five minutes in which an order is a repeat."""
    with Book(home / "reseller.db") as book:
        book._connection.execute("UPDATE trade SET at = '2020-01-01T00:00:00'")
