"""The lockout: how long, what it stops, what it lets through, what ends it."""

import pytest

from meter_emu.meter.credit import Credit
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.results import Refusal, ResultCode
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.tokens import TokenType

CAPACITY = PROFILES["pln"].credit_capacity

LOCKS = (10, 20, 40, 80, 160, 320, 640, 1280, 1280, 1280)
"""After the 3rd, 4th ... 12th wrong token."""
NO_TOKEN = "9" * 20


def wrong(meter, times):
    """The meter after so many wrong tokens, each as soon as the lock allows."""
    now = meter.state.clock
    for _ in range(times):
        now += meter.state.lockout.seconds_left(now)
        meter, outcome = meter.enter(NO_TOKEN, now)
        assert outcome.result_code is ResultCode.FORMAT_ERROR
    return meter


def is_locked(meter, digits, now):
    """Whether the meter refuses to look at ``digits`` at ``now``."""
    return meter.enter(digits, now)[1].verdict is Refusal.LOCKED_OUT


class TestTimes:
    def test_double_up_to_1280_seconds(self, utility, meter):
        digits = utility.credit(1)
        for tokens in (1, 2):
            assert not is_locked(wrong(meter, tokens), digits, meter.state.clock)
        for tokens, seconds in enumerate(LOCKS, 3):
            locked = wrong(meter, tokens)
            now = locked.state.clock
            assert is_locked(locked, digits, now)
            assert is_locked(locked, digits, now + seconds - 1)
            assert not is_locked(locked, digits, now + seconds)

    def test_never_end_after_a_thousand_wrong_ones(self):
        lockout = Lockout()
        for _ in range(1000):
            lockout = lockout.after_wrong_token(now=5)
        assert lockout.seconds_left(now=5) == 1280

    def test_are_counted_down_on_the_lcd(self, utility, meter):
        locked = wrong(meter, 4)
        now = locked.state.clock
        for seconds, text in ((0, "TUNGGU 20 s"), (7, "TUNGGU 13 s"), (19, "TUNGGU 1 s")):
            after, outcome = locked.enter(utility.credit(1), now + seconds)
            assert after.display(now + seconds).lines == (text, "")
            assert outcome.seconds_left == 20 - seconds

    def test_do_not_start_anew_when_a_token_is_refused(self, utility, meter):
        locked = wrong(meter, 3)
        until = locked.state.lockout.until
        for second in range(10):
            locked, outcome = locked.enter(utility.credit(1), meter.state.clock + second)
            assert outcome.result_code is ResultCode.LOCKED_OUT
        assert locked.state.lockout.until == until
        assert locked.enter(utility.credit(1), until)[1].accepted

    def test_the_count_has_no_end_of_its_own(self, meter):
        """Two wrong tokens today and one next year are three in a row."""
        meter = wrong(meter, 2)
        meter, _ = meter.enter(NO_TOKEN, meter.state.clock + 31_536_000)
        assert meter.state.lockout.seconds_left(meter.state.clock) == 10


class TestWhatIsWrong:
    def test_both_kinds_count_together(self, utility, meter):
        for digits in (NO_TOKEN, utility.of("04176855916").credit(1), utility.sealed(2, 15 << 44)):
            meter, _ = meter.enter(digits, meter.state.clock)
        assert meter.state.lockout.seconds_left(meter.state.clock) == 10

    @pytest.mark.parametrize("name", ["used", "old", "range", "function", "maker", "overflow"])
    def test_other_refusals_do_not_count(self, utility, name):
        meter = utility.meter(tids=TidStore(tuple(range(100, 160))), credit=Credit(accepted=CAPACITY))
        digits = {
            "used": utility.credit(100),
            "old": utility.credit(99),
            "range": utility.credit(160, 0),
            "function": utility.credit(160, token_type=TokenType.WATER_CREDIT),
            "maker": utility.test_display(maker=99),
            "overflow": utility.credit(160),
        }[name]
        for _ in range(5):
            meter, outcome = meter.enter(digits, meter.state.clock)
            assert not outcome.accepted
        assert meter.state.lockout == Lockout()

    def test_expired_and_default_key_do_not_count(self, utility):
        for other, tid in ((utility.changed(ken=0), 65_536), (utility.changed(kt=1), 1)):
            meter = other.meter()
            for _ in range(5):
                meter, _ = meter.enter(other.credit(tid), meter.state.clock)
            assert meter.state.lockout == Lockout()

    def test_a_refused_token_does_not_clear_the_count(self, utility):
        meter = wrong(utility.meter(tids=TidStore((1,))), 2)
        meter, outcome = meter.enter(utility.credit(1), meter.state.clock)
        assert outcome.result_code is ResultCode.USED_ERROR
        assert is_locked(wrong(meter, 1), utility.credit(2), meter.state.clock)


class TestWhileLocked:
    @pytest.mark.parametrize("make", ["credit", "clear_credit", "clear_tamper"])
    def test_own_tokens_are_refused_and_stay_usable(self, utility, meter, make):
        digits = getattr(utility, make)(1)
        locked = wrong(meter, 3)
        locked, refused = locked.enter(digits, locked.state.clock)
        assert refused.result_code is ResultCode.LOCKED_OUT
        assert refused.token_type is None, "not even decrypted"
        assert locked.enter(digits, locked.state.lockout.until)[1].accepted

    def test_key_change_sections_are_refused(self, utility, meter):
        locked = wrong(meter, 3)
        assert is_locked(locked, utility.key_change(utility)[0], locked.state.clock)

    def test_class_1_works_and_does_not_unlock(self, utility, meter):
        locked = wrong(meter, 3)
        locked, outcome = locked.enter(utility.test_display(1), locked.state.clock)
        assert outcome.accepted
        assert is_locked(locked, utility.credit(1), locked.state.clock)

    def test_short_codes_work(self, meter, press):
        locked = wrong(meter, 3)
        locked, _ = press(locked, "75<E>", locked.state.clock)
        assert locked.display(locked.state.clock).lines[0] == "12345678911"
        locked, _ = press(locked, "45677<E>", locked.state.clock)
        assert locked.display(locked.state.clock).lines[0] == "77.00 kWh"

    def test_what_is_no_token_is_not_counted(self, meter):
        locked = wrong(meter, 3)
        after, outcome = locked.enter(NO_TOKEN, locked.state.clock)
        assert outcome.result_code is ResultCode.LOCKED_OUT
        assert after.state.lockout == locked.state.lockout


class TestEnd:
    def test_an_accepted_token_clears_the_count(self, utility, meter):
        meter = wrong(meter, 5)
        meter, outcome = meter.enter(utility.credit(1), meter.state.lockout.until)
        assert outcome.accepted
        assert meter.state.lockout == Lockout()
        assert not is_locked(wrong(meter, 2), utility.credit(2), meter.state.clock)

    def test_so_does_an_engineering_token(self, utility, meter):
        meter = wrong(meter, 2)
        meter, _ = meter.enter(utility.power_limit(1, 900), meter.state.clock)
        assert meter.state.lockout == Lockout()

    def test_class_1_does_not(self, utility, meter):
        meter = wrong(meter, 2)
        meter, _ = meter.enter(utility.test_display(1), meter.state.clock)
        assert meter.state.lockout.wrong_tokens == 2

    def test_a_power_cycle_clears_it(self, utility, meter):
        locked = wrong(meter, 12)
        now = locked.state.clock
        unlocked = locked.cut_power(now).restore_power(now + 1)
        assert unlocked.state.lockout == Lockout()
        assert unlocked.enter(utility.credit(1), now + 1)[1].accepted

    def test_power_that_was_never_cut_clears_nothing(self, meter):
        locked = wrong(meter, 3)
        assert locked.restore_power(locked.state.clock).state.lockout == locked.state.lockout

    def test_the_clock_set_back_prolongs_nothing(self, utility, meter):
        locked = wrong(meter, 3)
        until = locked.state.lockout.until
        locked = locked.advance(until)
        assert locked.enter(utility.credit(1), until - 500)[1].accepted
