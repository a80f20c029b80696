"""`pln-sim recon`, as it is typed, with a vending database and a switching journal, in a folder and over FTP."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
from rich import progress

from meter_emu.shell import console
from meter_emu.sts.numbers.drn import Drn
from pln_sim.cli import recon_work
from pln_sim.reconciliation.names import Kind
from pln_sim.reconciliation.places import Place
from pln_sim.storage import FILE_NAME, Sale, open_depot
from pln_sim.switching.journal import FILE_NAME as JOURNAL
from pln_sim.switching.journal import Journal
from pln_sim.switching.purchase import Order, Switching

DATE = ("--date", "2008-05-05")
STEPS = ("gateway", "switching", "ca", "final", "report")


def sale_of(transaction, serial):
    """The gateway's record of a transaction."""
    return Sale(
        serial=serial, reference=transaction.reference, switcher_id=transaction.switcher_id, bank_code=transaction.bank_code,
        merchant_category=transaction.merchant_category, trace_number=f"{serial:012}",
        receipt_reference=transaction.receipt_reference, local_time=datetime(2008, 5, 2, 11, 5, 11),
        sold_at=datetime(2008, 5, 2, 11, 5, 12), settled_on=date(2008, 5, 2), meter=Drn(transaction.meter),
        name="SUBSCRIBER NAME", tariff="R1", va=450, paid=transaction.amount, admin=transaction.admin_charge,
        stamp_duty=transaction.stamp_duty, vat=transaction.value_added_tax, ppj=transaction.lighting_tax,
        instalment=transaction.instalment, stroom=transaction.power_purchase, kwh=transaction.energy // 10,
        base_date="1993", tid=serial, token=transaction.token,
    )  # fmt: skip


def fill(home, world, gateway, switching, log):
    """A vending database and a journal with what the parties sold and what the log of the suspects shows."""
    home.mkdir(exist_ok=True)
    with open_depot(home / FILE_NAME) as depot:
        depot.run(lambda storage: [storage.add_sale(sale_of(each, number)) for number, each in enumerate(gateway, 1)])
    with Journal(home / JOURNAL) as journal:
        moment = datetime(2008, 5, 2, 11, 5, 11)
        everybody = {each.reference: each for each in (*gateway, *switching)}
        for number, transaction in enumerate(everybody.values(), 1):
            who = Switching(transaction.switcher_id, transaction.bank_code, transaction.merchant_category)
            order = Order(transaction.meter, transaction.amount, f"{number:032}", who)
            serial = journal.begin(order, "127.0.0.1:1", "us")
            is_sold = transaction in switching
            with journal.step("us") as step:
                for entry in log.get(transaction.reference, []):
                    step.log(serial, entry.stream, moment, is_sent=True)
            with journal._transaction():
                journal._connection.execute(
                    "UPDATE purchase SET state = ?, pln_reference = ?, answer = ? WHERE serial = ?",
                    (
                        "sold" if is_sold else "suspect",
                        transaction.reference,
                        world.answer(transaction) if is_sold else None,
                        serial,
                    ),
                )


@pytest.fixture
def ledgers(tmp_path, mixed_day, world, monkeypatch):
    """A home with the mixed day in real ledgers."""
    home = tmp_path / "home"
    monkeypatch.setenv("METER_EMU_HOME", str(home))
    fill(home, world, mixed_day.gateway, mixed_day.switching, mixed_day.log)
    return home


def test_day_in_a_folder(ledgers, program):
    result = program(ledgers)("recon", "day", *DATE)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(STEPS)
    assert lines[0].endswith(".txt: 4 transactions, Rp 2.000.000,00, settled 2008-05-02 to 2008-05-04")
    assert "2 to cancel, 2 to force, 0 discrepancies" in lines[2]
    assert lines[4].endswith(
        "1 forced, 1 not forced, 1 cancelled, 1 not cancelled; to be transferred to PLN: 4 transactions, Rp 2.000.000,00"
    )


def test_the_steps_one_by_one_twice_and_as_json(ledgers, program):
    run = program(ledgers)
    first = [run("recon", step, *DATE, "--json") for step in STEPS]
    assert [json.loads(result.stdout)["step"] for result in first] == list(STEPS)
    assert json.loads(first[-1].stdout)["transfer"] == {"transactions": 4, "amount": "2000000.00"}
    files = snapshot(ledgers / "files")
    assert [run("recon", step, *DATE, "--json").stdout for step in STEPS] == [result.stdout for result in first]
    assert run("recon", "day", *DATE).exit_code == 0
    assert snapshot(ledgers / "files") == files


def test_every_ledger_obeys_the_verdict(ledgers, program, world):
    """Sold by both, cancelled, not cancelled, forced, not forced: and a second run of everything says the same."""
    for _ in range(2):
        assert program(ledgers)("recon", "day", *DATE).exit_code == 0
        with Journal(ledgers / JOURNAL) as journal:
            states = {int(purchase.pln_reference, 16): purchase.state.value for purchase in journal.purchases()}
        assert states == {
            1: "sold", 2: "sold", 3: "not sold by reconciliation", 4: "sold by reconciliation", 5: "sold",
            6: "not sold by reconciliation",
        }  # fmt: skip
        with open_depot(ledgers / FILE_NAME) as depot:
            decided = {n: depot.run(lambda storage, n=n: storage.decision(f"{n:032X}")) for n in range(1, 7)}
        results = {number: decision.result.words for number, decision in decided.items() if decision}
        assert results == {3: "cancelled", 4: "not cancelled", 5: "forced", 6: "not forced"}
    told = program(ledgers)("buy", "--resume", "--json").stdout.splitlines()
    tokens = {int(each["reference"], 16): each["sale"] and each["sale"]["token"] for each in map(json.loads, told)}
    assert {number: tokens[number] for number in (3, 4, 6)} == {3: None, 4: world.sold(4).token, 6: None}


def test_a_switching_of_another_program(ledgers, program, monkeypatch):
    """Without a journal, but with .ftr and log beside it, the parties come to the same."""
    other, name = ledgers.with_name("other"), "10000D3-53502-20080505"
    shutil.copytree(ledgers, other)
    run = program(ledgers)
    told = {step: run("recon", step, *DATE, "--json").stdout for step in STEPS}
    (other / JOURNAL).unlink()
    folder = other / "files" / Place.SWITCHING.value
    folder.mkdir(parents=True)
    published = ledgers / "files"
    for file in (
        *(published / Place.SWITCHING.value).glob(f"{name}.ftr*"),
        published / Place.SUSPECT.value / f"{name}.log",
    ):
        shutil.copy(file, folder)
    monkeypatch.setenv("METER_EMU_HOME", str(other))
    run = program(other)
    assert run("recon", "switching", *DATE).exit_code == 1
    assert {step: run("recon", step, *DATE, "--json").stdout for step in STEPS if step != "switching"} | {
        "switching": told["switching"]
    } == told
    for file in (
        Path(Place.SUSPECT.value, f"{name}.rcn"),
        Path(Place.SUSPECT.value, f"{name}.log"),
        Path(Place.FINAL.value, f"{name}.fcn"),
    ):
        assert (other / "files" / file).read_bytes() == (published / file).read_bytes()
    assert not (other / JOURNAL).exists()
    (folder / f"{name}.log").write_text("no log\n")
    assert f"{name}.log, line 1: must be time | reference" in run.complaint("recon", "ca", *DATE, exit_code=1)


def snapshot(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("arguments", "complaint"), [
    (("gateway", "--date", "2008-05-04"), "2008-05-04 is no working day: the reconciliation is on 2008-05-05"),
    (("gateway", "--date", "2008-05-01"), "2008-05-01 is no working day"),  # a holiday
    (("gateway", "--date", "soon"), "no day like"),
    (("day", *DATE, "--switching", "../x"), "7 letters or digits"),
    (("ca", *DATE, "--folder", "x", "--ftp", "127.0.0.1:1"), "not both"),
    (("ca", *DATE, "--ftp", "192.0.2.1:21"), "--allow-remote"),
])  # fmt: skip
def test_wrong_usage(ledgers, program, arguments, complaint):
    assert complaint in program(ledgers).complaint("recon", *arguments)


def test_a_step_out_of_order(ledgers, program):
    line = program(ledgers).complaint("recon", "ca", *DATE, exit_code=1)
    assert "10000D3-53502-20080505.txt is not in pre/transaction" in line


@pytest.mark.parametrize("step", ["gateway", "switching", "day"])
def test_a_day_that_is_not_over(ledgers, program, monkeypatch, step):
    """The settlement days end on Sunday the 4th; what is sold late that day must still get into a file."""
    monkeypatch.setattr(console, "now", lambda: datetime(2008, 5, 4, 23, 59, 59))
    line = program(ledgers).complaint("recon", step, *DATE, exit_code=1)
    assert "the settlement day 2008-05-04 is not over" in line
    assert "from 2008-05-05 on" in line
    assert not (ledgers / "files").exists()
    early = program(ledgers)("recon", step, *DATE, "--early")
    assert early.exit_code == 0, early.output
    assert "2008-05-04 is not over: what is sold later that day is not in " in early.stderr
    monkeypatch.setattr(console, "now", lambda: datetime(2008, 5, 5))
    assert program(ledgers)("recon", step, *DATE).exit_code == 0


@pytest.mark.parametrize("step", ["gateway", "final", "day"])
def test_a_database_that_is_not_there(ledgers, program, step):
    typo = ledgers / "typo.db"
    assert f"there is no vending database {typo}" in program(ledgers).complaint("recon", step, *DATE, "--db", typo, exit_code=1)
    assert not typo.exists()
    assert not (ledgers / "files").exists()


@pytest.mark.parametrize("step", ["gateway", "switching", "ca", "report", "day"])
def test_a_home_where_nothing_was_ever_sold(tmp_path, program, step):
    home = tmp_path / "empty"
    assert "nothing was ever" in program(home).complaint("recon", step, *DATE, "--home", home, exit_code=1)
    assert not home.exists()


def test_a_day_with_one_ledger_alone(ledgers, program):
    (ledgers / JOURNAL).unlink()
    assert "nothing was ever bought here" in program(ledgers).complaint("recon", "day", *DATE, exit_code=1)
    assert not (ledgers / "files").exists()


def test_more_holidays(ledgers, program, tmp_path):
    holidays = tmp_path / "holidays.txt"
    holidays.write_text("# joint leave\n2008-05-05 a day off\n")
    line = program(ledgers).complaint("recon", "gateway", *DATE, "--holidays", holidays)
    assert "on 2008-05-06" in line
    holidays.write_text("\n5 May 2008\n")
    line = program(ledgers).complaint("recon", "gateway", *DATE, "--holidays", holidays)
    assert "line 2" in line


def test_without_the_package_of_holidays(ledgers, program, monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert "pip install 'meter-emu[recon]'" in program(ledgers).complaint("recon", "gateway", *DATE, exit_code=1)


def test_discrepancies_end_with_exit_code_1(tmp_path, world, program, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("METER_EMU_HOME", str(home))
    fill(home, world, [world.sold(1)], [world.sold(1)._replace(energy=1)], {})
    result = program(home)("recon", "day", *DATE)
    assert result.exit_code == 1
    assert "held back: 1 transaction, Rp 500.000,00" in result.stderr
    assert "0 transactions, Rp 0,00" in result.stdout.splitlines()[-1]


def test_two_at_once(ledgers, program):
    from pln_sim.reconciliation.work_folder import work_folder

    with work_folder(ledgers, "ca"):
        assert "another reconciliation is at work" in program(ledgers).complaint("recon", "ca", *DATE, exit_code=1)


def test_an_answer_that_cannot_be_read_becomes_a_suspect(ledgers, program, world):
    with Journal(ledgers / JOURNAL) as journal, journal._transaction():
        broken = world.answer(world.sold(1)).replace(b"20000000000", b"2000000000x")
        journal._connection.execute("UPDATE purchase SET answer = ? WHERE pln_reference = ?", (broken, f"{1:032X}"))
    result = program(ledgers)("recon", "day", *DATE)
    assert result.exit_code == 0, result.output
    assert "is left out of the report" in result.stderr
    assert "3 to cancel" in result.stdout


class FtpProcess:
    """`pln-sim ftp` as a process of its own."""

    def __init__(self, home):
        self.home = home
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("pln-sim"), "ftp", "--listen", "127.0.0.1:0"],
            env=os.environ | {"METER_EMU_HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.address = re.fullmatch(r"listening on (\S+)\n", self.process.stdout.readline())[1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@pytest.fixture
def ftp_process(ledgers):
    server = FtpProcess(ledgers)
    yield server
    if server.process.poll() is None:
        server.stop()


def test_a_day_over_ftp(ledgers, program, ftp_process):
    result = program(ledgers)("recon", "day", *DATE, "--ftp", ftp_process.address)
    assert result.exit_code == 0, result.output
    assert "4 transactions, Rp 2.000.000,00" in result.stdout.splitlines()[-1]
    before = snapshot(ledgers / "files")
    assert "pre/transaction/process/10000D3-53502-20080505.txt.ctl" in before
    assert program(ledgers)("recon", "day", *DATE, "--ftp", ftp_process.address).stdout == result.stdout
    assert snapshot(ledgers / "files") == before
    (ledgers / "copy").mkdir()
    assert program(ledgers)("recon", "day", *DATE, "--folder", ledgers / "copy").exit_code == 0
    assert snapshot(ledgers / "copy") == before
    code, _, err = ftp_process.stop()
    assert code == 0
    assert err == f"note: made the passwords in {ledgers / 'ftp.toml'}\n", "nothing else, however long it runs"
    passwords = (ledgers / "ftp.toml").read_text()
    assert (ledgers / "ftp.toml").stat().st_mode & 0o777 == 0o600
    assert not any(word in err for word in re.findall(r'"(.+)"', passwords))


def test_a_wrong_password(ledgers, program, ftp_process):
    (ledgers / "ftp.toml").write_text(
        "".join(f'[{party}]\npassword = "wrong password"\n' for party in ("pln", "ca", "switching"))
    )
    line = program(ledgers).complaint("recon", "gateway", *DATE, "--ftp", ftp_process.address, exit_code=1)
    assert "refuses" in line
    assert "wrong password" not in line


def test_no_server(ledgers, program, ftp_process):
    address = ftp_process.address
    ftp_process.stop()
    assert "refused" in program(ledgers).complaint("recon", "gateway", *DATE, "--ftp", address, exit_code=1)


@pytest.mark.parametrize(("content", "mode", "complaint"), [
    ("", 0o600, r"\[pln\] needs a password"),
    ("[pln]\npassword = \"secret secret", 0o600, "is not TOML"),
    ("[pln]\npassword = \"secret secret\"", 0o644, "can be read by others"),
])  # fmt: skip
def test_a_bad_users_file(ledgers, program, content, mode, complaint):
    (ledgers / "ftp.toml").write_text(content)
    (ledgers / "ftp.toml").chmod(mode)
    line = program(ledgers).complaint("recon", "gateway", *DATE, "--ftp", "127.0.0.1:1")
    assert re.search(complaint, line)
    assert "secret" not in line


def test_ftp_off_loopback_only_when_said(ledgers, program):
    assert "--allow-remote" in program(ledgers).complaint("ftp", "--listen", "0.0.0.0:0")


def test_the_names_of_the_specification(ledgers, program):
    program(ledgers)("recon", "day", *DATE)
    names = {path.name for path in (ledgers / "files").rglob("*") if path.is_file()}
    data = {f"10000D3-53502-20080505{kind.value}" for kind in Kind}
    controls = {f"{name}.ctl" for name in data if not name.endswith((".log", ".discrepancies"))}
    assert names == data | controls


def test_files_with_tokens_are_for_their_owner_alone(ledgers, program):
    program(ledgers)("recon", "day", *DATE)
    files = [path for folder in ("files", "reconciliation") for path in (ledgers / folder).rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_the_bar_has_a_total_as_soon_as_one_is_known():
    bars = progress.Progress(disable=True)
    bar = recon_work._Bar(bars, "ca")
    (task,) = bars.tasks
    bar(300)
    assert task.total is None
    bar.expect(500)
    bar.expect(200)
    assert (task.total, task.completed) == (1000, 300)
    bar(700)
    assert task.finished
