"""What a depot knows of vouchers and upgrades, and what the help desk asks of it; both kinds of depot."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest

from pln_sim.storage import FILE_NAME
from pln_sim.storage.sql_upgrades import PAGE
from pln_sim.upgrade.records import Upgrade
from pln_sim.upgrade.voucher import Voucher

SECTIONS = ("11111111111111111111", "22222222222222222222", "33333333333333333333")
"""Two of a key change, then the power limit."""
OF_AN_EARLIER_PROGRAM = (
    "DROP TABLE {schema}upgrade_token",
    "ALTER TABLE {schema}used_tid DROP COLUMN serial",
    "DROP INDEX {schema}sale_of_token",
)
OF_THE_FIRST = ("DROP TABLE {schema}upgrade", "DROP TABLE {schema}voucher", "DROP TABLE {schema}decision")


@pytest.fixture
def do(opened_depot):
    """Runs one job; its result, or its error raised."""
    return opened_depot().run


@pytest.fixture
def voucher(some):
    return Voucher(
        code="0" * 16, meter=some.METER, purchase="INV/1", promotion="P", price=1, va_to=5500,
        issued_at=some.NOON, valid_until=date(2026, 11, 30),
    )  # fmt: skip


@pytest.fixture
def upgrade(some, voucher):
    return Upgrade(
        serial=1, meter=some.METER, made_at=some.NOON, old_tariff="R1", old_va=450, old_ti="01", tariff="R1M", va=900, ti="02",
        fee=100, paid=1, voucher=voucher.code, base_date="2014", tid=7, digits=" ".join(SECTIONS),
    )  # fmt: skip


def test_what_is_written_of_an_upgrade_is_read_by_another(do, opened_depot, some, voucher, upgrade):
    assert do(lambda storage: (storage.next_upgrade_serial(), storage.tariff_index(some.METER))) == (1, None)
    do(lambda storage: (storage.add_voucher(voucher), storage.add_upgrade(upgrade)))
    later = replace(upgrade, serial=2, made_at=some.NOON + timedelta(days=1), old_ti="02", ti="03", voucher=None, va=1300)
    do(lambda storage: storage.add_upgrade(later))

    def look(storage):
        return (
            *(storage.voucher(voucher.code), storage.voucher_for("INV/1"), storage.upgrade_by(voucher.code)),
            *(storage.upgrades_of(some.METER), storage.upgrades_behind(0), storage.upgrades_behind(1)),
            *(storage.meters_of_upgrade_token(SECTIONS[1]), storage.tariff_index(some.METER), storage.next_upgrade_serial()),
        )

    known = (voucher, voucher, upgrade, [later, upgrade], [upgrade, later], [later], [some.METER], "03", 3)
    assert do(look) == opened_depot().run(look) == known
    nothing = do(lambda storage: (storage.voucher("1" * 16), storage.voucher_for("INV/2"), storage.upgrade_by("1" * 16)))
    assert nothing == (None, None, None)
    assert do(lambda storage: (storage.upgrades_of(some.OTHER_METER), storage.meters_of_upgrade_token("4" * 20))) == ([], [])


@pytest.mark.parametrize(
    "change", [{}, {"serial": 2}, {"serial": 2, "voucher": None, "va": 450}, {"serial": 2, "voucher": None, "paid": 101}]
)
def test_an_upgrade_that_may_not_be(do, voucher, upgrade, change):
    do(lambda storage: (storage.add_voucher(voucher), storage.add_upgrade(upgrade)))
    with pytest.raises(Exception, match="constraint"):
        do(lambda storage: storage.add_upgrade(replace(upgrade, **change)))
    for wrong in (replace(voucher, purchase="INV/2"), replace(voucher, code="1" * 16)):
        with pytest.raises(Exception, match="constraint"):
            do(lambda storage, wrong=wrong: storage.add_voucher(wrong))
    assert do(lambda storage: storage.next_upgrade_serial()) == 2


def test_upgrades_come_in_pages(do, upgrade):
    many = [replace(upgrade, serial=serial, voucher=None) for serial in range(1, PAGE + 3)]
    do(lambda storage: [storage.add_upgrade(each) for each in many])
    assert do(lambda storage: storage.upgrades_behind(0) + storage.upgrades_behind(PAGE)) == many


def test_sales_by_meter_and_by_token(do, some):
    sales = [replace(some.SALE, serial=n, reference=f"{n:032X}", tid=n, token=f"{n:020}") for n in range(1, 6)]
    other = replace(some.SALE, serial=6, reference="F" * 32, meter=some.OTHER_METER, token="9" * 20)

    def sell_and_ask(storage):
        for sale in (*sales, other):
            storage.add_sale(sale)
        return storage.sales_of(some.METER, 2), storage.sale_of_token(other.token)

    assert do(sell_and_ask) == ([sales[4], sales[3]], other)
    assert do(lambda storage: storage.sales_of(some.METER, 9)) == sales[::-1]
    assert do(lambda storage: storage.sale_of_token("8" * 20)) is None


def test_the_customers_meters(do, some):
    do(lambda storage: storage.load(some.registry, some.customers))
    assert do(lambda storage: storage.meters(3)) == sorted(some.customers)[:3]


@pytest.mark.parametrize(("version", "statements"), [(2, ()), (1, OF_THE_FIRST)])
def test_a_database_of_an_earlier_version_is_brought_up_to_date(
    request, tmp_path, opened_depot, some, upgrade, version, statements
):
    """Version 2 is one in which the earlier program had upgrades already."""
    upgrade = replace(upgrade, voucher=None)
    with opened_depot() as depot:
        depot.run(lambda storage: (storage.add_sale(some.SALE), storage.add_upgrade(upgrade)))
    if "sqlite" in request.node.name:
        with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
            for statement in (*OF_AN_EARLIER_PROGRAM, *statements, f"PRAGMA user_version = {version}"):
                connection.execute(statement.format(schema=""))
    else:
        for statement in (*OF_AN_EARLIER_PROGRAM, *statements, "UPDATE {schema}schema_version SET version = {version}"):
            request.getfixturevalue("postgres").execute(statement.format(schema="pln_sim.", version=version))
    depot = opened_depot()
    owners = [[some.METER]] * 3 if version == 2 else [[]] * 3
    assert depot.run(lambda storage: [*map(storage.meters_of_upgrade_token, SECTIONS)]) == owners
    assert depot.run(lambda storage: storage.sale_of_token(some.SALE.token)) == some.SALE
    assert depot.run(lambda storage: storage.sales_of(some.METER, 2)) == [some.SALE]
    depot.run(lambda storage: (storage.add_decision(some.DECISION), storage.add_upgrade(replace(upgrade, serial=2))))
