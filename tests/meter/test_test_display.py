"""Tokens that ask for tests and displays: whose they are, what they show, and that they leave no trace."""

import pytest

from meter_emu.meter.results import ResultCode
from meter_emu.sts.tokens import TokenType

FOREIGN_DRN = "04176855916"


class TestTestDisplay:
    """Class 1: the same for every meter, in the clear, as often as wanted."""

    @pytest.mark.parametrize(("drn", "maker", "accepted"), [
        ("12345678911", 0, True), ("12345678911", 12, True), ("12345678911", 13, False), ("12345678911", 0x12, False),
        ("00000000000", 0, True), ("00000000000", 1, False),
    ])  # fmt: skip
    def test_two_digit_maker(self, utility, drn, maker, accepted):
        other = utility.of(drn)
        _, outcome = other.meter().enter(other.test_display(maker=maker), 0)
        assert outcome.result_code == (1 if accepted else 14)

    @pytest.mark.parametrize(("maker", "accepted"), [(0, True), (100, True), (101, False), (1, False)])
    def test_four_digit_maker(self, utility, maker, accepted):
        other = utility.of("0100000000008")
        digits = other.test_display(maker=maker, token_type=TokenType.METER_TEST_MFR4)
        _, outcome = other.meter().enter(digits, 0)
        assert outcome.result_code == (1 if accepted else 14)

    @pytest.mark.parametrize("digits", ["56493153725450313471", "02305843005052951967"])
    def test_the_published_ones_ask_for_everything(self, meter, digits):
        _, outcome = meter.enter(digits, meter.state.clock)
        assert outcome.accepted
        assert outcome.shows == tuple(f"{number:02d}" for number in range(1, 19))

    @pytest.mark.parametrize(("control", "shows"), [
        (0, ()), (1, ("01",)), (1 << 17, ("18",)), (1 << 18, ()), (1 << 35, ()), (0b101000, ("04", "06")),
    ])  # fmt: skip
    def test_a_bit_asks_for_its_number(self, utility, meter, control, shows):
        _, outcome = meter.enter(utility.test_display(control), meter.state.clock)
        assert outcome.shows == shows

    def test_the_lcd_shows_what_was_asked_for(self, utility, meter):
        meter, outcome = meter.enter(utility.test_display(1 << 17 | 1 << 4), meter.state.clock)
        assert meter.lcd_texts(outcome) == ("BENAR", "TI 01", "12345678911")

    def test_needs_no_key_and_leaves_no_trace(self, utility, meter):
        digits = utility.of(FOREIGN_DRN).test_display(1)
        for _ in range(3):
            after, outcome = meter.enter(digits, meter.state.clock)
            assert outcome.accepted
            before = meter.advance(meter.state.clock).state
            assert after.state == before._replace(last_result=ResultCode.ACCEPT, last_token=after.state.last_token)
            meter = after

    def test_works_while_tampered(self, utility):
        meter = utility.tampered_meter()
        assert meter.enter(utility.test_display(1), 0)[1].accepted
