"""Brand profiles: complete tables, aliases that lead somewhere, and rules that are the same for all."""

import pytest

from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.results import ResultCode
from meter_emu.meter.short_codes import SHORT_CODES, change_setting, show

BRANDS = sorted(PROFILES)


@pytest.mark.parametrize("brand", BRANDS)
class TestProfile:
    def test_has_a_text_for_every_result(self, brand):
        texts = PROFILES[brand].texts
        assert set(texts) == set(ResultCode)
        assert all(len(text.format(seconds_left=1280)) <= 16 for text in texts.values())

    def test_aliases_point_to_existing_codes(self, brand):
        for keyed, number in PROFILES[brand].codes.items():
            assert number in SHORT_CODES
            assert keyed.isascii()
            assert keyed.isdigit()
            assert 1 <= len(keyed) <= 6

    def test_no_alias_is_hidden_by_a_setting(self, brand, meter):
        for keyed in PROFILES[brand].codes:
            assert change_setting(meter.state, keyed) is None

    def test_knows_the_common_list(self, brand):
        assert PROFILES[brand].codes.items() >= PROFILES["pln"].codes.items()

    def test_is_found_by_its_name(self, brand):
        assert PROFILES[brand].name == brand

    def test_takes_tokens_like_any_other(self, brand, utility):
        meter, outcome = utility.meter(profile=brand).enter(utility.credit(1, 5), 0)
        assert meter.lcd_texts(outcome) == ("BENAR", "0.50 kWh", "0.50 kWh")


ALIASES = {
    "hexing": {"800": "01", "801": "37", "804": "75", "805": "77", "807": "41", "808": "44", "809": "69", "814": "47",
               "817": "59", "851": "38", "852": "55", "853": "56", "854": "57", "855": "58"},
    "itron": {"0": "01", "3": "38", "7": "07", "9": "47"},
}  # fmt: skip


@pytest.mark.parametrize(("brand", "keyed", "number"), [(b, k, n) for b, codes in ALIASES.items() for k, n in codes.items()])
def test_alias_shows_the_same_as_the_common_code(utility, brand, keyed, number):
    state = utility.meter(profile=brand).enter(utility.credit(1, 5), 0)[0].set_load(100, 0).state
    assert show(state, keyed) == show(state, number)
    assert show(utility.meter().state, keyed) == "----", "not on a PLN common meter"


@pytest.mark.parametrize(("code", "text"), [
    (1, "BENAR"), (2, "BENAR"), (3, "BENAR"), (4, "OVER"), (5, "GAGAL"), (6, "SALAH"), (7, "GAGAL"), (8, "GAGAL"), (9, "OLD"),
    (10, "USED"), (11, "GAGAL"), (12, "GAGAL"), (13, "SALAH"), (14, "GAGAL"), (15, "TUNGGU {seconds_left} s"), (16, "PERIKSA"),
])  # fmt: skip
def test_pln_texts(code, text):
    assert PROFILES["pln"].texts[ResultCode(code)] == text


def test_pln_times():
    pln = PROFILES["pln"]
    assert (pln.verdict_time, pln.credit_time, pln.line_timeout, pln.lcd_columns, pln.impulses_per_kwh) == (3, 5, 20, 16, 1600)
