"""What writes do: tokens with one truth to ask for afterwards, the clock, the alarm, and the bench's own controls."""

import pytest

from firmware_proto.error_text import ErrorText
from meter_emu.meter import Cause
from meter_emu.meter.access import Level
from meter_emu.meter.clock import DAY, HOUR, moment_of
from meter_emu.meter.energy import KWH
from meter_emu.meter.relay import RelayOpen, opened_by

GATEWAY = "19.40.0"


class TestTokens:
    def test_an_accepted_one(self, new_meter, credit_token, write, texts):
        token = credit_token(1000, 325)
        written = write(new_meter(), GATEWAY, token, level=Level.CUSTOMER)
        assert written.answer is None
        assert [(entry.event, entry.details["result"]) for entry in written.entries] == [("token", "Accept")]
        meter = written.meter
        assert meter.state.credit.balance == 325 * KWH // 10
        assert texts(meter, GATEWAY) == (f"{GATEWAY}({token})(1)(261122083000)(electricity_credit)(32.5000*kWh)(3)(1)(Accept)")
        assert [texts(meter, f"96.50.{number}") for number in range(4)] == [
            "96.50.0(1)",
            "96.50.1(Authentic)",
            "96.50.2(Valid)",
            "96.50.3(Accept)",
        ]

    def test_a_used_one_is_acknowledged_and_its_result_says_used(self, new_meter, credit_token, write, texts):
        token = credit_token(1000)
        meter = write(write(new_meter(), GATEWAY, token).meter, GATEWAY, token).meter
        assert meter.state.history.credit_tokens == 1
        assert texts(meter, GATEWAY).startswith(f"{GATEWAY}({token})(2)")
        assert [texts(meter, f"96.50.{number}") for number in range(4)] == [
            "96.50.0(10)",
            "96.50.1(Authentic)",
            "96.50.2(UsedError)",
            "96.50.3()",
        ]

    def test_who_lost_the_answer_finds_it_after_a_power_cut(self, new_meter, credit_token, write, texts):
        token = credit_token(1000)
        meter = write(new_meter(), GATEWAY, token).meter
        said = texts(meter, GATEWAY)
        now = meter.state.clock
        assert texts(meter.cut_power(now + 1).restore_power(now + 2), GATEWAY) == said

    def test_the_lockout_holds(self, new_meter, credit_token, write, texts):
        meter = new_meter()
        for _ in range(3):
            meter = write(meter, GATEWAY, "0" * 20).meter
        written = write(meter, GATEWAY, credit_token(1000))
        assert written.answer is None
        assert written.meter.state.credit.balance == 0
        assert texts(written.meter, GATEWAY).endswith("()(0.0000*kWh)(8)(15)(LockedOut)")
        assert texts(written.meter, "96.50.4") == "96.50.4(10*s)(3)"
        later = write(written.meter, GATEWAY, credit_token(1000), now=meter.state.clock + 10)
        assert texts(later.meter, "96.50.3") == "96.50.3(Accept)"

    @pytest.mark.parametrize("digits", ["1", "1234567", "1" * 19])
    def test_too_few_digits_are_a_wrong_token(self, new_meter, write, texts, digits):
        written = write(new_meter(), GATEWAY, digits)
        assert texts(written.meter, "96.50.3") == "96.50.3(FormatError)"
        assert written.meter.state.lockout.wrong_tokens == 1

    @pytest.mark.parametrize("value", ["", "1" * 21, "1234-5678-9012-3456-7890", "x" * 20, "1" * 19 + "x", " " + "1" * 19])
    def test_what_no_keypad_takes_is_no_token(self, new_meter, write, value):
        meter = new_meter()
        assert write(meter, GATEWAY, value) == (meter, (), ErrorText.MALFORMED_VALUE)

    def test_without_power(self, new_meter, credit_token, write):
        dark = new_meter().cut_power(new_meter().state.clock)
        assert write(dark, GATEWAY, credit_token(1000)) == (dark, (), ErrorText.BUSY)

    def test_a_tampered_meter_keeps_the_token_usable(self, new_meter, credit_token, write, texts):
        meter = write(new_meter(), "96.61.0", "1").meter
        after = write(meter, GATEWAY, credit_token(1000)).meter
        assert texts(after, GATEWAY).endswith("(7)(16)(Tampered)")
        assert after.state.tids == meter.state.tids


class TestClock:
    def test_forward(self, lived_meter, write, texts):
        now = lived_meter.state.clock
        written = write(lived_meter, "1.0.0", f"{moment_of(now + DAY):%y%m%d%H%M%S}", now=now + HOUR)
        assert written.answer is None
        assert written.meter.state.clock == now + DAY
        assert written.meter.state.credit.consumed == lived_meter.state.credit.consumed + 1300 * HOUR
        assert [entry.details for entry in written.entries] == [
            {"from": moment_of(now + HOUR).isoformat(), "to": moment_of(now + DAY).isoformat()}
        ]
        assert texts(written.meter, "1.0.0") == f"1.0.0({moment_of(now + DAY):%y%m%d%H%M%S})"

    def test_back(self, lived_meter, write):
        now = lived_meter.state.clock
        written = write(lived_meter, "1.0.0", f"{moment_of(now + 59):%y%m%d%H%M%S}", now=now + 60)
        assert written == (lived_meter, (), ErrorText.OUT_OF_RANGE)

    @pytest.mark.parametrize("value", ["", "now", "2611220830001", "261122", "269922083000"])
    def test_malformed(self, lived_meter, write, value):
        assert write(lived_meter, "1.0.0", value) == (lived_meter, (), ErrorText.MALFORMED_VALUE)


class TestAlarm:
    @pytest.mark.parametrize(("value", "unit"), [("0", ""), ("12", "kWh"), ("99", "kWh")])
    def test_limit(self, lived_meter, write, texts, value, unit):
        written = write(lived_meter, "96.52.0", value, unit=unit)
        assert texts(written.meter, "96.52.0") == f"96.52.0({value}*kWh)"
        assert written.entries[0].details["limit_ws"] == int(value) * KWH

    def test_a_limit_above_the_credit_is_low_at_once(self, lived_meter, write):
        written = write(lived_meter, "96.52.0", "99")
        assert written.meter.state.alarm.low_since == lived_meter.state.clock

    def test_interval(self, lived_meter, write, texts):
        assert texts(write(lived_meter, "96.52.1", "0").meter, "96.52.1") == "96.52.1(0*min)"

    @pytest.mark.parametrize(
        ("address", "value", "unit", "answer"),
        [
            ("96.52.0", "100", "", ErrorText.OUT_OF_RANGE),
            ("96.52.0", "-1", "", ErrorText.OUT_OF_RANGE),
            ("96.52.0", "5.0", "", ErrorText.MALFORMED_VALUE),
            ("96.52.0", "5", "W", ErrorText.MALFORMED_VALUE),
            ("96.52.0", "", "kWh", ErrorText.MALFORMED_VALUE),
            ("96.52.1", "1000", "", ErrorText.OUT_OF_RANGE),
            ("96.52.1", "-5", "", ErrorText.OUT_OF_RANGE),
            ("96.52.1", "5 min", "", ErrorText.MALFORMED_VALUE),
        ],
    )
    def test_refused(self, lived_meter, write, address, value, unit, answer):
        assert write(lived_meter, address, value, unit=unit) == (lived_meter, (), answer)


class TestBench:
    def test_load(self, lived_meter, write, texts):
        written = write(lived_meter, "96.60.0", "450", unit="W")
        assert texts(written.meter, "1.7.0") == "1.7.0(0.450*kW)"
        assert [(entry.event, entry.details) for entry in written.entries] == [("load", {"watts": 450})]

    def test_supply(self, lived_meter, write, texts):
        dark = write(lived_meter, "96.60.1", "0").meter
        assert opened_by(dark.state) is RelayOpen.NO_POWER
        assert texts(dark, "96.7.21") == "96.7.21(2)"
        lit = write(dark, "96.60.1", "1")
        assert texts(lit.meter, "96.60.1") == "96.60.1(1)"
        assert [(entry.event, entry.details) for entry in lit.entries] == [("power", {"switch": "on"})]

    def test_stuck_relay(self, new_meter, write, texts):
        stuck = write(new_meter(), "96.60.2", "1").meter
        assert texts(stuck, "96.3.10") == "96.3.10(1)()"
        assert texts(write(stuck, "96.60.2", "0").meter, "96.3.10") == "96.3.10(0)(no credit)"

    @pytest.mark.parametrize(
        ("address", "cause"),
        [
            ("96.61.0", Cause.TERMINAL_COVER),
            ("96.61.1", Cause.METER_COVER),
            ("96.61.2", Cause.REVERSED),
            ("96.61.3", Cause.BYPASS),
        ],
    )
    def test_tamper_switches(self, new_meter, write, texts, address, cause):
        on = write(new_meter(), address, "1")
        assert on.meter.state.tamper.causes == (cause,)
        assert texts(on.meter, address) == f"{address}(1)"
        off = write(on.meter, address, "0").meter
        assert off.state.tamper.causes == ()
        assert off.state.tamper.is_tampered
        assert [(entry.event, entry.details) for entry in on.entries] == [("tamper", {"cause": cause, "switch": "on"})]

    @pytest.mark.parametrize(("milliamps", "switch"), [("500", "on"), ("-301", "on"), ("300", "off"), ("0", "off")])
    def test_current_difference(self, new_meter, write, milliamps, switch):
        written = write(new_meter(), "96.61.4", milliamps, unit="mA")
        assert written.meter.state.tamper.current_difference == int(milliamps)
        assert written.entries[0].details["switch"] == switch

    @pytest.mark.parametrize(
        ("address", "value", "answer"),
        [
            ("96.60.0", "1000001", ErrorText.OUT_OF_RANGE),
            ("96.60.0", "-1", ErrorText.OUT_OF_RANGE),
            ("96.60.0", "4.5", ErrorText.MALFORMED_VALUE),
            ("96.60.0", "9" * 100, ErrorText.MALFORMED_VALUE),
            ("96.60.1", "2", ErrorText.MALFORMED_VALUE),
            ("96.60.2", "on", ErrorText.MALFORMED_VALUE),
            ("96.61.0", "", ErrorText.MALFORMED_VALUE),
            ("96.61.4", "100001", ErrorText.OUT_OF_RANGE),
            ("96.61.4", "-100001", ErrorText.OUT_OF_RANGE),
            ("96.61.4", "x", ErrorText.MALFORMED_VALUE),
        ],
    )
    def test_refused(self, lived_meter, write, address, value, answer):
        assert write(lived_meter, address, value) == (lived_meter, (), answer)
