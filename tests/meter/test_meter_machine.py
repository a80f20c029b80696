"""A meter's life, at random: keys, tokens of every kind, key changes, loads, months, power cuts, tampering, faults.

Beside the meter runs a model of it, written as plainly as its rules can be said: it foretells the result of every token, the
credit and the line of digits. Credit is what was accepted less what was cleared and consumed, no TID of one key and
base date works twice, the clock never runs back, every LCD line fits, and nothing ever raises.
"""

import re

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from meter_emu.meter import Cause, Key
from meter_emu.meter.short_codes import SHORT_CODES
from meter_emu.sts.ciphers import EncryptionAlgorithm
from meter_emu.sts.errors import CRCError, FormatError
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.numbers import BaseDate
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT
from meter_emu.sts.tokens import TokenType, decode

KWH = 3_600_000
CAPACITY = 9_999_999 * KWH // 10
DAY, MONTH = 86_400, 30 * 86_400
LONGEST_STOP_WATCH = 2000
OUT_OF_ANY_LOCK = 1801
LOCKS = (0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 1280)
SECTIONS = {
    TokenType.SET_1ST_SECTION_DECODER_KEY: 0,
    TokenType.SET_2ND_SECTION_DECODER_KEY: 1,
    TokenType.SET_3RD_SECTION_DECODER_KEY: 2,
    TokenType.SET_4TH_SECTION_DECODER_KEY: 3,
}

tids = st.one_of(st.integers(0, 40), st.integers(0, 2**24 - 1))
amounts = st.one_of(st.integers(0, 3), st.integers(1, 2000), st.integers(1, MAXIMUM_AMOUNT))
durations = st.one_of(st.integers(0, 40), st.integers(0, LONGEST_STOP_WATCH), st.sampled_from([DAY, MONTH, 5 * MONTH]))
loads = st.one_of(st.sampled_from([0, 500, 1500, 1_000_000]), st.integers(0, 5000))
settings_and_codes = st.one_of(
    st.sampled_from(["812", "123000", "123001", "45600", "45699", "0", "999999", *sorted(set(SHORT_CODES) - {"relay"})]),
    st.text("0123456789", min_size=1, max_size=19),
)


class MeterMachine(RuleBasedStateMachine):
    """The rules; whatever begins with ``self.meter`` is the meter, all else is the model."""

    def __init__(self, utility, slow_house):
        super().__init__()
        self.issuer = utility.changed(base_date="1993")
        self.stranger = utility.of("04176855916")
        self.meter = self.issuer.meter()
        self.now = self.meter.state.clock
        self.house = slow_house(self.now)
        self.meter = self.meter.advance(self.now)
        self.house.run(self.now)
        self.accepted = self.cleared = self.power_failures = 0
        self.credited = set()
        self.store = []
        self.pending, self.pending_since = {}, 0
        self.wrong, self.locked_until = 0, 0
        self.is_latched, self.causes = False, set()
        self.line, self.touched = "", 0
        self.issued = []

    @initialize(tenths=amounts, watts=st.none() | st.integers(0, 3000), load=loads)
    def move_in(self, tenths, watts, load):
        self.enter(self.issuer.credit(50, tenths))
        if watts is not None:
            self.enter(self.issuer.power_limit(51, watts))
        self.change_load(load)

    # What the model knows.

    def expected_code(self, digits):
        """The result that the rules foretell, and the token where there is one."""
        if not self.house.is_powered:
            return 0, None
        is_locked = self.now < self.locked_until
        token_class = int(digits) >> 27 & 3 if len(digits) == 20 and int(digits) < 2**66 else None
        if token_class in (None, 3):
            return (15 if is_locked else 6), None
        if is_locked and token_class != 1:
            return 15, None
        try:
            token = decode(digits, self.issuer.decoder_key.cipher())
        except CRCError:
            return 13, None
        except FormatError:
            return 6, None
        return self._validated(token) or self._executed(token), token

    def _validated(self, token):
        if token.tid is not None and len(self.store) == 60 and token.tid < min(self.store):
            return 9
        if token.tid in self.store:
            return 10
        if token.layout.token_class.value == 0 and (self.is_latched or self.causes):
            return 16
        return None

    def _executed(self, token):
        kind = token.token_type
        if kind is TokenType.ELECTRICITY_CREDIT:
            if token["amount"] == 0:
                return 7
            return 4 if self.house.balance + token["amount"] * KWH // 10 > CAPACITY else 1
        if kind is TokenType.CLEAR_CREDIT:
            return 1 if token["register"] in (0, 0xFFFF) else 7
        if kind in (TokenType.METER_TEST_MFR2, TokenType.METER_TEST_MFR4):
            return 1 if token["mfr_code"] in (0, 12) else 14
        if kind in SECTIONS:
            pending = {**self._still_pending(), kind: token}
            return 1 if len(pending) == 4 else 2 if SECTIONS[kind] == 0 else 3
        return 1 if kind in (TokenType.SET_MAXIMUM_POWER_LIMIT, TokenType.CLEAR_TAMPER_CONDITION) else 8

    def _still_pending(self):
        return self.pending if self.now - self.pending_since <= 600 else {}

    def note(self, code, token):
        """What the model makes of a token."""
        if code in (6, 13):
            self.wrong += 1
            if self.wrong > 2:
                self.locked_until = self.now + LOCKS[min(self.wrong, 10)]
        if code not in (1, 2, 3) or token.layout.token_class.value == 1:
            return
        self.wrong, self.locked_until = 0, 0
        kind = token.token_type
        if token.tid is not None:
            identity = (self.issuer.decoder_key.octets, self.issuer.card.parameters.base_date, token.tid)
            assert identity not in self.credited
            self.credited.add(identity)
            self.store = sorted([*self.store, token.tid])[-60:]
        if kind is TokenType.ELECTRICITY_CREDIT:
            self.accepted += token["amount"] * KWH // 10
            self.house.balance += token["amount"] * KWH // 10
        elif kind is TokenType.CLEAR_CREDIT:
            self.cleared += max(0, self.house.balance)
            self.house.balance = min(0, self.house.balance)
        elif kind is TokenType.SET_MAXIMUM_POWER_LIMIT:
            self.house.limit = token["mpl"]
        elif kind is TokenType.CLEAR_TAMPER_CONDITION:
            self.is_latched = False
        elif kind in SECTIONS:
            if not self._still_pending():
                self.pending, self.pending_since = {}, self.now
            self.pending[kind] = token
            if len(self.pending) == 4:
                self._change_key()

    def _change_key(self):
        """Every set gives a key, also one of sections that do not belong together."""
        first, second, third, fourth = (self.pending[kind] for kind in SECTIONS)
        parts = (first["nkho"], third["nkmo2"], fourth["nkmo1"], second["nklo"])
        key = DecoderKey(EncryptionAlgorithm.MISTY1, b"".join(part.to_bytes(4, "big") for part in parts))
        card = self.issuer.card
        if first["ro"]:
            card = card.changed(base_date=card.parameters.base_date.next.value)
            self.store = []
        self.issuer = type(self.issuer)(card, key)
        self.pending = {}

    # What is done to both.

    def enter(self, digits):
        """A token over the wire."""
        code, token = self.expected_code(digits)
        self.meter, outcome = self.meter.enter(digits, self.now)
        self.line = ""
        self.settle(outcome, code, token)
        if digits not in self.issued:
            self.issued.append(digits)

    def settle(self, outcome, code, token):
        """After a token."""
        assert outcome.result_code == code
        assert outcome.credit_added == (token["amount"] * KWH // 10 if code == 1 and token.layout.token_class.value == 0 else 0)
        self.meter.lcd_texts(outcome)
        self.note(code, token)
        self.house.run(self.now)

    def wait(self, seconds):
        """Time passes: by the stop-watch if it is short, by a sum if it is long, with a guess where the relay trips."""
        end = self.now + seconds
        self.meter = self.meter.advance(end)
        house = self.house
        if seconds <= LONGEST_STOP_WATCH:
            house.run(end)
        else:
            house.run(self.now + OUT_OF_ANY_LOCK)
            house.balance, house.consumed = self._after_long(end - house.clock)
            house.take_over(self.meter)
        self.now = end

    def _after_long(self, seconds):
        """Balance and consumption at the end of a long time; the meter's own where it trips over and over, if they can be."""
        house, credit = self.house, self.meter.state.credit
        trips = house.limit is not None and house.load > house.limit and not house.is_stuck
        energy = house.power * seconds
        if trips and house.is_powered and house.balance > 0:
            energy = credit.consumed - house.consumed
            assert 0 <= energy <= min(house.balance, house.load * seconds)
        elif not house.is_stuck:
            energy = min(energy, max(0, house.balance))
        assert (credit.balance, credit.consumed) == (house.balance - energy, house.consumed + energy)
        return house.balance - energy, house.consumed + energy

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
        self.house.load = load
        self.house.run(self.now)

    @rule(seconds=durations)
    def tick(self, seconds):
        self.wait(seconds)

    @rule(seconds=st.integers(0, MONTH))
    def tick_back(self, seconds):
        self.meter = self.meter.advance(self.now - seconds)

    @rule(seconds=durations)
    def set_clock(self, seconds):
        self.now += seconds
        self.meter = self.meter.set_clock(self.now, self.now - seconds)
        self.house.clock = self.now
        self.house.run(self.now)

    @rule()
    def cut_power(self):
        self.power_failures += self.house.is_powered
        self.meter = self.meter.cut_power(self.now)
        self.house.is_powered, self.line = False, ""
        self.house.run(self.now)

    @rule()
    def restore_power(self):
        if not self.house.is_powered:
            self.wrong, self.locked_until = 0, 0
        self.meter = self.meter.restore_power(self.now)
        self.house.is_powered = True
        self.house.run(self.now)

    @rule(cause=st.sampled_from(Cause), present=st.booleans())
    def sense(self, cause, present):
        self.meter = self.meter.sense(cause, present, self.now)
        self.is_latched |= present and cause not in self.causes
        self.causes = self.causes | {cause} if present else self.causes - {cause}

    @rule(milliamps=st.integers(-400, 400))
    def sense_difference(self, milliamps):
        self.meter = self.meter.sense_difference(milliamps, self.now)
        present, cause = abs(milliamps) > 300, Cause.CURRENT_DIFFERENCE
        self.is_latched |= present and cause not in self.causes
        self.causes = self.causes | {cause} if present else self.causes - {cause}

    @rule(is_stuck=st.booleans())
    def stick_relay(self, is_stuck):
        self.meter = self.meter.stick_relay(is_stuck, self.now)
        self.house.is_stuck = is_stuck
        self.house.run(self.now)

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
        line = self._standing_line()
        is_token = key is Key.ENTER and len(line) > 6
        code, token = self.expected_code(line) if is_token else (None, None)
        self.meter, outcome = self.meter.press(key, self.now)
        if not self.house.is_powered:
            assert outcome is None
            return
        assert (outcome is not None) == is_token
        self.touched = self.now
        if key is Key.ENTER:
            self.line = ""
            if re.fullmatch("456[0-9]{2}", line):
                self.house.alarm_limit = int(line[3:]) * KWH
            if is_token:
                self.settle(outcome, code, token)
            self.house.run(self.now)
        elif key is Key.BACKSPACE:
            self.line = line[:-1]
        else:
            self.line = (line + key)[:20]

    def _standing_line(self):
        return self.line if self.now - self.touched < 20 else ""

    # What is always true.

    @invariant()
    def credit_is_accepted_less_cleared_less_consumed(self):
        credit = self.meter.state.credit
        assert (credit.accepted, credit.cleared) == (self.accepted, self.cleared)
        assert credit.balance == self.accepted - self.cleared - self.house.consumed
        assert credit.balance <= CAPACITY

    @invariant()
    def the_meter_stands_where_the_stop_watch_does(self):
        assert self.house.seen_of(self.meter.advance(self.now)) == self.house.seen()
        assert self.meter.state.power_failures == self.power_failures

    @invariant()
    def the_clock_is_the_latest_time_told(self):
        assert self.meter.state.clock == self.now

    @invariant()
    def the_key_is_the_issuers(self):
        key, card = self.meter.state.key, self.issuer.card
        assert key.decoder_key == self.issuer.decoder_key
        assert key.base_date is card.parameters.base_date
        assert list(self.meter.state.tids.tids) == self.store

    @invariant()
    def the_lcd_fits(self):
        for later in (0, 1, 4, 9, 19, 20, 3600):
            display = self.meter.display(self.now + later)
            assert all(len(line) <= 16 for line in display.lines)
            if later == 0:
                assert display.digits_entered == len(self._standing_line())


def test_a_meters_life(utility, slow_house):
    run_state_machine_as_test(
        lambda: MeterMachine(utility, slow_house),
        settings=settings(max_examples=250, stateful_step_count=40, deadline=None),
    )
