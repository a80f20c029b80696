"""The document's message streams, both ways, and what the table says beside the document's words."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from pln_sim.gateway.messages import (
    Amount,
    ImproperMessage,
    InvalidValue,
    Message,
    MessageError,
    Mti,
    ResponseCode,
    UnbuildableMessage,
    build,
    parse,
    read,
    table,
    write,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gateway_streams.json").read_text())["streams"]
STREAMS = {row["id"]: row["stream"].encode("ascii") for row in VECTORS}
SIGN_ON = STREAMS["network management sign-on request"]
INQUIRY = STREAMS["inquiry ok request"]
INQUIRED = STREAMS["inquiry ok response"]
PURCHASE = STREAMS["purchase ok request"]
PURCHASED = STREAMS["purchase ok response"]
BIT_MAPS = {
    "2800": "0010000001010000",
    "2810": "0010000003010000",
    "2100": "5030004100010000",
    "2110": "5032004102010000",
    "2200": "5030004100010000",
    "2210": "5032004102010000",
    "2220": "5030004100010000",
    "2230": "5032004102010000",
    "2221": "5030004100010000",
    "2231": "5032004102010000",
}
"""As printed in the description of each message."""
LENGTHS_OF_48 = {
    "2800": ("007", "007"),
    "2810": ("007", "007"),
    "2100": ("031", "031"),
    "2110": ("031", "063"),
    "2200": ("095", "095"),
    "2210": ("095", "240"),
    "2220": ("095", "095"),
    "2230": ("095", "240"),
    "2221": ("095", "095"),
    "2231": ("095", "240"),
}
"""As printed: if RC != 0000, if RC = 0000."""


def replaced(stream, old, new):
    assert stream.count(old) == 1, (stream.count(old), old)
    return stream.replace(old, new)


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_printed_stream_is_parsed_and_rebuilt_byte_for_byte(stream):
    message = parse(stream)
    assert build(message) == stream
    assert write(read(stream)) == stream
    named = dict(zip((field.name for field in message.layout.fields), message.texts, strict=False))
    assert build(Message.of_texts(message.mti, named)) == stream


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_a_printed_stream_is_built_from_what_it_means(stream):
    message = parse(stream)
    values = {field.name: message[field] for field in message.layout.fields if field not in table.MINOR_UNITS}
    assert build(Message.of(message.mti, **values)) == stream


def test_the_bit_maps_are_those_printed():
    assert {mti: layout.bit_maps[0] for mti, layout in table.LAYOUTS.items()} == BIT_MAPS


def test_the_lengths_of_element_48_are_those_printed():
    lengths = {
        mti: tuple(f"{sum(field.length for field in parts[table.ELEMENTS[48]]):03}" for parts in layout.parts)
        for mti, layout in table.LAYOUTS.items()
    }
    assert lengths == LENGTHS_OF_48


def test_names_are_unique_and_those_of_the_constants():
    assert {name: getattr(table, name.upper(), None) for name in table.FIELDS if name != "amount"} == {
        name: field for name, field in table.FIELDS.items() if name != "amount"
    }
    assert table.FIELDS["amount"] is table.PURCHASE_AMOUNT
    private = [field for field in table.LAYOUTS[Mti.PURCHASE_RESPONSE].fields if field.element.number == 48]
    assert [field.place for field in private] == list(range(1, 26))


def test_the_printed_purchase_says_what_the_document_says():
    sold = parse(PURCHASED)
    assert (sold.mti, sold.is_successful, sold[table.RESPONSE_CODE]) == (Mti.PURCHASE_RESPONSE, True, ResponseCode.SUCCESSFUL)
    assert (sold[table.PAN], sold[table.CURRENCY]) == ("53502", "360")
    assert sold[table.PURCHASE_AMOUNT] == Amount(500000, 0)
    assert sold[table.TRACE_NUMBER] == "100000000001"
    assert sold[table.LOCAL_TIME] == datetime(2008, 5, 2, 7, 23)
    assert sold[table.SETTLEMENT_DATE] == date(2008, 5, 2)
    assert sold[table.MERCHANT_CATEGORY].meaning == "Kiosk"
    assert (sold[table.BANK_CODE], sold[table.SWITCHER_ID]) == ("0110000", "10000D3")
    assert sold[table.METER_NUMBER] == "12345678911"
    assert sold[table.PLN_REFERENCE] == "3DF0176A1F03DB74F5B8C4D39DC43F86"
    assert sold[table.RECEIPT_REFERENCE] == "0555774F6A4E99648DA2C7C3691DD8F2"
    assert (sold[table.VENDING_RECEIPT], sold[table.SUBSCRIBER_NAME]) == ("10000001", "SUBSCRIBER NAME")
    assert (sold[table.SEGMENTATION], sold[table.POWER_CATEGORY]) == ("R1", 450)
    charges = (
        table.ADMIN_CHARGE,
        table.STAMP_DUTY,
        table.VALUE_ADDED_TAX,
        table.LIGHTING_TAX,
        table.INSTALMENT,
        table.POWER_PURCHASE,
    )
    shown = ["0.00", "3000.00", "21991.15", "6597.35", "248500.00", "219911.50"]
    assert [str(sold[charge]) for charge in charges] == shown
    assert sum(sold[charge].in_units(2) for charge in charges) == sold[table.PURCHASE_AMOUNT].in_units(2)
    assert (sold[table.ENERGY], sold[table.TOKEN]) == (Amount(23300, 2), "01234567890123456789")


class TestBitMapOf2110:
    """It announces field 15, which the message never has; a setting sends one that does not."""

    HONEST = replaced(INQUIRED, b"5032004102010000", b"5030004102010000")

    def test_both_are_read_and_rebuilt(self):
        assert build(parse(self.HONEST)) == self.HONEST
        assert parse(self.HONEST).texts == parse(INQUIRED).texts

    def test_the_documents_own_is_sent_unless_the_honest_one_is_asked_for(self):
        reply = parse(INQUIRY).reply(ResponseCode.SUCCESSFUL, pln_reference="3DF0176A1F03DB74F5B8C4D39DC43F86")
        assert write(reply) == INQUIRED
        assert write(reply.with_honest_bit_map()) == self.HONEST
        assert parse(self.HONEST).with_honest_bit_map() == parse(self.HONEST)

    def test_no_other_message_has_two(self):
        for stream in STREAMS.values():
            if stream[:4] != b"2110":
                assert write(read(stream).with_honest_bit_map()) == stream

    def test_a_settlement_date_that_really_comes_is_improper(self):
        with pytest.raises(ImproperMessage):
            parse(replaced(INQUIRED, b"6015", b"200805026015"))


@pytest.mark.parametrize(
    ("stream", "position", "words"),
    [
        (b"", 0, "'' is no message type"),
        (b"28", 0, "'28' is no message type"),
        (b"hello", 0, "'hell' is no message type"),
        (b"0800" + SIGN_ON[4:], 0, "'0800' is no message type"),
        (b"2230", 4, "bit_map at byte 4: must be 5032004102010000, not ''"),
        (SIGN_ON[:12], 4, "not '00100000'"),
        (replaced(SIGN_ON, b"0010000001010000", b"001000000101000G"), 4, "not '001000000101000G'"),
        (replaced(SIGN_ON, b"0010000001010000", b"0010000001010001"), 4, "announces field 64, which it does not carry"),
        (replaced(SIGN_ON, b"0010000001010000", b"8010000001010000"), 4, "announces field 1, which it does not carry"),
        (replaced(SIGN_ON, b"0010000001010000", b"0000000001010000"), 4, "lacks field 12"),
        (replaced(SIGN_ON, b"0010000001010000", b"2000000000000000"), 4, "announces field 3, which it does not carry; lacks"),
        (replaced(PURCHASED, b"5032004102010000", b"5030004102010000"), 4, "lacks field 15"),
        (replaced(INQUIRY, b"2100503", b"2100513"), 4, "announces field 8"),
        (replaced(SIGN_ON, b"00710000D3", b"00610000D"), 37, "2800 field 48 at byte 37: has length 006, not 007"),
        (replaced(SIGN_ON, b"00710000D3", b"0 710000D3"), 37, "has length 0 7, not 007"),
        (replaced(SIGN_ON, b"00710000D3", b"+0710000D3"), 37, "has length +07, not 007"),
        (replaced(INQUIRY, b"000553502", b"000453502"), 20, "2100 field 2 at byte 20: has length 04, not 05"),
        (replaced(INQUIRY, b"601507", b"601500"), 73, "2100 field 32 at byte 73: has length 00, not 07"),
        (replaced(PURCHASE, b"09510000D3", b"03110000D3"), 82, "has length 031, not 095"),
        (replaced(INQUIRED, b"0110000000006310000D3", b"0110000001506310000D3"), 86, "has length 063, not 031"),
        (replaced(INQUIRED, b"0110000000006310000D3", b"0110000000003110000D3"), 86, "has length 031, not 063"),
        (SIGN_ON[:-1], 40, "2800 field 48 at byte 40: field data is 6 bytes, expecting 7"),
        (SIGN_ON[:38], 37, "expecting 3"),
        (SIGN_ON + b"X", 47, "extra data after last field"),
        (SIGN_ON + b"\n", 47, "0x0a is not printable ASCII"),
        (b"\x80" + SIGN_ON, 0, "0x80 is not printable"),
        (replaced(INQUIRY, b"12345678911", b"1234567\xff911"), 99, "0xff is not printable"),
    ],
)
def test_an_improper_message_tells_what_and_where(stream, position, words):
    with pytest.raises(ImproperMessage) as caught:
        parse(stream)
    assert words in str(caught.value)
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("stream", "field", "subfield", "name", "position", "words"),
    [
        (replaced(SIGN_ON, b"2300001007", b"2300101007"), 40, None, "action_code", 34, "101 is none of 001, 002, 301"),
        (replaced(SIGN_ON, b"20080502", b"20080431"), 12, None, "local_time", 20, "no such moment: 20080431072300"),
        (replaced(SIGN_ON, b"072300", b"072360"), 12, None, "local_time", 20, "no such moment: 20080502072360"),
        (replaced(SIGN_ON, b"20080502", b"00000502"), 12, None, "local_time", 20, "no such moment: 00000502072300"),
        (replaced(SIGN_ON, b"10000D3", b"1000-D3"), 48, 1, "switcher_id", 44, "letters, digits or spaces, not '-'"),
        (replaced(INQUIRY, b"53502360", b"5350X360"), 2, None, "pan", 26, "digits, not 'X'"),
        (replaced(INQUIRY, b"53502360", b"53502840"), 4, 1, "currency", 27, "must be 360, not 840"),
        (replaced(INQUIRY, b"535023600", b"53502360A"), 4, 2, "amount_minor_unit", 30, "digits, not 'A'"),
        (replaced(INQUIRY, b"3600000000100000", b"360000000010000-"), 4, 3, "amount", 42, "digits, not '-'"),
        (replaced(INQUIRY, b"6015", b"6019"), 26, None, "merchant_category", 69, "6019 is none of 6010, 6011"),
        (replaced(INQUIRY, b"0110000", b"01100;0"), 32, None, "bank_code", 80, "letters, digits or spaces, not ';'"),
        (replaced(INQUIRY, b"12345678911", b"123456789I1"), 48, 2, "meter_number", 101, "digits, not 'I'"),
        (replaced(INQUIRY, b"911000000000000", b"911000000000001"), 48, 3, "subscriber_id", 103, "must be 000000000000"),
        (INQUIRY[:-1] + b"1", 48, 4, "flag", 115, "must be 0, not 1"),
        (replaced(PURCHASED, b"0723002008", b"0723002O08"), 15, None, "settlement_date", 70, "digits, not 'O'"),
        (replaced(PURCHASED, b"R1  000000450", b"R1  00000045O"), 48, 10, "power_category", 237, "digits, not 'O'"),
        (replaced(PURCHASED, b"20000300000", b" 0000300000"), 48, 13, "stamp_duty_minor_unit", 249, "digits, not ' '"),
        (replaced(PURCHASED, b"20000300000", b"2000030000 "), 48, 14, "stamp_duty", 259, "digits, not ' '"),
        (PURCHASED[:-1] + b"x", 48, 25, "token", 336, "digits, not 'x'"),
    ],
)
def test_an_invalid_value_tells_what_and_where(stream, field, subfield, name, position, words):
    with pytest.raises(InvalidValue) as caught:
        parse(stream)
    error = caught.value
    assert words in str(error)
    assert (error.field, error.subfield, error.name, error.position) == (field, subfield, name, position)
    assert error.mti == stream[:4].decode()
    message = read(stream)
    assert str(message.fault) == str(error)
    assert write(message) == stream
    with pytest.raises(UnbuildableMessage):
        build(message)


def test_a_response_code_must_be_one_of_that_message():
    network = STREAMS["network management sign-on response"]
    assert parse(replaced(network, b"23000000001007", b"23000032001007"))[table.RESPONSE_CODE].meaning.endswith("Switching")
    for stream in (
        replaced(network, b"23000000001007", b"23000031001007"),
        replaced(INQUIRED[: -len("3DF0176A1F03DB74F5B8C4D39DC43F86")], b"0000063", b"0096031"),
        replaced(INQUIRED[: -len("3DF0176A1F03DB74F5B8C4D39DC43F86")], b"0000063", b"1234031"),
    ):
        with pytest.raises(InvalidValue) as caught:
            parse(stream)
        assert caught.value.name == "response_code"


class TestReply:
    """A response gives back what it has in common with its request."""

    def test_the_printed_responses_follow_from_the_requests(self):
        assert write(parse(SIGN_ON).reply(ResponseCode.SUCCESSFUL)) == STREAMS["network management sign-on response"]
        sold = parse(PURCHASED)
        names = [field.name for field in table.LAYOUTS[Mti.PURCHASE_RESPONSE].if_successful if field not in table.MINOR_UNITS]
        values = {name: sold[table.FIELDS[name]] for name in ("settlement_date", *names)}
        # The printed response shows another amount than the request, against its own text.
        request = parse(replaced(PURCHASE, b"000000100000", b"000000500000"))
        assert write(request.reply(ResponseCode.SUCCESSFUL, **values)) == PURCHASED

    def test_a_refusal_gives_back_even_what_it_refuses(self):
        asked = read(replaced(replaced(INQUIRY, b"6015", b"60AB"), b"3600000000100000", b"360?00000010000X"))
        assert asked.fault is not None
        refusal = asked.reply(ResponseCode.INVALID_MESSAGE)
        assert refusal.fault is None
        assert parse(build(refusal)) == refusal
        assert refusal.text(table.MERCHANT_CATEGORY) == "60AB"
        assert (refusal.is_successful, table.PLN_REFERENCE in refusal) == (False, False)
        with pytest.raises(InvalidValue):
            refusal[table.PURCHASE_AMOUNT]
        with pytest.raises(KeyError):
            refusal[table.PLN_REFERENCE]

    def test_a_success_gives_back_nothing_invalid(self):
        asked = read(replaced(INQUIRY, b"6015", b"60AB"))
        with pytest.raises(UnbuildableMessage, match="merchant_category"):
            asked.reply(ResponseCode.SUCCESSFUL, pln_reference="0" * 32)

    def test_only_a_request_has_one(self):
        with pytest.raises(UnbuildableMessage, match="no request"):
            parse(INQUIRED).reply(ResponseCode.OTHER)

    def test_not_with_a_code_of_another_message(self):
        with pytest.raises(UnbuildableMessage, match="0096 is no response code of this message"):
            parse(INQUIRY).reply(ResponseCode.NOT_FOUND)


VALUES = {"local_time": datetime(2008, 5, 2, 7, 23), "action_code": "301", "switcher_id": "10000D3"}
ASKED = {
    "amount": Amount(100000, 0),
    "trace_number": "100000000001",
    "local_time": datetime(2008, 5, 2, 7, 23),
    "merchant_category": "6015",
    "bank_code": "0110000",
    "switcher_id": "10000D3",
    "meter_number": "12345678911",
}


class TestBuilding:
    def test_what_the_document_always_sets_may_be_left_out(self):
        assert build(Message.of(Mti.INQUIRY_REQUEST, **ASKED)) == INQUIRY

    def test_short_texts_are_padded_as_the_table_says(self):
        message = Message.of(
            Mti.PURCHASE_REQUEST, **ASKED | {"switcher_id": "D3"}, pln_reference="A" * 32, receipt_reference="7"
        )
        assert message.text(table.SWITCHER_ID) == "00000D3"
        assert message.text(table.RECEIPT_REFERENCE) == "7" + " " * 31
        assert message[table.RECEIPT_REFERENCE] == "7"

    @pytest.mark.parametrize(
        ("changed", "words"),
        [
            ({"local_time": None}, "local_time: must be datetime, not NoneType"),
            ({"local_time": "20080502072300"}, "must be datetime, not str"),
            ({"local_time": datetime.fromisoformat("2008-05-02T07:23+07:00")}, "no zone"),
            ({"amount": 100000}, "field 4:3 amount: must be Amount, not int"),
            ({"amount": Amount(10**12, 0)}, "must be 12 characters, not 13"),
            ({"meter_number": "1234567891"}, "field 48:2 meter_number: must be 11 characters, not 10"),
            ({"meter_number": "1234567891A"}, "2100 field 48:2 meter_number at byte 102: must be digits"),
            ({"meter_number": "1234567891\xff"}, "printable ASCII"),
            ({"meter_number": "1234567891٣"}, "printable ASCII"),
            ({"merchant_category": "6019"}, "none of 6010"),
            ({"currency": "840"}, "must be 360"),
            ({"bank_code": "011"}, "must be 7 characters, not 3"),
            ({"token": "1" * 20}, "2100: has no token"),
            ({"amount_minor_unit": 2}, "takes amount_minor_unit from its amount"),
        ],
    )
    def test_a_value_that_does_not_fit(self, changed, words):
        with pytest.raises(UnbuildableMessage) as caught:
            Message.of(Mti.INQUIRY_REQUEST, **ASKED | changed)
        assert words in str(caught.value)

    def test_a_missing_value(self):
        with pytest.raises(UnbuildableMessage, match="2800: needs action_code"):
            Message.of(Mti.NETWORK_REQUEST, **{name: VALUES[name] for name in ("local_time", "switcher_id")})

    def test_a_refusal_takes_nothing_that_only_a_success_has(self):
        with pytest.raises(UnbuildableMessage, match="has no 'pln_reference' unless the response code is 0000"):
            Message.of(Mti.INQUIRY_RESPONSE, **ASKED, response_code="0015", pln_reference="A" * 32)
        with pytest.raises(UnbuildableMessage, match="needs pln_reference"):
            Message.of(Mti.INQUIRY_RESPONSE, **ASKED, response_code="0000")

    def test_a_bit_map_of_another_message(self):
        message = parse(SIGN_ON)
        texts = {field.name: message.text(field) for field in message.layout.fields}
        with pytest.raises(UnbuildableMessage, match="bit map"):
            Message.of_texts(Mti.NETWORK_REQUEST, texts, BIT_MAPS["2810"])

    @pytest.mark.parametrize(
        ("stream", "texts"),
        [
            (SIGN_ON, ("20080502072300", "01", "10000D3")),
            (SIGN_ON, ("20080502072300", "00110000D3")),
            (SIGN_ON, ("20080502072300", "001")),
            (SIGN_ON, ()),
            (INQUIRED, parse(INQUIRED).texts[:-1]),
            (PURCHASED, (*parse(PURCHASED).texts, "1")),
        ],
    )
    def test_texts_that_do_not_fit_are_no_message(self, stream, texts):
        layout = parse(stream).layout
        with pytest.raises(UnbuildableMessage, match="do not fit"):
            Message(layout, texts, layout.bit_maps[0])

    def test_texts_that_are_not_ascii_are_not_written(self):
        layout = table.LAYOUTS[Mti.NETWORK_REQUEST]
        with pytest.raises(UnbuildableMessage, match="field 48"):
            write(Message(layout, ("20080502072300", "001", "1000\xff0D3"[:7]), layout.bit_maps[0]))
        with pytest.raises(UnbuildableMessage, match="do not fit"):
            Message(layout, ("20080502072300", "001", "10000D3"), BIT_MAPS["2810"])

    def test_a_message_seen_by_chance_tells_no_token(self):
        assert repr(parse(PURCHASED)) == "Message(2210 Purchase Response, 0000)"

    def test_equal_texts_are_equal_messages(self):
        assert parse(SIGN_ON) == parse(SIGN_ON)
        assert len({parse(SIGN_ON), parse(SIGN_ON), parse(INQUIRY)}) == 2


def test_a_name_with_punctuation_does_not_cost_a_token():
    stream = replaced(PURCHASED, b"SUBSCRIBER NAME  ", b"PT. O'BRIEN & CO ")
    assert parse(stream)[table.SUBSCRIBER_NAME] == "PT. O'BRIEN & CO"


def test_the_errors_are_one_family():
    for error in (ImproperMessage, InvalidValue, UnbuildableMessage):
        assert issubclass(error, MessageError)
        assert issubclass(error, ValueError)


class TestAmount:
    def test_worth(self):
        assert Amount(100000, 0).in_units(2) == Amount(10000000, 2).in_units(2) == 10000000
        assert [str(Amount(7, decimals)) for decimals in (0, 1, 9)] == ["7", "0.7", "0.000000007"]

    @pytest.mark.parametrize(("value", "decimals"), [(-1, 0), (1, -1), (1, 10)])
    def test_none(self, value, decimals):
        with pytest.raises(ValueError, match="an amount is"):
            Amount(value, decimals)
