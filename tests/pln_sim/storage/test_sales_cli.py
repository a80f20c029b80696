"""`pln-sim sales` on both kinds of database: which sales, in which order, without their tokens."""

import json
import sqlite3
from contextlib import closing
from dataclasses import fields, replace
from datetime import date, datetime

import pytest

from meter_emu.sts.numbers import Drn
from pln_sim.reconciliation.result import Result
from pln_sim.storage import COUNTER, Sale, open_depot
from pln_sim.storage.sql_storage import PAGE

DAY, NEXT_DAY = date(2026, 11, 22), date(2026, 11, 23)
OTHER_SWITCHING = "10000D4"
TABLE = """\
receipt   sold at              settled on  switching  meter                rupiah          kWh  \
reference                         verdict
00000001  2026-11-22 12:00:00  2026-11-22  10000D3    12345678911       50.000,00        117,0  00000000000000000000000000000001
00000002  2026-11-22 12:00:00  2026-11-22  10000D4    12345678911       50.000,00        117,0  00000000000000000000000000000002
00000003  2026-11-22 12:00:00  2026-11-23  10000D3    14100000109   12.345.678,90      1.234,5  00000000000000000000000000000003
00000004  2026-11-22 12:00:00  2026-11-23  -          12345678911       50.000,00        117,0  00000000000000000000000000000004
"""


@pytest.fixture(params=["sqlite", "postgres"])
def db(request, tmp_path):
    """What `--db` says of a database in which nothing is."""
    return str(tmp_path / "vending.db") if request.param == "sqlite" else request.getfixturevalue("postgres").url


@pytest.fixture
def sell(some):
    """Puts sales into a database, each with what is said of it."""

    def put(db, *said):
        def add(storage):
            for each in said:
                serial = storage.next_serial()
                number = {"serial": serial, "reference": f"{serial:032}", "tid": serial, "token": f"{serial:020}"}
                storage.add_sale(replace(some.SALE, **number, **each))

        with open_depot(db) as depot:
            depot.run(add)

    return put


@pytest.fixture
def four_sales(db, sell, some):
    """A database with a sale of each sort."""
    large = {"paid": 1_234_567_890, "stroom": 1_234_567_880, "kwh": 12345}
    sell(
        db,
        {},
        {"switcher_id": OTHER_SWITCHING},
        {"settled_on": NEXT_DAY, "meter": some.OTHER_METER, **large},
        {"settled_on": NEXT_DAY, "switcher_id": COUNTER},
    )
    return db


def test_the_table(pln_sim, four_sales):
    result = pln_sim("sales", "--db", four_sales)
    assert (result.exit_code, result.stdout, result.stderr) == (0, TABLE, "")
    assert not pln_sim.home.exists()


@pytest.mark.parametrize(
    ("options", "serials"),
    [
        ((), [1, 2, 3, 4]),
        (("--date", "2026-11-22"), [1, 2]),
        (("--switching", "10000D3"), [1, 3]),
        (("--switching", ""), [4]),
        (("--meter", "12345678911"), [1, 2, 4]),
        (("--meter", "1410-0000-109", "--date", "2026-11-23", "--switching", "10000D3"), [3]),
    ],
)
def test_only_those_that_are_asked_for(pln_sim, four_sales, options, serials):
    result = pln_sim("sales", "--db", four_sales, "--json", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    assert [json.loads(line)["serial"] for line in result.stdout.splitlines()] == serials


@pytest.mark.parametrize("options", [("--date", "2026-11-24"), ("--switching", "10000D9"), ("--meter", "14100000042")])
def test_nothing_like_that_was_sold(pln_sim, four_sales, options):
    result = pln_sim("sales", "--db", four_sales, *options)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "note: no sale is like that\n")


def test_tokens_are_shown_on_request_only(pln_sim, four_sales):
    for options in ((), ("--json",)):
        hidden = pln_sim("sales", "--db", four_sales, *options).output
        assert "0000 0000 0000 0000 0001" not in hidden
        assert '"token"' not in hidden
    table = pln_sim("sales", "--db", four_sales, "--tokens").stdout.splitlines()
    assert table[0].endswith("reference                         verdict        token")
    assert [line[-24:] for line in table[1:]] == [f"0000 0000 0000 0000 000{serial}" for serial in (1, 2, 3, 4)]
    objects = pln_sim("sales", "--db", four_sales, "--tokens", "--json").stdout.splitlines()
    assert [json.loads(line)["token"] for line in objects] == [f"{serial:020}" for serial in (1, 2, 3, 4)]


def test_json_has_all_that_is_known(pln_sim, four_sales):
    value = json.loads(pln_sim("sales", "--db", four_sales, "--json").stdout.splitlines()[2])
    assert value.keys() == {"receipt", "verdict", *(field.name for field in fields(Sale))} - {"token"}
    assert (value["receipt"], value["paid"], value["stamp_duty"], value["kwh"]) == ("00000003", "12345678.90", "0.01", "1234.5")
    assert (value["sold_at"], value["settled_on"], value["va"]) == ("2026-11-22T12:00:00", "2026-11-23", 450)


def test_what_reconciliation_made_of_a_sale(pln_sim, four_sales, some):
    with open_depot(four_sales) as depot:
        for number, result in ((1, Result.CANCELLED), (3, Result.NOT_CANCELLED)):
            decision = replace(some.DECISION, reference=f"{number:032}", result=result)
            depot.run(lambda storage, decision=decision: storage.add_decision(decision))
    table = pln_sim("sales", "--db", four_sales).stdout.splitlines()[1:]
    assert [line.partition(f"{serial:032}")[2].strip() for serial, line in enumerate(table, 1)] == [
        *("cancelled", "", "not cancelled", ""),
    ]
    objects = [json.loads(line) for line in pln_sim("sales", "--db", four_sales, "--json").stdout.splitlines()]
    assert [each["verdict"] for each in objects] == ["cancelled", None, "not cancelled", None]


def test_more_than_a_page(pln_sim, db, sell):
    sell(db, *({"meter": Drn("14100000042")} for _ in range(2 * PAGE + 1)))
    lines = pln_sim("sales", "--db", db, "--json").stdout.splitlines()
    assert [json.loads(line)["serial"] for line in lines] == list(range(1, 2 * PAGE + 2))


def test_an_empty_database(pln_sim, db):
    open_depot(db).close()
    for options in ((), ("--json",)):
        result = pln_sim("sales", "--db", db, *options)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", "note: nothing was sold yet\n")


def test_the_database_of_the_home(pln_sim):
    assert "nothing was ever sold here" in pln_sim.complaint("sales", exit_code=1)
    assert not pln_sim.home.exists()
    assert pln_sim("vend", "14100000042", "50000", "--at", "2026-11-22T10:00").exit_code == 0
    (line,) = pln_sim("sales", "--json").stdout.splitlines()
    value = json.loads(line)
    assert (value["switcher_id"], value["name"], value["kwh"]) == (COUNTER, "DEWI LESTARI", "33.7")
    assert datetime.fromisoformat(value["sold_at"]) == datetime(2026, 11, 22, 10)


def test_a_database_that_is_not_there(pln_sim, tmp_path):
    assert "there is no vending database" in pln_sim.complaint("sales", "--db", tmp_path / "nope.db", exit_code=1)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_someone_writes_to_is_read(pln_sim, tmp_path, sell):
    path = tmp_path / "vending.db"
    sell(path, {})
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(pln_sim("sales", "--db", path, "--json").stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--date", "yesterday"), "no day like 2026-11-23"),
        (("--date", "2026-02-30"), "no day like 2026-11-23"),
        (("--switching", "10000D"), "7 letters or digits"),
        (("--switching", "10000D3\n"), "7 letters or digits"),
        (("--meter", "123"), "meter number"),
        (("--db", "mysql://host/db"), "--db"),
        (("more",), "unexpected extra argument"),
    ],
)
def test_wrong_usage(pln_sim, options, words):
    assert words in pln_sim.complaint("sales", *options)
    assert not pln_sim.home.exists()
