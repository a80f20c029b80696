"""The slip, line by line."""

import re
from dataclasses import replace
from datetime import date, datetime

import pytest

from meter_emu.sts.numbers.drn import Drn
from pln_sim.vending.bill import bill
from pln_sim.vending.customer import Customer
from pln_sim.vending.slip import FIELDS, WIDTH, Slip, as_json, as_text
from pln_sim.vending.tariff import built_in_tariffs

CUSTOMER = Customer(
    meter=Drn("04176855916"), idpel="537612345678", name="BUDI SANTOSO", tariff="R1", va=1300, ppj=1000, instalment=0
)
BILL = bill(2_350_000, tariff="R1", va=1300, ppj=1000, on=date(2026, 1, 5), tariffs=built_in_tariffs(), admin=350_000)
SLIP = Slip(
    customer=CUSTOMER,
    bill=BILL,
    token="01234567890123456789",
    reference="3DF0176A1F03DB74F5B8C4D39DC43F86",
    sold_at=datetime(2026, 1, 5, 9, 30),
    lighting_tax="PBJT-TL",
)
TEXT = """\
         STRUK PEMBELIAN LISTRIK PRABAYAR
NO METER        : 04176855916
IDPEL           : 537612345678
NAMA            : BUDI SANTOSO
TARIF/DAYA      : R1/000001300VA
NO REF          : 3DF0176A1F03DB74F5B8C4D39DC43F86
RP BAYAR        : Rp 23.500,00
METERAI         : Rp 0,00
PPN             : Rp 0,00
PBJT-TL         : Rp 1.819,00
ANGSURAN        : Rp 0,00
RP STROOM/TOKEN : Rp 18.181,00
JML KWH         : 12,6
STROOM/TOKEN    : 0123 4567 8901 2345 6789
ADMIN BANK      : Rp 3.500,00"""


def test_the_text():
    assert as_text(SLIP) == TEXT


def test_before_2026_the_tax_has_its_old_name():
    assert as_text(replace(SLIP, lighting_tax="PPJ")) == TEXT.replace("PBJT-TL", "PPJ    ")


def test_the_object():
    assert as_json(SLIP) == {
        "token": "01234567890123456789",
        "meter": "04176855916",
        "idpel": "537612345678",
        "name": "BUDI SANTOSO",
        "tariff": "R1",
        "va": 1300,
        "reference": "3DF0176A1F03DB74F5B8C4D39DC43F86",
        "sold_at": "2026-01-05T09:30:00",
        "paid": "23500.00",
        "admin": "3500.00",
        "stamp_duty": "0.00",
        "vat": "0.00",
        "ppj": "1819.00",
        "instalment": "0.00",
        "stroom": "18181.00",
        "rate": "1444.70",
        "kwh": "12.6",
    }
    assert list(as_json(SLIP)) == list(FIELDS)


@pytest.mark.parametrize("amount", [0, 1, 10**12 - 1])
def test_no_line_is_wider_than_the_paper(amount):
    names = ("paid", "admin", "stamp_duty", "vat", "ppj", "instalment", "stroom")
    widest = replace(
        SLIP,
        customer=replace(CUSTOMER, name="M" * 25, tariff="R1MX", va=999_999_999),
        bill=replace(BILL, kwh=18_201_624, **dict.fromkeys(names, amount)),
    )
    lines = as_text(widest).splitlines()
    assert max(map(len, lines)) == WIDTH == 50
    assert all(line == line.rstrip() for line in lines)
    assert all(re.fullmatch(r".{15} : \S.*", line) for line in lines[1:])
