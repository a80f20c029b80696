"""Formats: what is written is read back, and nothing else is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_proto.registers.formats import (
    AMPERES,
    COUNT,
    ENERGY,
    FLAGS,
    KILOWATTS,
    POWER_FACTOR,
    SWITCH,
    TEXT,
    TIME,
    VOLTS,
    WATTS,
    digits,
    word,
)
from meter_emu.meter.clock import seconds_of
from meter_emu.meter.energy import KWH

INTEGERS = (AMPERES, COUNT, KILOWATTS, POWER_FACTOR, VOLTS, WATTS)
FIRST = 946_684_800
"""2000-01-01 00:00:00"""
END = 4_102_444_800
"""2100-01-01 00:00:00"""


@given(value=st.integers(-(10**11), 10**11), format_=st.sampled_from(INTEGERS))
def test_integers_come_back(value, format_):
    assert format_.parse(format_.write(value)) == value


@given(energy=st.integers(-(10**9) * KWH, 10**9 * KWH))
def test_energy_is_cut_towards_zero_and_stays(energy):
    text = ENERGY.write(energy)
    back = ENERGY.parse(text)
    assert 0 <= abs(energy) - abs(back) < KWH // 10_000
    assert back * energy >= 0
    assert ENERGY.write(back) == text


@given(at=st.integers(FIRST, END - 1))
def test_times_come_back(at):
    assert TIME.parse(TIME.write(at)) == at


@given(at=st.datetimes())
def test_every_time_can_be_written(at):
    assert len(TIME.write(seconds_of(at))) == 12


@given(value=st.booleans())
def test_switches_come_back(value):
    assert SWITCH.parse(SWITCH.write(value)) is value


@given(value=st.integers(0, 2**32 - 1))
def test_flags_come_back(value):
    assert FLAGS.parse(FLAGS.write(value)) == value


@given(text=st.text())
@pytest.mark.parametrize("format_", [*INTEGERS, ENERGY, TIME, SWITCH, FLAGS, digits(1, 20), word("on", "off"), TEXT])
def test_what_is_taken_is_what_is_written_and_all_else_a_value_error(format_, text):
    try:
        value = format_.parse(text)
    except ValueError:
        return
    assert format_.parse(format_.write(value)) == value
    assert format_ is TEXT or text.isascii()


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        (COUNT, ""),
        (COUNT, " 1"),
        (COUNT, "1\n"),
        (COUNT, "+1"),
        (COUNT, "1.0"),
        (COUNT, "１"),
        (COUNT, "1" * 13),
        (KILOWATTS, "1"),
        (KILOWATTS, "1.5"),
        (KILOWATTS, ".500"),
        (KILOWATTS, "1,500"),
        (ENERGY, "1.50000"),
        (TIME, "2611220830"[:9]),
        (TIME, "261322083000"),
        (TIME, "260230083000"),
        (TIME, "261122240000"),
        (TIME, "261122083060"),
        (TIME, "20261122083000"),
        (SWITCH, "on"),
        (SWITCH, "01"),
        (FLAGS, "0000001g"),
        (FLAGS, "000000ab"),
        (digits(20, 20), "1" * 19),
        (word("on", "off"), "On"),
    ],
)
def test_malformed(format_, text):
    with pytest.raises(ValueError):  # noqa: PT011 - which one is the format's own affair
        format_.parse(text)


def test_a_time_may_lack_its_seconds():
    assert TIME.parse("2611220830") == TIME.parse("261122083000")
