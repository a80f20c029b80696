"""What cannot be done is told in one line with exit code 2, and takes no TID."""

import pytest

from meter_emu.sts.numbers import BaseDate, TokenIdentifier

METER = "12345678911"
AT = ("--at", "2026-11-22T08:30")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "0.1 to 1820162.4"),
        ("0.0", "0.1 to 1820162.4"),
        ("-5", "negative"),
        ("0.05", "finer than 0.1"),
        ("32.55", "finer than 0.1"),
        ("1820162.5", "0.1 to 1820162.4"),
        ("9" * 400, "1820162.4"),
        ("", "decimal number"),
        ("abc", "decimal number"),
        ("1e3", "decimal number"),
        ("1,5", "decimal number"),
        ("nan", "decimal number"),
        ("inf", "decimal number"),
        (" 5", "decimal number"),
        ("٣٢", "decimal number"),
        ("32\n5", "decimal number"),
    ],
)
@pytest.mark.parametrize("option", ["--kwh", "--amount"])
def test_an_impossible_amount(pln_sim, option, amount, words):
    assert words in pln_sim.complaint("token", "credit", METER, option, amount, *AT)
    assert not pln_sim.home.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "say how much"),
        (("--kwh", "1", "--amount", "1"), "say how much"),
        (("--kwh", "1", "--service", "water"), "--kwh is for electricity"),
        (("--amount", "1", "--service", "steam"), "steam"),
    ],
)
def test_a_credit_says_how_much_of_what(pln_sim, options, words):
    assert words in pln_sim.complaint("token", "credit", METER, *options)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2013-12-31T23:59", "before the base date 2014"),
        ("0001-01-01", "before the base date 2014"),
        ("2045-11-24T20:16", "after 2045-11-24T20:15"),
        ("9999-12-31", "after 2045-11-24T20:15"),
        ("2026-11-22T08:30Z", "zone"),
        ("yesterday", "must look like"),
        ("2026-02-30", "must look like"),
    ],
)
def test_an_impossible_time(pln_sim, time, words):
    assert words in pln_sim.complaint("token", "credit", METER, "--kwh", "1", "--at", time)
    assert not pln_sim.home.exists()


@pytest.mark.parametrize("count", ["0", "-1", "100001", "x", "1.5", "", "٣", "1_0", "9" * 5000])
def test_an_impossible_count(pln_sim, count):
    assert "--count" in pln_sim.complaint("token", "credit", METER, "--kwh", "1", "--count", count)


@pytest.mark.parametrize("meter", ["1234567891", "123456789112", "0100000000008", "1234567891x", "١٢٣٤٥٦٧٨٩١١", ""])
@pytest.mark.parametrize("command", [("credit", "--kwh", "1"), ("key-change",), ("test",)])
def test_an_impossible_meter_number(pln_sim, meter, command):
    assert "meter number" in pln_sim.complaint("token", command[0], meter, *command[1:])


def test_a_luhn_wrong_meter_number_is_warned_of_and_taken(pln_sim):
    result = pln_sim("token", "credit", "01105574222", "--kwh", "1")
    assert result.exit_code == 0
    assert result.stderr.count("warning: meter number 01105574222 has a wrong check digit") == 1


def test_a_meter_number_may_be_grouped(pln_sim):
    assert pln_sim.tokens("credit", "1234-5678 911", "--kwh", "1")[0]["meter"] == METER


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--sgc", "12"), "SGC"),
        (("--sgc", "12345x"), "SGC"),
        (("--ti", "7"), "TI"),
        (("--krn", "0"), "--krn"),
        (("--krn", "10"), "--krn"),
        (("--kt", "4"), "--kt"),
        (("--ken", "256"), "--ken"),
        (("--ken", "-1"), "--ken"),
        (("--base-date", "2000"), "base date"),
        (("--ea", "12"), "EA"),
        (("--dkga", "05"), "DKGA"),
        (("--dkga", "01"), "DKGA01"),
        (("--dkga", "02"), "DKGA02 makes no key for EA11"),
        (("--ea", "09"), "DKGA04 makes no key for EA09"),
        (("--dkga", "03", "--ea", "07"), "no vending key"),
    ],
)
@pytest.mark.parametrize("command", [("clear-tamper",), ("key-change",)])
def test_impossible_key_parameters(pln_sim, command, options, words):
    assert words in pln_sim.complaint("token", *command, METER, *options, *AT)
    assert not pln_sim.home.exists()


@pytest.mark.parametrize(
    "option", ["--new-krn", "--new-kt", "--new-ken", "--new-sgc", "--new-ti", "--new-base-date", "--new-dkga"]
)
def test_impossible_new_key_parameters(pln_sim, option):
    assert pln_sim.complaint("token", "key-change", METER, option, "999")


@pytest.mark.parametrize(
    "command",
    [
        ("power-limit", METER),
        ("power-limit", METER, "--watts", "18201625"),
        ("power-limit", METER, "--watts", "-1"),
        ("power-limit", METER, "--watts", "2.5"),
        ("phase-unbalance", METER, "--watts", "18201625"),
        ("clear-credit", METER, "--register", "65536"),
        ("tariff-rate", METER, "--rate", "65536"),
        ("tariff-rate", METER),
        ("water-factor", METER, "--factor", "0x10000"),
        ("water-factor", METER, "--factor", "0x"),
        ("test", "--control", "0x1000000000"),
        ("test", "--control", "0x10000000", "--mfr-code", "0000"),
        ("test", "--mfr-code", "000"),
        ("test", "--mfr-code", "0a"),
        ("test", "--count", "2"),
        ("credit",),
        ("nothing",),
    ],
)
def test_an_impossible_value(pln_sim, command):
    pln_sim.complaint("token", *command)
    assert not pln_sim.home.exists()


def minute_of_period_88(minutes_from_its_end):
    """A time in (or after) the last minutes that a key with KEN 88 is good for."""
    return TokenIdentifier(89 * 65536 + minutes_from_its_end).issued(BaseDate.BASE_2014).isoformat()


def test_a_key_that_has_expired(pln_sim):
    last, after = minute_of_period_88(-1), minute_of_period_88(0)
    (made,) = pln_sim.tokens("credit", METER, "--kwh", "1", "--ken", "88", "--at", last)
    assert made["issued_at"] == last
    complaint = pln_sim.complaint("token", "credit", METER, "--kwh", "1", "--ken", "88", "--at", after, exit_code=1)
    assert "expired" in complaint
    assert "KEN 88" in complaint


def test_a_taken_tid_is_not_moved_beyond_the_key_expiry(pln_sim):
    arguments = ("credit", METER, "--kwh", "1", "--ken", "88", "--at", minute_of_period_88(-2))
    assert "expired" in pln_sim.complaint("token", *arguments, "--count", "3", exit_code=1)
    assert len(pln_sim.tokens(*arguments, "--count", "2")) == 2
    assert "expired" in pln_sim.complaint("token", *arguments, exit_code=1)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("gateway", "--config", "nope.toml"), "gateway configuration nope.toml cannot be read"),
        (("uat", "--plan", "nope"), "acceptance plan nope cannot be read"),
        (("vend", "12345678911", "20000", "--tariffs", "nope"), "tariff table nope cannot be read"),
    ],
)
def test_a_missing_file_is_told_what_it_was_for(pln_sim, command, expected):
    assert expected in pln_sim.complaint(*command, exit_code=1)
