"""The commands around the server: accounts, ledger, send and their one line for an error."""

import json
import socket

import pytest

ACCOUNT = "081234567890"


@pytest.fixture
def typed(monkeypatch):
    """What stands on stdin; click's runner does not let it through."""

    def put(text):
        from click.testing import CliRunner

        invoke = CliRunner.invoke
        monkeypatch.setattr(CliRunner, "invoke", lambda self, *rest, **more: invoke(self, *rest, **{"input": text} | more))

    return put


@pytest.fixture(autouse=True)
def cheap_scrypt(monkeypatch):
    monkeypatch.setattr("pln_sim.reseller.pin.hash_pin.__defaults__", (1,))


@pytest.fixture
def account(pln_sim, typed):
    typed("1234\n")
    result = pln_sim("reseller", "open", "+6281234567890")
    assert (result.exit_code, result.stdout) == (0, f"{ACCOUNT}: account opened\n"), result.output
    return ACCOUNT


def test_an_account_from_opening_to_the_ledger(pln_sim, account):
    assert (
        pln_sim("reseller", "deposit", account, "511.295").stdout == f"{account}: Rp 511.295,00 paid in, Rp 511.295,00 left\n"
    )
    assert pln_sim("reseller", "accounts").stdout.split() == [account, "Rp", "511.295,00", "Rp", "0,00", "held"]
    listed = json.loads(pln_sim("reseller", "accounts", "--json").stdout)
    assert listed == {"number": account, "balance": "511295.00", "held": "0.00", "locked": False}
    ledger = json.loads(pln_sim("reseller", "ledger", "--json").stdout)
    assert ledger == {
        "balances": {f"deposit {account}": "511295.00", "paid in": "-511295.00"}, "sum": "0.00", "faults": [],
    }  # fmt: skip
    assert pln_sim("reseller", "ledger").stdout.splitlines()[-1].split() == ["sum", "Rp", "0,00"]
    assert pln_sim("reseller", "unlock", account).stdout == f"{account}: unlocked\n"
    assert pln_sim("reseller", "unlock", account, "--new-pin").stdout == f"{account}: new PIN\n"
    assert pln_sim("reseller", "resume").stdout == "nothing is undecided\n"
    assert (pln_sim.home / "reseller.db").stat().st_mode & 0o777 == 0o600


def test_a_ledger_that_is_not_right_is_exit_code_1(pln_sim, account):
    from pln_sim.reseller.book import Book

    pln_sim("reseller", "deposit", account, "1000")
    with Book(pln_sim.home / "reseller.db") as book:
        book._connection.execute("UPDATE balance SET cents = cents + 1 WHERE name LIKE 'deposit%'")
    result = pln_sim("reseller", "ledger")
    assert result.exit_code == 1
    assert "the ledger is not right: deposit 081234567890 is 100001 cents" in result.stderr


@pytest.mark.parametrize("pin", ["123\n", "1234567\n", "abcd\n", "\n", ""])
def test_a_pin_is_four_to_six_digits(pln_sim, typed, pin):
    typed(pin)
    assert "4 to 6 digits" in pln_sim.complaint("reseller", "open", ACCOUNT)
    assert not pln_sim.home.exists()


@pytest.mark.parametrize(
    ("arguments", "words", "exit_code"),
    [
        (("open", "abc"), "'abc' is no telephone number like 081234567890", 2),
        (("open", ACCOUNT), "has an account already", 1),
        (("deposit", ACCOUNT, "0"), "buy nothing", 2),
        (("deposit", "0811111111", "1000"), "has no account", 1),
        (("unlock", "0811111111"), "has no account", 1),
        (("deposit", ACCOUNT, "9.999.999.999,99"), "", 0),
        (("serve", "--listen", "192.0.2.1:1"), "--allow-remote", 2),
        (("serve", "--gateway", "192.0.2.1:1"), "--allow-remote", 2),
        (("serve", "--switching", "ABC DEFGH"), "switcher_id", 2),
        (("serve", "--prices", "none.toml"), "none.toml", 1),
        (("resume", "--gateway", "nonsense"), "HOST:PORT", 2),
        (("send", "x" * 161), "a text message is 1 to 160", 2),
        (("send", "é"), "a text message is 1 to 160", 2),
        (("send", "HELP", "--reseller", "192.0.2.1:1"), "--allow-remote", 2),
        (("send", "HELP", "--from", "x"), "telephone number", 2),
    ],
)
def test_wrong_usage(pln_sim, account, arguments, words, exit_code):
    if exit_code == 0:
        assert pln_sim("reseller", *arguments).exit_code == 0
    else:
        assert words in pln_sim.complaint("reseller", *arguments, exit_code=exit_code)


@pytest.mark.parametrize("command", [("accounts",), ("ledger",), ("deposit", ACCOUNT, "1000"), ("unlock", ACCOUNT)])
def test_nothing_is_made_where_no_account_is_open(pln_sim, command):
    assert "`pln-sim reseller open NUMBER` opens one" in pln_sim.complaint("reseller", *command, exit_code=1)
    assert not pln_sim.home.exists()


@pytest.fixture
def answering():
    """A reseller that says one thing; ``answering(line)`` is its address."""
    import threading

    servers = []

    def listen(answer):
        server = socket.create_server(("127.0.0.1", 0))
        heard = []

        def serve():
            connection, _ = server.accept()
            with connection:
                heard.append(connection.makefile().readline())
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"127.0.0.1:{server.getsockname()[1]}", heard

    yield listen
    for server, thread in servers:
        thread.join(10)
        server.close()


@pytest.mark.parametrize(
    ("answer", "exit_code"),
    [
        (b"Trx PLN20K01105574222 BERHASIL Harga: Rp.19120 SN:64288330794833777707 Saldo 492175\n", 0),
        (b"Trx PLN20K01105574222 GAGAL Alasan: saldo tidak cukup Saldo 5\n", 1),
        (b"Trx PLN20K01105574222 PENDING Harga: Rp.19120 Alasan: x Saldo 5\n", 1),
        (b"Saldo 492175\n", 0),
    ],
)
def test_send_prints_the_answer(pln_sim, answering, answer, exit_code):
    address, heard = answering(answer)
    result = pln_sim("reseller", "send", "PLN20.01105574222.1234", "--reseller", address)
    assert (result.exit_code, result.stdout) == (exit_code, answer.decode())
    assert heard == ["081234567890 PLN20.01105574222.1234\n"]


def test_send_from_stdin_keeps_the_pin_off_the_command_line(pln_sim, answering, typed):
    typed("BALANCE.1234\n")
    address, heard = answering(b"Saldo 1\n")
    assert pln_sim("reseller", "send", "--reseller", address, "--from", "0811000000").stdout == "Saldo 1\n"
    assert heard == ["0811000000 BALANCE.1234\n"]


def test_send_to_nobody_and_to_one_who_hangs_up(pln_sim, answering):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    line = pln_sim.complaint("reseller", "send", "HELP", "--reseller", f"127.0.0.1:{port}", exit_code=1)
    assert f"no reseller at 127.0.0.1:{port}: Connection refused" in line
    address, _ = answering(b"")
    assert "closed the connection: send REPEAT.PIN" in pln_sim.complaint(
        "reseller", "send", "HELP", "--reseller", address, exit_code=1
    )
