"""The key change: sections in any order, their ten minutes, the new key, the rollover, and sets that must be refused."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.results import ResultCode, TokenResult
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.numbers import BaseDate
from meter_emu.sts.tokens import TokenType, decode, encode

TEN_MINUTES = 600


def enter_all(meter, tokens, now=0):
    """The meter after all tokens, and their result codes."""
    codes = []
    for digits in tokens:
        meter, outcome = meter.enter(digits, now)
        codes.append(int(outcome.result_code))
    return meter, codes


class TestSet:
    def test_moves_the_meter_to_the_new_key(self, any_utility):
        new = any_utility.changed(krn=2, ti="02", ken=85)
        meter, codes = enter_all(any_utility.meter(), any_utility.key_change(new))
        assert codes == ([2, 3, 3, 1] if len(new.decoder_key.octets) == 16 else [2, 1])
        key = meter.state.key
        assert key.decoder_key == new.decoder_key
        assert (key.krn, key.ti, key.ken, key.kt) == (2, "02", 85, 2)
        assert (key.sgc, key.base_date) == ("123457", BaseDate.BASE_2014)

    def test_new_tokens_work_and_old_ones_no_more(self, any_utility):
        new = any_utility.changed(krn=2)
        meter = any_utility.meter()
        assert meter.enter(new.credit(1), 0)[1].result_code == 13
        meter, _ = enter_all(meter, any_utility.key_change(new))
        assert meter.enter(any_utility.credit(1), 0)[1].result_code == 13
        meter, outcome = meter.enter(new.credit(1, 7), 0)
        assert outcome.accepted
        assert meter.state.credit.balance == 7 * KWH // 10

    def test_may_lead_to_another_supply_group(self, utility):
        new = utility.changed(sgc="999999", ti="99", krn=9, ken=0xA5)
        meter, _ = enter_all(utility.meter(), utility.key_change(new))
        key = meter.state.key
        assert (key.decoder_key, key.sgc, key.ti, key.krn, key.ken) == (new.decoder_key, "999999", "99", 9, 0xA5)

    def test_can_be_followed_by_another(self, any_utility):
        second, third = any_utility.changed(krn=2), any_utility.changed(krn=3)
        meter, _ = enter_all(any_utility.meter(), (*any_utility.key_change(second), *second.key_change(third)))
        assert meter.state.key.decoder_key == third.decoder_key

    def test_cannot_be_entered_again(self, any_utility):
        tokens = any_utility.key_change(any_utility.changed(krn=2))
        meter, _ = enter_all(any_utility.meter(), tokens)
        assert enter_all(meter, tokens)[1][0] == 13

    def test_ends_a_default_key(self, utility):
        default = utility.changed(kt=1)
        meter, codes = enter_all(default.meter(), (default.credit(1), *default.key_change(utility), utility.credit(1)))
        assert codes == [12, 2, 3, 3, 1, 1]
        assert meter.state.key.kt == 2

    def test_keeps_credit_counters_and_used_tids(self, any_utility):
        credit = Credit(accepted=9 * KWH, consumed=2 * KWH)
        meter = any_utility.meter(credit=credit, tids=TidStore((5, 6)), power_failures=3)
        new = any_utility.changed(krn=2)
        tokens = any_utility.key_change(new)
        after, _ = enter_all(meter, tokens)
        kept = ("drn", "credit", "tids", "power_failures", "tamper", "overload", "alarm")
        before = meter.advance(0).state
        assert all(getattr(after.state, name) == getattr(before, name) for name in kept)
        assert after.state.history.engineering_tokens == len(tokens)
        assert after.enter(new.credit(6), 0)[1].result_code == 10

    def test_keeps_the_sta_tables(self, utility):
        old, tables = utility.of(ea="07"), StaTables(SAMPLE_TABLES.permutation, SAMPLE_TABLES.substitution[::-1])
        new = old.changed(krn=2)
        state = old.meter().state
        meter = old.meter()._replace(state=state._replace(key=state.key._replace(tables=tables)))

        def remade(digits, utility):
            """The same token under the maker's tables: they are not the sample ones."""
            return encode(decode(digits, utility.decoder_key.cipher()), utility.decoder_key.cipher(tables))

        meter, codes = enter_all(meter, [remade(digits, old) for digits in old.key_change(new)])
        assert codes == [2, 1]
        assert meter.enter(remade(new.credit(1), new), 0)[1].accepted

    def test_ends_a_lockout_count(self, utility):
        meter = utility.meter(lockout=Lockout(wrong_tokens=2))
        meter, _ = meter.enter(utility.key_change(utility)[3], 0)
        assert meter.state.lockout == Lockout()


class TestOrder:
    @pytest.mark.parametrize("order", list(permutations(range(4))), ids=lambda order: "".join(str(i + 1) for i in order))
    def test_of_four_is_free(self, utility, order):
        new = utility.changed(krn=2)
        tokens = utility.key_change(new)
        meter, awaited = utility.meter(), {1, 2, 3, 4}
        for index in order:
            meter, outcome = meter.enter(tokens[index], 0)
            awaited.remove(index + 1)
            if awaited:
                assert outcome.result_code == (2 if index == 0 else 3)
                texts = meter.lcd_texts(outcome)
                assert texts == ("BENAR", "KCT " + " ".join(str(number) for number in sorted(awaited)))
        assert outcome.token_result is TokenResult.ACCEPT
        assert meter.lcd_texts(outcome) == ("BENAR",)
        assert meter.state.key.decoder_key == new.decoder_key

    @pytest.mark.parametrize("dkga", ["02", "04"])
    @pytest.mark.parametrize(("order", "codes"), [((0, 1), [2, 1]), ((1, 0), [3, 1])])
    def test_of_two_is_free(self, utility, dkga, order, codes):
        old = utility.of(ea="07", dkga=dkga)
        new = old.changed(krn=2)
        tokens = old.key_change(new)
        meter, seen = enter_all(old.meter(), [tokens[index] for index in order])
        assert seen == codes
        assert meter.state.key.decoder_key == new.decoder_key

    @given(st.lists(st.integers(0, 3), max_size=12))
    @settings(max_examples=60, deadline=None)
    def test_repeats_do_no_harm(self, utility, entered):
        """The key changes with the first token that completes the four, whatever came twice before."""
        new = utility.changed(krn=2)
        tokens = utility.key_change(new)
        meter, missing = utility.meter(), {0, 1, 2, 3}
        for index in entered:
            meter, outcome = meter.enter(tokens[index], 0)
            missing.discard(index)
            assert outcome.accepted
            assert len(outcome.awaited) == len(missing)
            if not missing:
                break
        expected = utility if missing else new
        assert meter.state.key.decoder_key == expected.decoder_key

    def test_a_section_entered_again_replaces_the_first(self, utility):
        wrong, right = utility.changed(krn=2), utility.changed(krn=3)
        first_of_wrong = utility.key_change(wrong)[0]
        meter, codes = enter_all(utility.meter(), (first_of_wrong, *utility.key_change(right)))
        assert codes == [2, 2, 3, 3, 1]
        assert meter.state.key.decoder_key == right.decoder_key

    def test_other_tokens_may_come_between(self, utility):
        new = utility.changed(krn=2)
        first, second, third, fourth = utility.key_change(new)
        between = (first, utility.credit(1), second, utility.credit(1), third, utility.test_display(1), "9" * 20, fourth)
        meter, codes = enter_all(utility.meter(), between)
        assert codes == [2, 1, 3, 10, 3, 1, 6, 1]
        assert meter.state.key.decoder_key == new.decoder_key


class TestTenMinutes:
    @pytest.mark.parametrize(("seconds", "code"), [(0, 1), (TEN_MINUTES, 1), (TEN_MINUTES + 1, 3)])
    def test_count_from_the_first_section(self, utility, seconds, code):
        *early, last = utility.key_change(utility.changed(krn=2))
        meter = utility.meter()
        start = meter.state.clock
        meter, _ = meter.enter(early[0], start)
        meter, _ = enter_all(meter, early[1:], start + min(seconds, 500))
        _, outcome = meter.enter(last, start + seconds)
        assert outcome.result_code == code

    @pytest.mark.parametrize(("seconds", "code"), [(TEN_MINUTES, 1), (TEN_MINUTES + 1, 3)])
    def test_count_for_two_sections(self, utility, seconds, code):
        old = utility.of(ea="07")
        first, second = old.key_change(old.changed(krn=2))
        meter = old.meter()
        meter, _ = meter.enter(first, meter.state.clock)
        _, outcome = meter.enter(second, meter.state.clock + seconds)
        assert outcome.result_code == code

    def test_too_late_a_section_is_the_first_of_a_new_set(self, utility):
        tokens = utility.key_change(utility.changed(krn=2))
        meter = utility.meter()
        late = meter.state.clock + TEN_MINUTES + 1
        meter, _ = enter_all(meter, tokens[:3], meter.state.clock)
        meter, outcome = meter.enter(tokens[3], late)
        assert len(outcome.awaited) == 3
        meter, codes = enter_all(meter, tokens[:3], late + TEN_MINUTES)
        assert codes == [2, 3, 1]

    def test_are_not_prolonged_by_repeating_a_section(self, utility):
        tokens = utility.key_change(utility.changed(krn=2))
        meter = utility.meter()
        start = meter.state.clock
        meter, _ = enter_all(meter, tokens[:3], start)
        meter, _ = meter.enter(tokens[0], start + TEN_MINUTES)
        _, outcome = meter.enter(tokens[3], start + TEN_MINUTES + 1)
        assert outcome.result_code == 3

    def test_run_on_without_power_and_nothing_is_lost(self, utility):
        tokens = utility.key_change(utility.changed(krn=2))
        meter = utility.meter()
        start = meter.state.clock
        for second, digits in enumerate(tokens):
            meter, outcome = meter.enter(digits, start + second * 200)
            meter = meter.cut_power(start + second * 200)
            meter = meter.restore_power(start + second * 200 + 190)
        assert outcome.result_code is ResultCode.ACCEPT
        assert meter.state.power_failures == 4


class TestRollover:
    @pytest.mark.parametrize(("ea", "dkga"), [("11", "04"), ("07", "04"), ("07", "02")])
    def test_moves_the_base_date_and_clears_the_store(self, utility, ea, dkga):
        old = utility.of(ea=ea, dkga=dkga, base_date="1993")
        meter = old.meter()
        for krn, (year, base_date) in enumerate([("2014", BaseDate.BASE_2014), ("2035", BaseDate.BASE_2035)], 2):
            meter, _ = meter.enter(old.credit(2**24 - krn, 1), 0)
            new = old.changed(krn=krn, base_date=year)
            credit = meter.state.credit
            meter, _ = enter_all(meter, old.key_change(new, rollover=True))
            assert meter.state.key.base_date is base_date
            assert meter.state.key.decoder_key == new.decoder_key
            assert meter.state.tids == TidStore()
            assert meter.state.credit == credit
            meter, outcome = meter.enter(new.credit(krn, 1), 0)
            assert outcome.accepted, "a TID small as it is after a rollover"
            old = new
        assert meter.state.credit.balance == 4 * KWH // 10

    def test_without_it_the_store_stays(self, utility):
        meter = utility.meter(tids=TidStore((1, 2)))
        meter, _ = enter_all(meter, utility.key_change(utility.changed(krn=2)))
        assert meter.state.tids == TidStore((1, 2))
        assert meter.state.key.base_date is BaseDate.BASE_2014

    def test_waits_for_the_whole_set(self, utility):
        meter = utility.meter(tids=TidStore((1, 2)))
        new = utility.changed(krn=2, base_date="2035")
        meter, _ = enter_all(meter, utility.key_change(new, rollover=True)[:3])
        assert meter.state.tids == TidStore((1, 2))


class TestRefusals:
    @pytest.mark.parametrize("altered", [
        {"krn": 0}, {"krn": 10}, {"krn": 15}, {"ti": 100}, {"ti": 255}, {"sgcho": 0xFFF}, {"sgcho": 0xF4, "sgclo": 0x240},
    ], ids=str)  # fmt: skip
    def test_impossible_numbers_are_a_range_error(self, utility, altered):
        meter = utility.meter(credit=Credit(accepted=KWH), tids=TidStore((1,)))
        meter, codes = enter_all(meter, utility.key_change(utility.changed(krn=2), **altered))
        assert codes == [2, 3, 3, 7]
        assert meter.state.key.decoder_key == utility.decoder_key
        assert meter.state.tids == TidStore((1,))
        assert meter.state.credit.balance == KWH

    @pytest.mark.parametrize("altered", [{"sgcho": 0xF4, "sgclo": 0x23F}, {"sgcho": 0, "sgclo": 0}, {"ti": 0}, {"ti": 99}])
    def test_the_last_possible_numbers_are_taken(self, utility, altered):
        _, codes = enter_all(utility.meter(), utility.key_change(utility.changed(krn=2), **altered))
        assert codes == [2, 3, 3, 1]

    @pytest.mark.parametrize("altered", [{"krn": 0}, {"ti": 100}])
    def test_the_same_for_two_sections(self, utility, altered):
        old = utility.of(ea="07")
        meter, codes = enter_all(old.meter(), old.key_change(old.changed(krn=2), **altered))
        assert codes == [2, 7]
        assert meter.state.key.decoder_key == old.decoder_key

    def test_key_type_0_is_a_key_type_error(self, any_utility):
        meter, codes = enter_all(any_utility.meter(), any_utility.key_change(any_utility.changed(krn=2), kt=0))
        assert codes[-1] == 5
        assert meter.state.key.decoder_key == any_utility.decoder_key

    @pytest.mark.parametrize("altered", [{"krn": 0}, {"kt": 0}, {"ti": 100}], ids=str)
    def test_after_one_the_right_set_still_works(self, utility, altered):
        new = utility.changed(krn=2)
        tokens = (*utility.key_change(new, **altered), *utility.key_change(new))
        meter, _ = enter_all(utility.meter(), tokens)
        assert meter.state.key.decoder_key == new.decoder_key

    def test_a_64_bit_key_has_no_3rd_and_4th_section(self, utility):
        old = utility.of(ea="07")
        third = old.token(TokenType.SET_3RD_SECTION_DECODER_KEY, sgclo=1, nkmo2=2)
        fourth = old.token(TokenType.SET_4TH_SECTION_DECODER_KEY, sgcho=1, nkmo1=2)
        first, second = old.key_change(old.changed(krn=2))
        meter, codes = enter_all(old.meter(), (first, third, fourth, second))
        assert codes == [2, 8, 8, 1]
        assert meter.state.history.engineering_tokens == 2

    @given(st.lists(st.tuples(st.sampled_from([3, 4, 8, 9]), st.integers(0, 2**44 - 1)), max_size=8))
    @settings(max_examples=100, deadline=None)
    def test_no_bits_raise(self, utility, sections):
        """Whatever authentic sections hold, in any order: accepted or refused, and the key is one whole set's."""
        meter, taken = utility.meter(), {}
        for subclass, bits in (*sections, *((subclass, 2**43 // 3 * subclass) for subclass in (3, 4, 8, 9))):
            before = meter.state
            meter, outcome = meter.enter(utility.sealed(2, subclass << 44 | bits), 0)
            assert outcome.result_code in (1, 2, 3, 5, 7)
            taken[subclass] = bits
            if outcome.result_code == 1:
                parts = [taken[part] & 0xFFFFFFFF for part in (3, 8, 9, 4)]
                assert meter.state.key.decoder_key.octets == b"".join(part.to_bytes(4, "big") for part in parts)
                return
            assert meter.state.key == before.key


def test_sections_are_never_shown(utility):
    meter, _ = enter_all(utility.meter(), utility.key_change(utility.changed(krn=2))[:3])
    blocks = [block for _, block in meter.state.pending.sections]
    assert len(blocks) == 3
    secrets = [form for block in blocks for form in (str(block), f"{block:x}", f"{block >> 16 & 0xFFFFFFFF}")]
    assert not any(secret in repr(meter) for secret in (*secrets, utility.decoder_key.octets.hex()))
