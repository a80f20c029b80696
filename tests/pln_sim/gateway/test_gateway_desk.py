"""The desk: which request is answered what, for every response code, with no socket."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from pln_sim.gateway.configuration import built_in_configuration
from pln_sim.gateway.desk import CHECKS, Session
from pln_sim.gateway.messages import Amount, Mti, ResponseCode, read, table, write
from pln_sim.gateway.messages.table import LAYOUT_OF_REPLY_TO

INQUIRY, PURCHASE = Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST
ADVICE, REPEAT = Mti.ADVICE_REQUEST, Mti.ADVICE_REPEAT_REQUEST
OTHER, OTHER_BANK = "10000D4", "0010000"


@pytest.fixture
def request_(helpers):
    return helpers.request


def test_every_request_has_its_checks():
    assert set(CHECKS) == set(LAYOUT_OF_REPLY_TO)


def test_inquiry_then_purchase_then_advice_tell_of_one_token(counter, request_, helpers):
    reference = counter.inquire()
    sold = counter.ask(request_(PURCHASE, reference=reference))
    assert sold.is_successful
    assert sold[table.SUBSCRIBER_NAME] == "SUBSCRIBER NAME"
    assert (sold[table.SEGMENTATION], sold[table.POWER_CATEGORY]) == ("R1", 450)
    parts = (
        table.ADMIN_CHARGE, table.STAMP_DUTY, table.VALUE_ADDED_TAX, table.LIGHTING_TAX, table.INSTALMENT, table.POWER_PURCHASE,
    )  # fmt: skip
    assert sum(sold[part].in_units(2) for part in parts) == helpers.PAID * 100
    token = helpers.opened(sold[table.TOKEN])
    assert token["amount"] * 10 == sold[table.ENERGY].in_units(2)
    for mti in (ADVICE, REPEAT, ADVICE):
        told = counter.ask(request_(mti, reference=reference))
        same = [field for field in told.layout.fields if field.name not in ("trace_number", "local_time")]
        assert [told.text(field) for field in same] == [sold.text(field) for field in same]


def test_the_specification_s_numbers(depot, helpers):
    keys = KeyStore.from_document({"meter": [{"drn": helpers.METER, "base_date": "1993"}]})
    counter = helpers.Counter(depot, keys=keys)
    counter.now = datetime(2009, 1, 15, 7, 23)
    sold = counter.ask(helpers.request(PURCHASE, reference=counter.inquire(paid=500_000), paid=500_000))
    told = {
        field.name: str(sold[field])
        for field in (
            *(table.ADMIN_CHARGE, table.STAMP_DUTY, table.VALUE_ADDED_TAX, table.LIGHTING_TAX, table.INSTALMENT),
            *(table.POWER_PURCHASE, table.ENERGY),
        )
    }
    assert told == {
        "admin_charge": "0.00", "stamp_duty": "3000.00", "value_added_tax": "21991.15", "lighting_tax": "6597.35",
        "instalment": "248500.00", "power_purchase": "219911.50", "energy": "233.00",
    }  # fmt: skip


def test_replies_can_be_read_by_a_switching(counter, request_):
    inquiry = counter.ask(request_(INQUIRY))
    purchase = counter.ask(request_(PURCHASE, reference=inquiry[table.PLN_REFERENCE]))
    refusal = counter.ask(request_(PURCHASE, reference=inquiry[table.PLN_REFERENCE]))
    for reply in (inquiry, purchase, refusal):
        assert reply.fault is None
        assert write(read(write(reply))) == write(reply)


@pytest.mark.parametrize(("is_honest", "bit_map"), [(False, "5032004102010000"), (True, "5030004102010000")])
def test_bit_map_of_the_inquiry_response_is_the_document_s_or_honest(depot, helpers, is_honest, bit_map):
    counter = helpers.Counter(depot, honest_bit_map=is_honest)
    sold, refused = (counter.ask(helpers.request(INQUIRY, meter=meter)) for meter in (helpers.METER, "00000000000"))
    assert (sold.is_successful, refused.is_successful) == (True, False)
    assert (sold.bit_map, refused.bit_map) == (bit_map, bit_map)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "0000"),
        ({"meter": "00000000000"}, "0015"),
        ({"bank_code": OTHER_BANK}, "0031"),
        ({"switcher_id": "10000D9"}, "0032"),
        ({"switcher_id": OTHER, "bank_code": OTHER_BANK}, "0011"),
        ({"pan": "53503"}, "0033"),
        ({"paid": 4999}, "0041"),
        ({"paid": Amount(499_999, 2)}, "0041"),
        ({"paid": Amount(500_000, 2)}, "0000"),
        ({"paid": 0}, "0041"),
        ({"paid": 50_000_001}, "0042"),
        ({"paid": 50_000_000}, "0042"),  # within the limits, beyond the month's kWh
        ({"paid": Amount(50_000_001, 3)}, "0030"),
    ],
)  # fmt: skip
def test_inquiry_codes(counter, request_, values, code):
    assert counter.code(request_(INQUIRY, **values)) == code


@pytest.mark.parametrize("texts", [{"merchant_category": "9999"}, {"local_time": "20081301000000"}, {"currency": "840"}])
def test_value_that_breaks_a_rule(counter, helpers, texts):
    message = helpers.spoilt(helpers.request(INQUIRY), **texts)
    reply = counter.ask(message)
    assert reply[table.RESPONSE_CODE] == "0030"
    assert all(reply.text(table.FIELDS[name]) == text for name, text in texts.items())


def test_response_types_from_a_peer_are_echoed(counter, request_):
    reply = counter.ask(request_(INQUIRY))
    for stray in (reply, counter.ask(request_(PURCHASE, reference=reply[table.PLN_REFERENCE]))):
        assert counter.ask(stray) == stray


def test_first_objection_in_the_order_of_checks_wins(counter, helpers):
    """Each fault is repaired in turn; the next one shows."""
    values = {"switcher_id": "10000D9", "bank_code": OTHER_BANK, "pan": "53503", "meter": "00000000000", "paid": 1}
    counter.session = Session()
    counter.change(cut_off=time(11, 59, 59), cut_off_seconds=60)
    message = helpers.spoilt(helpers.request(INQUIRY, **values), merchant_category="9999")
    seen = [counter.code(message)]
    for name, right in {"switcher_id": helpers.SWITCHING, "": "", "bank_code": helpers.BANK, "pan": "53502"}.items():
        seen.append(counter.code(helpers.request(INQUIRY, **values)))
        if name:
            values[name] = right
        else:
            counter.session = Session(helpers.SWITCHING)
    seen.append(counter.code(helpers.request(INQUIRY, **values)))
    counter.change(cut_off_seconds=0)
    seen.append(counter.code(helpers.request(INQUIRY, **values)))
    seen.append(counter.code(helpers.request(INQUIRY, **values | {"meter": helpers.METER})))
    assert seen == ["0030", "0032", "0011", "0031", "0033", "0090", "0015", "0041"]


def test_sign_on_and_off(counter, helpers):
    counter.session = Session()
    echo, off = helpers.sign_on(action="301"), helpers.sign_on(action="002")
    assert counter.code(echo) == "0000"
    assert counter.code(helpers.request(INQUIRY)) == "0011"
    assert counter.code(off) == "0011"
    assert counter.code(helpers.sign_on("10000D9")) == "0032"
    assert counter.code(helpers.sign_on()) == "0000"
    assert counter.code(helpers.sign_on(OTHER, "002")) == "0011"
    assert counter.code(echo) == "0000"
    assert counter.code(helpers.request(INQUIRY)) == "0000"
    assert counter.code(off) == "0000"
    assert counter.code(helpers.request(INQUIRY)) == "0011"
    assert counter.code(helpers.spoilt(off, action_code="101")) == "0030"


def test_sign_on_as_another_switching_replaces_the_first(counter, helpers):
    assert counter.code(helpers.sign_on(OTHER)) == "0000"
    assert counter.code(helpers.request(INQUIRY)) == "0011"
    assert counter.code(helpers.request(INQUIRY, switcher_id=OTHER, bank_code=OTHER_BANK)) == "0000"


def test_meter_the_vending_unit_has_no_key_for(depot, helpers):
    keys = KeyStore.from_document({"meter": [{"drn": helpers.METER, "sgc": "999999"}]})
    assert helpers.Counter(depot, keys=keys).code(helpers.request(INQUIRY)) == "0034"


def test_meter_without_a_rate(counter, helpers):
    meter = Drn(helpers.METER)
    customer = replace(counter.customers[meter], tariff="X9")
    counter.depot.run(lambda storage: storage.change_customer(customer))
    assert counter.code(helpers.request(INQUIRY)) == "0034"


def test_meter_whose_key_has_expired_between_inquiry_and_purchase(depot, helpers):
    keys = KeyStore.from_document({"meter": [{"drn": helpers.METER, "ken": 0}]})
    counter = helpers.Counter(depot, keys=keys)
    assert counter.code(helpers.request(PURCHASE, reference=counter.inquire())) == "0034"


def test_month_is_full_at_the_purchase(counter, request_):
    first, second = counter.inquire(paid=100_000), counter.inquire(paid=100_000)
    assert counter.code(request_(PURCHASE, reference=first, paid=100_000)) == "0000"
    assert counter.code(request_(PURCHASE, reference=second, paid=100_000)) == "0042"
    assert counter.code(request_(INQUIRY, paid=100_000)) == "0042"
    counter.now += timedelta(days=30)
    assert counter.code(request_(INQUIRY, paid=100_000)) == "0000"


def test_purchases_of_one_minute_have_tids_of_their_own(counter, request_, helpers):
    meter, tokens = "14100000109", []
    for _ in range(3):
        reference = counter.inquire(meter=meter)
        tokens.append(counter.ask(request_(PURCHASE, reference=reference, meter=meter))[table.TOKEN])
    first, *others = (helpers.opened(token, meter).tid for token in tokens)
    assert others == [first + 1, first + 2]


def test_cut_off_in_progress_stops_sales_and_answers_advice(counter, request_, helpers):
    sold, unsold = counter.inquire(), counter.inquire()
    counter.ask(request_(PURCHASE, reference=sold))
    counter.change(cut_off=time(11, 59, 59), cut_off_seconds=60)
    assert counter.code(request_(INQUIRY)) == "0090"
    assert counter.code(request_(PURCHASE, reference=unsold)) == "0090"
    assert counter.code(request_(ADVICE, reference=sold)) == "0000"
    assert counter.code(helpers.sign_on(action="301")) == "0000"
    counter.now += timedelta(minutes=1)
    assert counter.code(request_(PURCHASE, reference=unsold)) == "0000"


def test_settlement_date_is_the_sale_s_and_the_next_day_s_after_cut_off(counter, request_):
    counter.change(cut_off=time(16, 0, 0))
    for hour, second, day in ((16, 0, 22), (16, 1, 23)):
        counter.now = counter.now.replace(hour=hour, second=second)
        reference = counter.inquire()
        sold = counter.ask(request_(PURCHASE, reference=reference))
        assert sold[table.SETTLEMENT_DATE] == date(2026, 11, day)
        counter.now += timedelta(days=3)
        told = counter.ask(request_(ADVICE, reference=reference))
        assert told[table.SETTLEMENT_DATE] == sold[table.SETTLEMENT_DATE]
        counter.now -= timedelta(days=3)


def test_test_meters_do_as_they_say(counter, request_):
    met = set()
    for meter, test_meter in built_in_configuration().test_meters.items():
        paid = 20_000
        inquiry = counter.ask(request_(INQUIRY, meter=meter, paid=paid))
        if test_meter.answer and test_meter.at.value == "inquiry":
            assert inquiry[table.RESPONSE_CODE] == test_meter.answer
            met.add(test_meter.answer)
            continue
        reference = inquiry[table.PLN_REFERENCE]
        bought = counter.code(request_(PURCHASE, meter=meter, paid=paid, reference=reference))
        assert bought == (test_meter.answer or "0000")
        met.add(bought)
        is_sold = test_meter.fault or test_meter.at.value == "sold"
        assert counter.code(request_(ADVICE, meter=meter, paid=paid, reference=reference)) == ("0000" if is_sold else "0096")
    assert met == set(ResponseCode)
