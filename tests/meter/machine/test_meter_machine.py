"""A meter's life, at random: keys, tokens of every kind, key changes, loads, months, power cuts, tampering, faults.

Beside the meter runs a model of it, which foretells the result of every token, the credit and the line of digits. Credit is
what was accepted less what was cleared and consumed, no TID of one key and base date works twice, the clock never runs back,
every LCD line fits, and nothing ever raises.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from meter_emu.meter import Cause, Key
from meter_emu.meter.short_codes import SHORT_CODES
from meter_emu.sts.numbers import BaseDate
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT
from meter_emu.sts.tokens import TokenType

KWH = 3_600_000
CAPACITY = 9_999_999 * KWH // 10
DAY, MONTH = 86_400, 30 * 86_400
LONGEST_STOP_WATCH = 2000

tids = st.one_of(st.integers(0, 40), st.integers(0, 2**24 - 1))
amounts = st.one_of(st.integers(0, 3), st.integers(1, 2000), st.integers(1, MAXIMUM_AMOUNT))
durations = st.one_of(st.integers(0, 40), st.integers(0, LONGEST_STOP_WATCH), st.sampled_from([DAY, MONTH, 5 * MONTH]))
loads = st.one_of(st.sampled_from([0, 500, 1500, 1_000_000]), st.integers(0, 5000))
settings_and_codes = st.one_of(
    st.sampled_from(["812", "123000", "123001", "45600", "45699", "0", "999999", *sorted(set(SHORT_CODES) - {"relay"})]),
    st.text("0123456789", min_size=1, max_size=19),
)


class MeterMachine(RuleBasedStateMachine):
    """What is done to the meter is done to the model beside it."""

    def __init__(self, utility, model_of):
        super().__init__()
        issuer = utility.changed(base_date="1993")
        self.stranger = utility.of("04176855916")
        self.meter = issuer.meter()
        self.model = model_of(issuer, self.meter.state.clock)
        self.meter = self.meter.advance(self.now)
        self.issued = []

    @property
    def issuer(self):
        return self.model.issuer

    @property
    def now(self):
        return self.model.now

    @initialize(tenths=amounts, watts=st.none() | st.integers(0, 3000), load=loads)
    def move_in(self, tenths, watts, load):
        self.enter(self.issuer.credit(50, tenths))
        if watts is not None:
            self.enter(self.issuer.power_limit(51, watts))
        self.change_load(load)

    # What is done to both.

    def enter(self, digits):
        """A token over the wire."""
        code, token = self.model.expected_code(digits)
        self.meter, outcome = self.meter.enter(digits, self.now)
        self.model.line = ""
        self.settle(outcome, code, token)
        if digits not in self.issued:
            self.issued.append(digits)

    def settle(self, outcome, code, token):
        """After a token."""
        assert outcome.result_code == code
        assert outcome.credit_added == (token["amount"] * KWH // 10 if code == 1 and token.layout.token_class.value == 0 else 0)
        self.meter.lcd_texts(outcome)
        self.model.note(code, token)
        self.model.house.run(self.now)

    def wait(self, seconds):
        self.meter = self.meter.advance(self.now + seconds)
        self.model.wait(seconds, self.meter)

    # The rules.

    @rule(tid=tids, tenths=amounts)
    def credit(self, tid, tenths):
        self.enter(self.issuer.credit(tid, tenths))

    @rule(first=st.integers(0, 100))
    def credit_often(self, first):
        for tid in range(first, first + 25):
            self.enter(self.issuer.credit(tid, 1))

    @rule(tid=tids, kind=st.sampled_from([TokenType.WATER_CREDIT, TokenType.TIME_CURRENCY_CREDIT]))
    def credit_of_another_kind(self, tid, kind):
        self.enter(self.issuer.credit(tid, token_type=kind))

    @rule(tid=tids)
    def credit_of_another_meter(self, tid):
        self.enter(self.stranger.credit(tid))

    @rule(tid=tids, position=st.integers(0, 19), step=st.integers(1, 9))
    def credit_with_a_wrong_digit(self, tid, position, step):
        digits = self.issuer.credit(tid)
        wrong = (int(digits[position]) + step) % 10
        self.enter(f"{digits[:position]}{wrong}{digits[position + 1 :]}")

    @rule(tid=tids, register=st.sampled_from([0, 0xFFFF, 4]))
    def clear_credit(self, tid, register):
        self.enter(self.issuer.clear_credit(tid, register))

    @rule(tid=tids, watts=st.integers(0, 3000))
    def limit_power(self, tid, watts):
        self.enter(self.issuer.power_limit(tid, watts))

    @rule(tid=tids)
    def clear_tamper(self, tid):
        self.enter(self.issuer.clear_tamper(tid))

    @rule(control=st.integers(0, 2**36 - 1), maker=st.sampled_from([0, 12, 13]))
    def test_display(self, control, maker):
        self.enter(self.issuer.test_display(control, maker))

    @precondition(lambda self: self.issued)
    @rule(data=st.data())
    def again(self, data):
        self.enter(data.draw(st.sampled_from(self.issued)))

    @rule(
        krn=st.integers(1, 9),
        ti=st.sampled_from(["01", "02", "99"]),
        moves_on=st.booleans(),
        order=st.permutations(range(4)),
        entered=st.sampled_from([4, 4, 4, 3, 2, 1]),
        pause=st.sampled_from([0, 0, 1, 150, 200, 201, 601]),
    )
    def change_key(self, krn, ti, moves_on, order, entered, pause):
        base_date = self.issuer.card.parameters.base_date
        rollover = moves_on and base_date is not BaseDate.BASE_2035
        new = self.issuer.changed(krn=krn, ti=ti, base_date=(base_date.next if rollover else base_date).value)
        tokens = self.issuer.key_change(new, rollover=rollover)
        for index in order[:entered]:
            self.enter(tokens[index])
            self.wait(pause)

    @rule(load=loads)
    def change_load(self, load):
        self.meter = self.meter.set_load(load, self.now)
        self.model.change_load(load)

    @rule(seconds=durations)
    def tick(self, seconds):
        self.wait(seconds)

    @rule(seconds=st.integers(0, MONTH))
    def tick_back(self, seconds):
        self.meter = self.meter.advance(self.now - seconds)

    @rule(seconds=durations)
    def set_clock(self, seconds):
        later = self.now + seconds
        self.meter = self.meter.set_clock(later, self.now)
        self.model.set_clock(later)

    @rule()
    def cut_power(self):
        self.meter = self.meter.cut_power(self.now)
        self.model.cut_power()

    @rule()
    def restore_power(self):
        self.meter = self.meter.restore_power(self.now)
        self.model.restore_power()

    @rule(cause=st.sampled_from(Cause), present=st.booleans())
    def sense(self, cause, present):
        self.meter = self.meter.sense(cause, present, self.now)
        self.model.sense(cause, present)

    @rule(milliamps=st.integers(-400, 400))
    def sense_difference(self, milliamps):
        self.meter = self.meter.sense_difference(milliamps, self.now)
        self.model.sense(Cause.CURRENT_DIFFERENCE, abs(milliamps) > 300)

    @rule(is_stuck=st.booleans())
    def stick_relay(self, is_stuck):
        self.meter = self.meter.stick_relay(is_stuck, self.now)
        self.model.stick_relay(is_stuck)

    @rule(keys=st.lists(st.sampled_from(Key), max_size=25))
    def press(self, keys):
        for key in keys:
            self._press(key)

    @rule(digits=settings_and_codes)
    def key_in(self, digits):
        self.press([Key.ENTER, *map(Key, digits), Key.ENTER])

    @rule(tid=tids, tenths=amounts)
    def key_in_credit(self, tid, tenths):
        self.press([Key.ENTER, *map(Key, self.issuer.credit(tid, tenths)), Key.ENTER])

    def _press(self, key):
        line = self.model.standing_line()
        is_token = key is Key.ENTER and len(line) > 6
        code, token = self.model.expected_code(line) if is_token else (None, None)
        self.meter, outcome = self.meter.press(key, self.now)
        if not self.model.house.is_powered:
            assert outcome is None
            return
        assert (outcome is not None) == is_token
        self.model.press(key)
        if is_token:
            self.settle(outcome, code, token)

    # What is always true.

    @invariant()
    def credit_is_accepted_less_cleared_less_consumed(self):
        credit, model = self.meter.state.credit, self.model
        assert (credit.accepted, credit.cleared) == (model.accepted, model.cleared)
        assert credit.balance == model.accepted - model.cleared - model.house.consumed
        assert credit.balance <= CAPACITY

    @invariant()
    def the_meter_stands_where_the_stop_watch_does(self):
        house = self.model.house
        assert house.seen_of(self.meter.advance(self.now)) == house.seen()
        assert self.meter.state.power_failures == self.model.power_failures

    @invariant()
    def the_clock_is_the_latest_time_told(self):
        assert self.meter.state.clock == self.now

    @invariant()
    def the_key_is_the_issuers(self):
        key, card = self.meter.state.key, self.issuer.card
        assert key.decoder_key == self.issuer.decoder_key
        assert key.base_date is card.parameters.base_date
        assert list(self.meter.state.tids.tids) == self.model.store

    @invariant()
    def the_lcd_fits(self):
        for later in (0, 1, 4, 9, 19, 20, 3600):
            display = self.meter.display(self.now + later)
            assert all(len(line) <= 16 for line in display.lines)
            if later == 0:
                assert display.digits_entered == len(self.model.standing_line())


def test_a_meters_life(utility, model_of):
    run_state_machine_as_test(
        lambda: MeterMachine(utility, model_of),
        settings=settings(max_examples=250, stateful_step_count=40, deadline=None),
    )
