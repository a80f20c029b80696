"""`pln-sim day`: a whole day with real processes ends with equal ledgers and a page; what is tampered with is told."""

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from html.parser import HTMLParser

import pytest

from pln_sim.cli import day_work
from pln_sim.day.ledgers import Entry, Row

VOID = {"meta", "br"}
TAMPERINGS = (
    ("vending.db", "DELETE FROM sale WHERE serial = 3", "missing in the ledger of the gateway"),
    ("vending.db", "UPDATE sale SET token = '00000000000000000000' WHERE serial = 2", "the ledgers say another token"),
    ("vending.db", "UPDATE decision SET result = 6 WHERE result = 5", "missing in the ledger of the switching"),
    ("switching.db", "UPDATE purchase SET state = 'suspect' WHERE serial = 1", "purchase 1 of the switching is not decided"),
    ("switching.db", "UPDATE purchase SET amount = amount + 100 WHERE serial = 1", "the ledgers say another amount"),
    ("reseller.db", "UPDATE trade SET state = 'not sold' WHERE serial = 1", "missing in the ledger of the reseller"),
    ("reseller.db", "UPDATE entry SET cents = cents + 1 WHERE id = 1", "the reseller's book"),
)


def play(folder, *options):
    """A day in a process of its own."""
    command = [sys.executable, "-m", "pln_sim", "day", "--keep", str(folder / "kept"), "--output", str(folder / "day.html")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "METER_EMU_HOME": str(folder / "untouched")}
    return subprocess.run([*command, *options], env=environment, capture_output=True, text=True, check=False)


class Page(HTMLParser):
    """Checks that what is opened is closed, and keeps the text."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.links = [], "", []

    def handle_startendtag(self, tag, attributes):
        self.links += [value for name, value in attributes if name in ("src", "href")]

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data):
        self.text += data


def test_a_whole_day(tmp_path, program):
    done = play(tmp_path, "--wait", "0.4", "--date", "2026-11-20")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("the three ledgers are equal: ")
    assert not (tmp_path / "untouched").exists()
    assert "meter, kWh and time agree" in done.stdout
    for scene in ("kill -9", "The last purchases", "Cut-off", "Mon 08:00  Reconciliation", "every meter says BENAR"):
        assert scene in done.stdout
    page = Page()
    content = (tmp_path / "day.html").read_text("utf-8")
    page.feed(content)
    assert page.open == []
    assert page.links == []
    assert "$" not in page.text
    for text in ("three ledgers equal", "Friday, 20 November 2026", "10000D3-53502-20261123.fcn", "What each customer saw"):
        assert text in page.text
    tampered_days_are_told(tmp_path, program)


def tampered_days_are_told(tmp_path, program):
    kept = tmp_path / "kept"
    assert program(kept)("day", "--ledgers", kept).exit_code == 0
    for number, (file, statement, complaint) in enumerate(TAMPERINGS):
        copy = tmp_path / f"tampered {number}"
        shutil.copytree(kept, copy, ignore=shutil.ignore_patterns("meters", "files"))
        with closing(sqlite3.connect(copy / "home" / file)) as connection, connection:
            assert connection.execute(statement).rowcount > 0, statement
        result = program(copy)("day", "--ledgers", copy)
        assert (result.exit_code, result.stdout) == (1, "")
        assert complaint in result.stderr, (statement, result.stderr)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_days_of_other_seeds(tmp_path, seed):
    done = play(tmp_path, "--seed", str(seed), "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("arguments", "exit_code", "complaint"), [
    (("--date", "soon"), 2, "no day like"),
    (("--date", "0001-01-01"), 2, "0001-01-01 cannot be played: the tariffs and meters that come along are for 2017-05-01 to"),
    (("--date", "9999-12-31"), 2, "9999-12-31 cannot be played"),
    (("--wait", "0"), 2, "--wait"),
    (("--wait", "nan"), 2, "'nan' is not a time"),
    (("--output", "."), 1, "cannot be written: it is a folder"),
    (("--output", "nowhere/day.html"), 1, "nowhere/day.html cannot be written"),
    (("--ledgers", "nowhere"), 1, "no day was kept in nowhere"),
    (("--ledgers", __file__), 1, "no day was kept in"),
    (("--keep", __file__), 1, "cannot be made: File exists"),
])  # fmt: skip
def test_wrong_usage(tmp_path, program, monkeypatch, arguments, exit_code, complaint):
    monkeypatch.chdir(tmp_path)
    assert complaint in program(tmp_path).complaint("day", *arguments, exit_code=exit_code)


def test_a_page_stays_until_the_new_one_is_whole(tmp_path, program, monkeypatch):
    page = tmp_path / "day.html"
    page.write_text("yesterday's")
    monkeypatch.setattr(day_work, "Plan", None)  # The day stops before its first scene.
    assert program(tmp_path)("day", "--output", page, "--date", "2026-11-20").exit_code != 0
    assert page.read_text() == "yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["day.html"]


def test_nothing_is_overwritten(tmp_path, program):
    (tmp_path / "something").touch()
    assert "is not empty" in program(tmp_path).complaint("day", "--keep", tmp_path, exit_code=1)
    assert [path.name for path in tmp_path.iterdir()] == ["something"]


ENTRY = Entry("12345678911", 100, "0" * 20)


@pytest.mark.parametrize(("gateway", "switching", "reseller", "is_kiosk", "fault"), [
    (ENTRY, ENTRY, ENTRY, True, ""),
    (ENTRY, ENTRY, None, False, ""),
    (None, ENTRY, ENTRY, True, "missing in the ledger of the gateway"),
    (ENTRY, None, None, True, "missing in the ledger of the switching and the reseller"),
    (ENTRY, ENTRY, ENTRY, False, "the reseller has sold it without an order"),
    (ENTRY, ENTRY._replace(amount=99), ENTRY, True, "the ledgers say another amount"),
    (ENTRY, ENTRY, ENTRY._replace(meter="12345678912"), True, "the ledgers say another meter"),
])  # fmt: skip
def test_what_is_not_equal_is_said(gateway, switching, reseller, is_kiosk, fault):
    assert Row("R", gateway, switching, reseller, is_kiosk).fault == fault
