"""Tokens that clear credit and set values: what they do to the meter, what it keeps of them, and that tampering stops none."""

from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.results import ResultCode
from meter_emu.sts.tokens import TokenType


class TestManagement:
    def test_clear_credit_takes_what_is_there(self, utility, rich_meter):
        meter, _ = rich_meter.enter(utility.clear_credit(1), rich_meter.state.clock)
        assert meter.state.credit == rich_meter.state.credit._replace(cleared=100 * KWH)
        assert not meter.display(meter.state.clock).is_relay_closed

    def test_clear_credit_of_all_registers(self, utility, rich_meter):
        meter, outcome = rich_meter.enter(utility.clear_credit(1, register=0xFFFF), rich_meter.state.clock)
        assert outcome.accepted
        assert meter.state.credit.balance == 0

    def test_clear_credit_forgives_no_debt(self, utility):
        meter = utility.meter(credit=Credit(accepted=KWH, consumed=3 * KWH, consumed_in_debt=2 * KWH))
        meter, outcome = meter.enter(utility.clear_credit(1), meter.state.clock)
        assert outcome.accepted
        assert meter.state.credit.balance == -2 * KWH

    def test_values_are_kept(self, utility, meter):
        now = meter.state.clock
        meter, _ = meter.enter(utility.power_limit(1, 1300), now)
        meter, _ = meter.enter(utility.token(TokenType.SET_TARIFF_RATE, rnd=0, tid=2, rate=1352), now)
        unbalance = TokenType.SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT
        meter, _ = meter.enter(utility.token(unbalance, rnd=0, tid=3, mppul=450), now)
        state = meter.state
        assert (state.overload.limit, state.tariff_rate, state.phase_unbalance_limit) == (1300, 1352, 450)
        assert state.history.engineering_tokens == 3
        assert state.history.credit_tokens == 0
        assert state.tids.tids == (1, 2, 3)

    def test_a_water_meter_factor_means_nothing_here(self, utility, meter):
        digits = utility.token(TokenType.SET_WATER_METER_FACTOR, rnd=0, tid=1, wmf=2)
        assert meter.enter(digits, meter.state.clock)[1].result_code is ResultCode.FUNCTION_ERROR

    def test_the_last_three_engineering_tokens_are_remembered(self, utility, meter):
        entered = [utility.power_limit(tid, 900) for tid in range(1, 6)]
        for digits in entered:
            meter, _ = meter.enter(digits, meter.state.clock)
        assert meter.state.history.engineering_tokens == 5
        assert list(meter.state.history.last_engineering) == entered[:1:-1]

    def test_works_while_tampered(self, utility):
        meter = utility.tampered_meter(credit=Credit(accepted=KWH))
        for digits in (utility.clear_credit(1), utility.power_limit(2, 450), *utility.key_change(utility.changed(krn=2))):
            meter, outcome = meter.enter(digits, meter.state.clock)
            assert outcome.accepted
