"""Credit tokens: once each, up to the last tenth, still good after a refusal, remembered for the short codes."""

import pytest

from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import TENTH_OF_KWH
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.results import ResultCode
from meter_emu.sts.tokens import TokenClass, TokenType
from meter_emu.sts.tokens.layout import LAYOUT_OF_TYPE

CAPACITY = PROFILES["pln"].credit_capacity
OTHER_CREDIT = [
    token_type
    for token_type, layout in LAYOUT_OF_TYPE.items()
    if layout.token_class is TokenClass.CREDIT and token_type is not TokenType.ELECTRICITY_CREDIT
]


class TestCredit:
    def test_works_once(self, utility, meter):
        digits = utility.credit(100, 5)
        meter, first = meter.enter(digits, meter.state.clock)
        meter, second = meter.enter(digits, meter.state.clock)
        assert (first.result_code, second.result_code) == (1, 10)
        assert meter.state.credit.accepted == 5 * TENTH_OF_KWH

    def test_one_tid_works_once_whatever_the_token(self, utility, meter):
        meter, _ = meter.enter(utility.credit(100, 5), meter.state.clock)
        for digits in (utility.credit(100, 6), utility.clear_credit(100), utility.power_limit(100, 900)):
            assert meter.enter(digits, meter.state.clock)[1].result_code == 10

    def test_fills_the_register_to_the_last_tenth(self, utility):
        meter = utility.meter(credit=Credit(accepted=CAPACITY - TENTH_OF_KWH))
        meter, outcome = meter.enter(utility.credit(1, 1), meter.state.clock)
        assert outcome.accepted
        assert meter.state.credit.balance == CAPACITY

    def test_overflow_leaves_the_token_usable(self, utility):
        full = utility.meter(credit=Credit(accepted=CAPACITY))
        digits = utility.credit(1, 1)
        full, outcome = full.enter(digits, full.state.clock)
        assert outcome.result_code is ResultCode.OVERFLOW_ERROR
        full, _ = full.enter(utility.clear_credit(2), full.state.clock)
        full, outcome = full.enter(digits, full.state.clock)
        assert outcome.accepted
        assert full.state.credit.balance == TENTH_OF_KWH

    def test_tamper_leaves_the_token_usable(self, utility):
        meter = utility.tampered_meter()
        digits = utility.credit(1)
        meter, refused = meter.enter(digits, meter.state.clock)
        meter, _ = meter.enter(utility.clear_tamper(2), meter.state.clock)
        meter, taken = meter.enter(digits, meter.state.clock)
        assert (refused.result_code, taken.result_code) == (16, 1)

    def test_is_remembered_for_the_short_codes(self, utility, meter):
        entered = [utility.credit(tid, tid) for tid in range(1, 8)]
        for digits in entered:
            meter, _ = meter.enter(digits, meter.state.clock)
        history = meter.state.history
        assert history.credit_tokens == 7
        assert [digits for digits, _ in history.last_credits] == entered[:1:-1]
        assert [amount for _, amount in history.last_credits] == [tid * TENTH_OF_KWH for tid in (7, 6, 5, 4, 3)]
        assert history.engineering_tokens == 0

    @pytest.mark.parametrize("token_type", OTHER_CREDIT)
    def test_of_another_kind_is_not_for_this_meter(self, utility, meter, token_type):
        digits = utility.credit(1, token_type=token_type)
        assert meter.enter(digits, meter.state.clock)[1].result_code is ResultCode.FUNCTION_ERROR
