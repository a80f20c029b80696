"""The keypad and the LCD: the line of digits, its time-out, what Enter does, and the sequence of answers."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter import Key, parse_keys
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.results import ResultCode
from meter_emu.sts.errors import FormatError
from meter_emu.sts.numbers.digits import grouped

DEFAULT = ("0.00 kWh", "KREDIT HABIS")
"""The LCD of a new meter."""


@pytest.fixture
def now(meter):
    """The clock of the meter."""
    return meter.state.clock


class TestLine:
    @pytest.mark.parametrize(("keys", "shown"), [
        ("1", "               1"), ("1234", "            1234"), ("12345", "          1234-5"),
        ("1234567890123", "1234-5678-9012-3"), ("12345678901234", "234-5678-9012-34"),
        ("12345678901234567890", "9012-3456-7890"),
    ])  # fmt: skip
    def test_is_grouped_and_scrolls_in_from_the_right(self, meter, press, now, keys, shown):
        meter, _ = press(meter, keys, now)
        line, counter = meter.display(now).lines
        assert len(line) == 16
        assert line.endswith(shown)
        assert counter == str(len(keys)).rjust(16)
        assert meter.display(now).digits_entered == len(keys)

    @given(st.text("0123456789", min_size=1, max_size=20))
    @settings(max_examples=60, deadline=None)
    def test_shows_the_end_of_the_grouped_digits(self, utility, press, digits):
        meter, _ = press(utility.meter(), digits, 0)
        line = meter.display(0).lines[0]
        assert line.strip() in grouped(digits, "-")
        assert grouped(digits, "-").endswith(line.strip())
        assert grouped(digits, "-").replace("-", "") == digits
        assert all(len(group) == 4 for group in grouped(digits, "-").split("-")[:-1])

    def test_backspace_takes_the_last_digit(self, meter, press, now):
        meter, _ = press(meter, "12345<B>6<B><B>7", now)
        assert meter.panel.line == "1237"

    def test_backspace_on_nothing_is_nothing(self, meter, press, now):
        meter, _ = press(meter, "<B><B>", now)
        assert meter.display(now).lines == DEFAULT
        meter, _ = press(meter, "1<B><B>2", now)
        assert meter.panel.line == "2"

    def test_leading_zeros_count(self, meter, press, now):
        meter, _ = press(meter, "0000", now)
        assert meter.display(now).digits_entered == 4


class TestTimeOut:
    def test_is_20_seconds_without_a_key(self, meter, press, now):
        meter, _ = press(meter, "123", now)
        assert meter.display(now + 19).digits_entered == 3
        assert meter.display(now + 20).digits_entered == 0
        assert meter.advance(now + 20).display(now + 20).lines == DEFAULT

    def test_begins_anew_with_each_key(self, meter, press, now):
        for second in (0, 19, 38, 57):
            meter, _ = press(meter, "1", now + second)
        assert meter.display(now + 76).digits_entered == 4
        meter, _ = press(meter, "2", now + 77)
        assert meter.panel.line == "2"

    @pytest.mark.parametrize("key", ["<B>", "<E>"])
    def test_leaves_nothing_for_the_next_key(self, meter, press, now, key):
        meter, _ = press(meter, "37", now)
        meter, outcome = press(meter, key, now + 20)
        assert outcome is None
        assert meter.display(now + 20).lines == DEFAULT

    def test_a_token_that_takes_too_long_is_only_its_end(self, utility, meter, press, now):
        digits = utility.credit(1)
        meter, _ = press(meter, digits[:10], now)
        meter, outcome = press(meter, f"{digits[10:]}<E>", now + 20)
        assert outcome.result_code is ResultCode.FORMAT_ERROR

    def test_a_slow_finger_is_fast_enough(self, utility, meter, press, now):
        for second, key in enumerate((*utility.credit(1), "<E>")):
            meter, outcome = press(meter, key, now + 19 * second)
        assert outcome.accepted


class TestThe21stDigit:
    def test_beeps_and_changes_nothing(self, meter, press, now):
        meter, _ = press(meter, "1" * 20, now)
        assert not meter.advance(now + 6).display(now + 6).is_beeping
        after, _ = press(meter, "2", now + 6)
        assert after.panel.line == "1" * 20
        assert after.display(now + 6).lines == meter.display(now + 6).lines
        assert after.display(now + 6).is_beeping
        assert not after.display(now + 7).is_beeping

    def test_can_be_taken_back_no_more_than_the_20th(self, utility, meter, press, now):
        digits = utility.credit(1)
        _, outcome = press(meter, f"{digits}9<E>", now)
        assert outcome.accepted
        _, outcome = press(meter, f"{digits}9<B>{digits[-1]}<E>", now)
        assert outcome.accepted


class TestEnter:
    def test_on_nothing_does_nothing(self, meter, press, now):
        meter, outcome = press(meter, "<E>", now)
        assert outcome is None
        assert meter.state == meter.advance(now).state
        assert meter.display(now).lines == DEFAULT

    @pytest.mark.parametrize("length", range(1, 7))
    def test_on_1_to_6_digits_is_a_short_code(self, meter, press, now, length):
        meter, outcome = press(meter, "9" * length + "<E>", now)
        assert outcome is None
        assert meter.display(now).lines == ("----", "")
        assert meter.state.lockout.wrong_tokens == 0

    @pytest.mark.parametrize("length", range(7, 20))
    def test_on_7_to_19_digits_is_wrong_and_counted(self, meter, press, now, length):
        meter, outcome = press(meter, "1" * length + "<E>", now)
        assert outcome.result_code is ResultCode.FORMAT_ERROR
        assert meter.display(now).lines == ("SALAH", "")
        assert meter.state.lockout.wrong_tokens == 1

    def test_on_20_digits_is_a_token(self, utility, meter, press, now):
        meter, outcome = press(meter, f"{utility.credit(1, 325)}<E>", now)
        assert outcome.accepted
        assert meter.panel.line == ""

    def test_the_answer_is_the_same_as_without_a_keypad(self, utility, meter, press, now):
        for digits in (utility.credit(1), "1" * 20, utility.credit(1)):
            assert press(meter, f"{digits}<E>", now)[0] == meter.enter(digits, now)[0]
            meter, _ = meter.enter(digits, now)


class TestSequence:
    def lines(self, meter, start, seconds):
        """What the LCD shows in each second."""
        return [meter.advance(start + s).display(start + s).lines for s in range(seconds)]

    def test_verdict_then_credit_entered_then_total_then_default(self, utility, press):
        meter = utility.meter(clock=0, credit=Credit(accepted=10 * KWH)).advance(0)
        meter, _ = press(meter, f"{utility.credit(1, 325)}<E>", 0)
        first, second, third, default = ("BENAR", ""), ("32.50 kWh", ""), ("42.50 kWh", ""), ("42.50 kWh", "")
        assert self.lines(meter, 0, 15) == [first] * 3 + [second] * 5 + [third] * 5 + [default] * 2

    def test_the_default_runs_on_and_the_total_stands(self, utility, press):
        meter = utility.meter(clock=0, credit=Credit(accepted=10 * KWH)).set_load(36_000, 0)
        meter, _ = press(meter, f"{utility.credit(1, 10)}<E>", 0)
        lines = self.lines(meter, 0, 15)
        assert lines[8:13] == [("11.00 kWh", "")] * 5
        assert lines[13:] == [("10.87 kWh", ""), ("10.86 kWh", "")]

    def test_a_refusal_is_one_verdict_and_a_beep(self, meter, press, now):
        meter, _ = press(meter, "1" * 20 + "<E>", now)
        assert self.lines(meter, now, 5) == [("SALAH", "")] * 3 + [DEFAULT] * 2
        assert meter.panel.beep_until == now + 1

    def test_acceptance_does_not_beep(self, utility, rich_meter):
        now = rich_meter.state.clock
        meter, _ = rich_meter.enter(utility.credit(1), now)
        assert not meter.display(now).is_beeping

    def test_key_change_names_what_is_awaited(self, utility, meter, now):
        meter, _ = meter.enter(utility.key_change(utility)[1], now)
        assert self.lines(meter, now, 9) == [("BENAR", "")] * 3 + [("KCT 1 3 4", "")] * 5 + [DEFAULT]

    def test_class_1_shows_its_values(self, utility, meter, now):
        meter, _ = meter.enter(utility.test_display(1 << 17 | 1), now)
        assert self.lines(meter, now, 14) == (
            [("BENAR", "")] * 3 + [("RELAI BUKA", "")] * 5 + [("12345678911", "")] * 5 + [DEFAULT]
        )

    @pytest.mark.parametrize("second", [0, 1, 3, 7, 12])
    def test_a_key_ends_it(self, utility, meter, press, now, second):
        meter, _ = press(meter, f"{utility.credit(1)}<E>", now)
        after, _ = press(meter, "5", now + second)
        assert after.display(now + second).lines == ("5".rjust(16), "1".rjust(16))
        after, _ = press(meter, "<B>", now + second)
        assert after.display(now + second).lines == ("1.00 kWh", "")
        after, _ = press(meter, "<E>", now + second)
        assert after.display(now + second).lines == ("1.00 kWh", "")

    def test_digits_after_it_are_a_new_line(self, utility, meter, press, now):
        meter, _ = press(meter, f"{utility.credit(1)}<E>75<E>", now)
        assert meter.display(now).lines == ("12345678911", "")

    def test_a_short_code_is_shown_for_5_seconds(self, meter, press, now):
        meter, _ = press(meter, "75<E>", now)
        assert self.lines(meter, now, 7) == [("12345678911", "")] * 5 + [DEFAULT] * 2


class TestPower:
    def test_a_cut_darkens_all(self, utility, meter, press, now):
        for keys in ("123", "75<E>", f"{utility.credit(1)}<E>"):
            lit, _ = press(meter, keys, now)
            display = lit.cut_power(now).display(now)
            assert (display.lines, display.digits_entered, display.is_lit) == (("", ""), 0, False)
            assert not display.is_relay_closed
            assert not display.is_beeping
            restored = lit.cut_power(now).restore_power(now)
            assert restored.display(now).digits_entered == 0
            assert restored.display(now).lines[0].endswith("kWh"), "the answers are forgotten"

    def test_keys_do_nothing_in_the_dark(self, utility, rich_meter, press):
        now = rich_meter.state.clock
        dark = rich_meter.cut_power(now)
        after, outcome = press(dark, f"{utility.credit(1)}<E>37<E>45609<E>9<B>", now)
        assert outcome is None
        assert after == dark.advance(now)

    def test_a_token_over_the_wire_does_nothing_in_the_dark(self, utility, meter, now):
        dark = meter.cut_power(now)
        after, outcome = dark.enter(utility.credit(1), now)
        assert outcome.result_code is ResultCode.NONE
        assert after.panel == dark.panel
        assert after.restore_power(now).enter(utility.credit(1), now)[1].accepted

    def test_the_relay_is_open_even_where_it_sticks(self, rich_meter):
        now = rich_meter.state.clock
        meter = rich_meter.stick_relay(True, now).set_load(1000, now).cut_power(now)
        assert not meter.display(now).is_relay_closed
        assert meter.advance(now + 3600).state.credit.consumed == 0


class TestParseKeys:
    def test_the_twelve(self):
        assert parse_keys("0123456789<B><E>") == tuple(Key)

    def test_small_letters_and_spaces_are_for_the_reader(self):
        assert parse_keys(" 12\t<b>\n3 <e>") == (Key.DIGIT_1, Key.DIGIT_2, Key.BACKSPACE, Key.DIGIT_3, Key.ENTER)

    def test_nothing_is_no_key(self):
        assert parse_keys("") == ()

    @pytest.mark.parametrize(("text", "position", "shown"), [
        ("12a", 2, "'a'"), ("<X>", 0, "'<'"), ("1<B", 1, "'<'"), ("12-34", 2, "'-'"), ("٣", 0, "'٣'"), ("12٣4", 2, "'٣'"),
        ("１", 0, "'１'"), ("1²", 1, "'²'"), ("<B><", 3, "'<'"), ("12 #", 3, "'#'"),
    ])  # fmt: skip
    def test_what_is_no_key_is_named(self, text, position, shown):
        with pytest.raises(FormatError) as error:
            parse_keys(text)
        assert (error.value.field, error.value.position) == ("keys", position)
        assert shown in str(error.value)
        assert f"character {position + 1}" in str(error.value)

    @given(st.one_of(st.text(), st.lists(st.sampled_from([*Key, "<b>", "<", "٣", " ", "\n"])).map("".join)))
    @settings(max_examples=100, deadline=None)
    def test_any_text_is_keys_or_a_format_error(self, text):
        if re.fullmatch(r"([0-9]|<[BbEe]>|\s)*", text):
            assert "".join(parse_keys(text)) == "".join(text.split()).upper()
        else:
            with pytest.raises(FormatError):
                parse_keys(text)
