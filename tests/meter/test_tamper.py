"""Tamper: the causes, their counters, what is refused, and when the clear-tamper token helps."""

import pytest

from meter_emu.meter import Cause
from meter_emu.meter.results import ResultCode


@pytest.mark.parametrize("cause", list(Cause))
class TestCause:
    def test_stops_credit_until_cleared(self, utility, meter, cause):
        now = meter.state.clock
        meter = meter.sense(cause, True, now).sense(cause, False, now + 1)
        meter, outcome = meter.enter(utility.credit(1), now + 2)
        assert outcome.result_code is ResultCode.TAMPERED
        meter, outcome = meter.enter(utility.clear_tamper(2), now + 3)
        assert outcome.accepted
        meter, outcome = meter.enter(utility.credit(1), now + 4)
        assert outcome.accepted

    def test_that_is_still_there_goes_on_stopping_credit(self, utility, meter, cause):
        now = meter.state.clock
        meter = meter.sense(cause, True, now)
        meter, outcome = meter.enter(utility.clear_tamper(1), now)
        assert outcome.accepted
        assert meter.enter(utility.credit(2), now)[1].result_code is ResultCode.TAMPERED
        meter = meter.sense(cause, False, now + 1)
        assert meter.enter(utility.credit(2), now + 1)[1].accepted

    def test_is_counted_and_dated(self, meter, cause):
        now = meter.state.clock
        meter = meter.sense(cause, True, now + 60).sense(cause, True, now + 61).sense(cause, False, now + 62)
        tamper = meter.sense(cause, True, now + 3600).state.tamper
        assert tamper.events == 2
        assert tamper.terminal_cover_openings == (2 if cause is Cause.TERMINAL_COVER else 0)
        assert tamper.meter_cover_openings == (2 if cause is Cause.METER_COVER else 0)
        assert (tamper.last_cause, tamper.last_at) == (cause, now + 3600)

    def test_is_seen_without_power(self, meter, cause):
        now = meter.state.clock
        meter = meter.cut_power(now).sense(cause, True, now + 5).sense(cause, False, now + 6).restore_power(now + 7)
        assert meter.state.tamper.is_tampered
        assert meter.display(now + 7).lines[1] == "PERIKSA"

    def test_keeps_its_counters_when_cleared(self, utility, meter, cause):
        now = meter.state.clock
        meter = meter.sense(cause, True, now).sense(cause, False, now)
        cleared, _ = meter.enter(utility.clear_tamper(1), now)
        assert cleared.state.tamper.events == 1
        assert cleared.state.tamper.last_cause is cause
        assert not cleared.state.tamper.is_tampered


@pytest.mark.parametrize(("milliamps", "is_tampered"), [(0, False), (300, False), (301, True), (-300, False), (-301, True)])
def test_current_difference(meter, milliamps, is_tampered):
    meter = meter.sense_difference(milliamps, meter.state.clock)
    assert meter.state.tamper.is_tampered == is_tampered
    assert meter.state.tamper.events == is_tampered
    assert meter.state.tamper.current_difference == milliamps


def test_a_growing_difference_is_one_event(meter):
    for milliamps in (301, 500, 400, -900):
        meter = meter.sense_difference(milliamps, meter.state.clock)
    assert meter.state.tamper.events == 1
    meter = meter.sense_difference(300, meter.state.clock).sense_difference(301, meter.state.clock)
    assert meter.state.tamper.events == 2


def test_causes_come_and_go_on_their_own(utility, meter):
    now = meter.state.clock
    meter = meter.sense(Cause.METER_COVER, True, now).sense(Cause.BYPASS, True, now).sense(Cause.METER_COVER, False, now)
    meter, _ = meter.enter(utility.clear_tamper(1), now)
    assert meter.state.tamper.causes == (Cause.BYPASS,)
    assert meter.state.tamper.is_tampered
    assert not meter.sense(Cause.BYPASS, False, now).state.tamper.is_tampered


def test_a_cause_that_was_never_there_changes_nothing(meter):
    assert meter.sense(Cause.BYPASS, False, meter.state.clock).state.tamper == meter.state.tamper


def test_current_flows_on(rich_meter):
    """Credit tokens are refused; the house is not switched off."""
    now = rich_meter.state.clock
    meter = rich_meter.sense(Cause.REVERSED, True, now).set_load(1000, now).advance(now + 3600)
    assert meter.display(now + 3600).is_relay_closed
    assert meter.state.credit.consumed == 3_600_000


def test_the_clear_tamper_token_works_once(utility, meter):
    meter, _ = meter.enter(utility.clear_tamper(1), meter.state.clock)
    assert meter.enter(utility.clear_tamper(1), meter.state.clock)[1].result_code is ResultCode.USED_ERROR


def test_short_codes_and_class_1_work(utility, meter, press):
    now = meter.state.clock
    meter = meter.sense(Cause.TERMINAL_COVER, True, now)
    for code, text in (("08", "PERIKSA"), ("70", "1"), ("71", "0"), ("72", "1"), ("82", "TUTUP TERMINAL")):
        shown, _ = press(meter, f"{code}<E>", now)
        assert shown.display(now).lines[0] == text
    assert shown.display(now).lines[1] == "15-01-26 12:00"
    assert meter.enter(utility.test_display(1), now)[1].accepted
