"""Access levels: the right password opens, wrong ones are counted and delayed, and none is ever shown."""

import pytest

from meter_emu.meter.access import DEFAULT_PASSWORDS, LONGEST_PASSWORD, Access, Level, checked_password
from meter_emu.sts.errors import FormatError

NOW = 1000
LEVELS = (Level.CUSTOMER, Level.SERVICE)
OWN = Access().with_password(Level.CUSTOMER, "a customer", b"salt").with_password(Level.SERVICE, "a service", b"salt")


@pytest.mark.parametrize("level", LEVELS)
def test_the_defaults_open_and_say_that_they_are_defaults(level):
    access, is_right = Access().give(level, DEFAULT_PASSWORDS[level], NOW)
    assert is_right
    assert access == Access()
    assert access.of(level).is_default


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("password", ["", "0", "a customer ", "A CUSTOMER", "00000000", "11111111", "é", "\ud800"])
def test_another_password_does_not_open(level, password):
    assert OWN.give(level, password, NOW)[1] is False


def test_one_levels_password_does_not_open_the_other():
    assert OWN.give(Level.CUSTOMER, "a customer", NOW)[1] is True
    assert OWN.give(Level.SERVICE, "a customer", NOW)[1] is False
    assert OWN.give(Level.CUSTOMER, "a service", NOW)[1] is False


def test_the_public_level_has_no_password():
    with pytest.raises(ValueError, match="no password"):
        OWN.of(Level.PUBLIC)


def wrong(access, level, times, now=NOW):
    """After so many wrong passwords, each given as soon as one is looked at."""
    for _ in range(times):
        now += access.of(level).seconds_left(now)
        access, is_right = access.give(level, "wrong", now)
        assert not is_right
    return access, now


@pytest.mark.parametrize(
    ("times", "locked"), [(1, 0), (2, 0), (3, 10), (4, 20), (5, 40), (9, 640), (10, 1280), (11, 1280), (40, 1280)]
)
def test_the_delay(times, locked):
    access, now = wrong(OWN, Level.SERVICE, times)
    assert access.of(Level.SERVICE).wrong == times
    assert access.of(Level.SERVICE).seconds_left(now) == locked


def test_while_locked_not_even_the_right_one_is_looked_at():
    access, now = wrong(OWN, Level.SERVICE, 3)
    for password in ("a service", "wrong"):
        assert access.give(Level.SERVICE, password, now + 9) == (access, False)
    after, is_right = access.give(Level.SERVICE, "a service", now + 10)
    assert is_right
    assert after == OWN


def test_the_right_password_of_one_level_does_not_end_the_counting_of_the_other():
    access, now = wrong(OWN, Level.SERVICE, 2)
    access, is_right = access.give(Level.CUSTOMER, "a customer", now)
    assert is_right
    access, now = wrong(access, Level.SERVICE, 1)
    assert access.of(Level.SERVICE).seconds_left(now) == 10
    assert access.of(Level.CUSTOMER).seconds_left(now) == 0


def test_a_power_cycle_does_not_help(rich_meter):
    now = rich_meter.state.clock
    access, now = wrong(OWN, Level.SERVICE, 5, now)
    meter = rich_meter._replace(state=rich_meter.state._replace(access=access)).advance(now)
    assert meter.cut_power(now).restore_power(now).state.access == access


def test_no_password_is_kept_or_shown():
    assert "a service" not in repr(OWN)
    assert OWN.service.digest is not None
    assert OWN.service.digest not in repr(OWN)
    assert "a service" not in OWN.service.digest
    salted_otherwise = Access().with_password(Level.SERVICE, "a service", b"pepper")
    assert salted_otherwise.service.digest != OWN.service.digest


@pytest.mark.parametrize(
    "password", ["", "abc", "x" * (LONGEST_PASSWORD + 1), "pass(word", "pass)word", "p*ss", "p/ss", "p!ss"]
)
@pytest.mark.parametrize("other", ["", "tab\t", "é"])
def test_a_password_that_no_wire_takes(password, other):
    with pytest.raises(FormatError) as error:
        checked_password(password + other)
    assert error.value.field == "password"
    assert not password or password not in str(error.value)


@pytest.mark.parametrize("password", ["0000", "x" * LONGEST_PASSWORD, "with a space", "~#$%&+,-.:;<=>?@[]^_`{|}"])
def test_a_password_that_every_wire_takes(password):
    assert Access().with_password(Level.SERVICE, password, b"s").give(Level.SERVICE, password, NOW)[1]
