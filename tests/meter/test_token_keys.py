"""Tokens under every kind of key: each cipher, 13 digits, an expired, a default and a common key, other STA tables."""

import pytest

from meter_emu.meter import Meter
from meter_emu.meter.energy import TENTH_OF_KWH
from meter_emu.meter.results import ResultCode
from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables


@pytest.mark.parametrize(("ea", "dkga"), [("11", "04"), ("07", "04"), ("07", "02")])
def test_credit_with_every_key(utility, ea, dkga):
    other = utility.of(ea=ea, dkga=dkga)
    meter, outcome = other.meter().enter(other.credit(1, 16_385), 0)
    assert outcome.result_code is ResultCode.ACCEPT
    assert meter.state.credit.balance == 16_394 * TENTH_OF_KWH, "an amount that has no coding is rounded up on the token"


def test_a_13_digit_meter_takes_its_token(utility):
    other = utility.of("0100000000008")
    _, outcome = other.meter().enter(other.credit(1), 0)
    assert outcome.accepted


@pytest.mark.parametrize(
    ("ken", "tid", "code"),
    [(0, 0xFFFF, 1), (0, 0x10000, 11), (85, 0x55FFFF, 1), (85, 0x560000, 11), (254, 0xFFFFFF, 11), (255, 0xFFFFFF, 1)],
)
def test_a_key_expires_after_its_period(utility, ken, tid, code):
    other = utility.changed(ken=ken)
    for digits in (other.credit(tid), other.clear_credit(tid)):
        assert other.meter().enter(digits, 0)[1].result_code == code


def test_a_default_key_still_manages(utility):
    other = utility.changed(kt=1)
    meter, outcome = other.meter().enter(other.power_limit(1, 900), 0)
    assert outcome.accepted
    assert meter.state.overload.limit == 900
    meter, outcome = meter.enter(other.clear_tamper(2), 0)
    assert outcome.accepted


def test_a_common_key_takes_credit(utility):
    other = utility.changed(kt=3)
    assert other.meter().enter(other.credit(1), 0)[1].accepted


def test_tokens_under_other_sta_tables_fail_the_crc(utility):
    """The tables are the maker's: the right key with another set opens nothing."""
    other = utility.of(ea="07")
    tables = StaTables(SAMPLE_TABLES.permutation, SAMPLE_TABLES.substitution[::-1])
    state = other.meter().state
    meter = Meter(state._replace(key=state.key._replace(tables=tables)))
    assert meter.enter(other.credit(1), 0)[1].result_code is ResultCode.CRC_ERROR
