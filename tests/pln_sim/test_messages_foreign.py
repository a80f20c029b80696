"""The printed streams as bare pyiso8583 sees them, with a specification (tests/vectors) and offsets written down by hand."""

import json
from pathlib import Path

import iso8583
import pytest

from pln_sim.gateway.messages import parse, table

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gateway_streams.json").read_text())["streams"]
STREAMS = {row["id"]: row["stream"].encode("ascii") for row in VECTORS}
SPECIFICATION = json.loads((Path(__file__).parents[1] / "vectors" / "iso8583_specification.json").read_text())
OF_2110 = SPECIFICATION | {"15": SPECIFICATION["h"]}
"""Its bit map announces a field that is not there."""

WHOLE = {
    "2": "pan",
    "11": "trace_number",
    "12": "local_time",
    "15": "settlement_date",
    "26": "merchant_category",
    "32": "bank_code",
    "39": "response_code",
    "40": "action_code",
}
PIECES = {
    "4": (("currency", 0, 3), ("amount_minor_unit", 3, 4), ("amount", 4, 16)),
    "48": (
        ("switcher_id", 0, 7),
        ("meter_number", 7, 18),
        ("subscriber_id", 18, 30),
        ("flag", 30, 31),
        ("pln_reference", 31, 63),
        ("receipt_reference", 63, 95),
        ("vending_receipt", 95, 103),
        ("subscriber_name", 103, 128),
        ("segmentation", 128, 132),
        ("power_category", 132, 141),
        ("admin_charge_minor_unit", 141, 142),
        ("admin_charge", 142, 152),
        ("stamp_duty_minor_unit", 152, 153),
        ("stamp_duty", 153, 163),
        ("value_added_tax_minor_unit", 163, 164),
        ("value_added_tax", 164, 174),
        ("lighting_tax_minor_unit", 174, 175),
        ("lighting_tax", 175, 185),
        ("instalment_minor_unit", 185, 186),
        ("instalment", 186, 196),
        ("power_purchase_minor_unit", 196, 197),
        ("power_purchase", 197, 209),
        ("energy_minor_unit", 209, 210),
        ("energy", 210, 220),
        ("token", 220, 240),
    ),
}


def foreign_texts(stream):
    """The texts of the fields by name, without any of the code under test."""
    elements, _ = iso8583.decode(stream, OF_2110 if stream[:4] == b"2110" else SPECIFICATION)
    texts = {}
    for number, text in elements.items():
        if number in WHOLE and text:
            texts[WHOLE[number]] = text
        texts |= {name: text[start:end] for name, start, end in PIECES.get(number, ()) if start < len(text)}
    return elements["t"], elements["p"], texts


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_foreign_reader_sees_the_same(stream):
    message = parse(stream)
    ours = {field.name: message.text(field) for field in message.layout.fields if field in message}
    assert (message.mti, message.bit_map, ours) == foreign_texts(stream)


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_foreign_writer_is_understood(stream):
    elements, _ = iso8583.decode(stream, OF_2110 if stream[:4] == b"2110" else SPECIFICATION)
    elements.pop("p")
    if stream[:4] == b"2110":
        elements.pop("15")
    built, _ = iso8583.encode(elements, SPECIFICATION)
    assert parse(bytes(built)).texts == parse(stream).texts


def test_the_printed_purchase_in_a_foreign_readers_words():
    purchase = next(stream for stream in STREAMS.values() if stream[:4] == b"2210")
    mti, _, texts = foreign_texts(purchase)
    assert (mti, texts["pan"], texts["currency"], texts["amount"]) == ("2210", "53502", "360", "000000500000")
    assert (texts["subscriber_name"], texts["segmentation"]) == ("SUBSCRIBER NAME          ", "R1  ")
    assert (texts["power_category"], texts["stamp_duty"], texts["energy"]) == ("000000450", "0000300000", "0000023300")
    assert texts["token"] == "01234567890123456789"
    assert set(texts) | {"action_code"} == set(table.FIELDS)
