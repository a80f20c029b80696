"""Every token type is made by some command, and decodes back to what was asked."""

import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.sts.ciphers import EncryptionAlgorithm
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import BaseDate, Drn, TokenIdentifier
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT, decode_amount, encode_amount, format_tenths
from meter_emu.sts.tokens import TokenType, assemble, decode
from pln_sim.cli.token import CREDIT_OF_SERVICE

METER = "12345678911"
AT = "2026-11-22T08:30"
TID = TokenIdentifier.at(datetime(2026, 11, 22, 8, 30), BaseDate.BASE_2014)
STORE = KeyStore.empty()
STA = {"ea": "07", "dkga": "02", "sgc": "123456", "base_date": "2014"}

WITH_TID = {
    TokenType.ELECTRICITY_CREDIT: (("credit", METER, "--kwh", "32.5"), {"kwh": "32.5"}, ("amount", 325)),
    TokenType.WATER_CREDIT: (("credit", METER, "--service", "water", "--amount", "7"), {"amount": "7"}, ("amount", 70)),
    TokenType.GAS_CREDIT: (("credit", METER, "--service", "gas", "--amount", "0.1"), {"amount": "0.1"}, ("amount", 1)),
    TokenType.TIME_CREDIT: (("credit", METER, "--service", "time", "--amount", "9.9"), {"amount": "9.9"}, ("amount", 99)),
    TokenType.SET_MAXIMUM_POWER_LIMIT: (("power-limit", METER, "--watts", "2200"), {"watts": 2200}, ("mpl", 2200)),
    TokenType.CLEAR_CREDIT: (("clear-credit", METER), {"register": 0}, ("register", 0)),
    TokenType.SET_TARIFF_RATE: (("tariff-rate", METER, "--rate", "65535"), {"rate": 65535}, ("rate", 65535)),
    TokenType.CLEAR_TAMPER_CONDITION: (("clear-tamper", METER), {}, ("pad", 0)),
    TokenType.SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT: (
        ("phase-unbalance", METER, "--watts", "0x100"), {"watts": 256}, ("mppul", 256)),
    TokenType.SET_WATER_METER_FACTOR: (("water-factor", METER, "--factor", "12"), {"factor": 12}, ("wmf", 12)),
} | {
    TokenType(name): (("credit", METER, "--service", service, "--amount", "50"), {"amount": "50"}, ("amount", 500))
    for service, name in CREDIT_OF_SERVICE.items()
    if service.endswith("-currency")
}  # fmt: skip
"""The command, the token's own fields in JSON, and what its layout's field says."""


def cipher_of(drn=METER, **parameters):
    return STORE.key_of(STORE.card(Drn(drn)).changed(**parameters)).decoder_key.cipher()


def as_options(parameters, prefix="--"):
    return [text for name, value in parameters.items() for text in (prefix + name.replace("_", "-"), str(value))]


@pytest.mark.parametrize("parameters", [{}, STA], ids=["EA11", "EA07"])
@pytest.mark.parametrize("token_type", WITH_TID)
def test_a_token_with_a_tid_decodes_to_what_was_asked(pln_sim, token_type, parameters):
    command, fields, (name, value) = WITH_TID[token_type]
    (made,) = pln_sim.tokens(*command, *as_options(parameters), "--at", AT)
    assert list(made) == ["token", "meter", "token_type", "tid", "issued_at", *fields]
    assert (
        made
        == {
            "token": made["token"],
            "meter": METER,
            "token_type": token_type.value,
            "tid": TID,
            "issued_at": "2026-11-22T08:30:00",
        }
        | fields
    )
    token = decode(made["token"], cipher_of(**parameters))
    assert (token.token_type, token.tid, token[name]) == (token_type, TID, value)


def test_every_token_type_has_a_command():
    tests = {TokenType.METER_TEST_MFR2, TokenType.METER_TEST_MFR4}
    sections = {token_type for token_type in TokenType if "section_decoder_key" in token_type}
    assert WITH_TID.keys() | tests | sections == set(TokenType)


@pytest.mark.parametrize(
    ("options", "token_type", "control", "code"),
    [
        ((), TokenType.METER_TEST_MFR2, 2**36 - 1, "00"),
        (("--control", "0x80", "--mfr-code", "12"), TokenType.METER_TEST_MFR2, 128, "12"),
        (("--mfr-code", "0100"), TokenType.METER_TEST_MFR4, 2**28 - 1, "0100"),
        (("--control", "0", "--mfr-code", "9999"), TokenType.METER_TEST_MFR4, 0, "9999"),
    ],
)
@pytest.mark.parametrize("meter", [None, METER])
def test_a_test_token_needs_no_meter_and_no_key(pln_sim, options, token_type, control, code, meter):
    (made,) = pln_sim.tokens("test", *options, *([meter] if meter else []))
    assert made["meter"] == meter
    assert (made["token_type"], made["tid"], made["issued_at"]) == (token_type.value, None, None)
    assert (made["control"], made["mfr_code"]) == (control, code)
    token = decode(made["token"], None)
    assert (token.token_type, token["control"], token["mfr_code"]) == (token_type, control, int(code))
    assert not pln_sim.home.exists()


@pytest.mark.parametrize("parameters", [{}, STA], ids=["EA11", "EA07"])
def test_a_key_change_set_makes_the_new_key(pln_sim, parameters):
    new = {"sgc": "123456", "ti": "42", "krn": 9, "kt": 1, "ken": 170}
    made = pln_sim.tokens("key-change", METER, *as_options(parameters), *as_options(new, "--new-"))
    algorithm = EncryptionAlgorithm(parameters.get("ea", "11"))
    assert len(made) == (4 if algorithm is EncryptionAlgorithm.MISTY1 else 2)
    assert [token["section"] for token in made] == list(range(1, len(made) + 1))
    for token in made:
        assert token["meter"], token["sections"] == (METER, len(made))
        assert (token["tid"], token["issued_at"], token["rollover"]) == (None, None, False)
        assert {name: token[f"new_{name}"] for name in new} == new
        assert token["new_base_date"] == "2014"
    old = cipher_of(**parameters)
    key = assemble([decode(token["token"], old) for token in made], algorithm)
    assert key.key == STORE.key_of(STORE.card(Drn(METER)).changed(**parameters | new)).decoder_key
    assert (key.ti, key.krn, key.kt, key.ken, key.rollover) == ("42", 9, 1, 170, False)
    assert key.sgc == ("123456" if len(made) == 4 else None)
    assert pln_sim.tokens("key-change", METER, *as_options(parameters), *as_options(new, "--new-")) == made


@pytest.mark.parametrize("options", [["--rollover"], ["--new-base-date", "2014"], ["--rollover", "--new-base-date", "2014"]])
def test_a_rollover_moves_the_base_date_on(pln_sim, options):
    old = {"base_date": "1993"}
    made = pln_sim.tokens("key-change", METER, *as_options(old), *options)
    assert all((token["new_base_date"], token["rollover"]) == ("2014", True) for token in made)
    key = assemble([decode(token["token"], cipher_of(**old)) for token in made], EncryptionAlgorithm.MISTY1)
    assert key.rollover
    assert key.key == STORE.key_of(STORE.card(Drn(METER)).changed(base_date="2014")).decoder_key


def test_after_a_key_change_the_meter_has_what_the_note_says(pln_sim):
    result = pln_sim("token", "key-change", METER, "--new-ti", "07", "--new-ken", "200", "--rollover")
    assert result.exit_code == 0
    note = result.stderr.splitlines()[-1]
    assert note.startswith(f"note: once all 4 are entered, meter {METER} has SGC 123457, TI 07, KRN 1, KT 2, KEN 200, ")
    assert "base date 2035" in note


def test_a_key_change_that_changes_nothing_says_so(pln_sim):
    result = pln_sim("token", "key-change", METER)
    assert (result.exit_code, result.stdout.count("section decoder key")) == (0, 4)
    assert "no new parameter differs" in result.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--base-date", "2035", "--rollover"], "2035 is the last"),
        (["--base-date", "1993", "--new-base-date", "2035"], "from 1993 to 2035"),
        (["--new-base-date", "1993"], "from 2014 to 1993"),
        (["--rollover", "--new-base-date", "2014"], "leave one out"),
        (["--count", "2"], "--count"),
    ],
)
def test_an_impossible_key_change(pln_sim, options, words):
    assert words in pln_sim.complaint("token", "key-change", METER, *options)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, MAXIMUM_AMOUNT))
def test_the_printed_amount_is_what_the_token_carries(program, tmp_path_factory, units):
    home = tmp_path_factory.mktemp("amounts")
    (made,) = program(home).tokens("credit", METER, "--kwh", format_tenths(units), "--home", home, "--at", AT)
    carried = decode_amount(encode_amount(units))
    assert made["kwh"] == format_tenths(carried)
    assert decode(made["token"], cipher_of())["amount"] == carried


@pytest.mark.parametrize(
    ("command", "field", "shown", "words"),
    [
        (("credit", METER, "--kwh", "18022.3"), "kwh", "18022.4", "rounded up from 18022.3 to 18022.4"),
        (("power-limit", METER, "--watts", "180223"), "watts", 180224, "rounded up from 180223 to 180224"),
        (("phase-unbalance", METER, "--watts", "16385"), "watts", 16394, "rounded up from 16385 to 16394"),
    ],
)
def test_what_is_rounded_up_is_said(pln_sim, command, field, shown, words):
    result = pln_sim("token", *command)
    assert words in result.stderr
    assert re.search(rf"{field} +{shown}$", result.stdout, re.MULTILINE)
    assert pln_sim.tokens(*command)[0][field] == shown


def test_what_is_not_rounded_is_not_said(pln_sim):
    assert "rounded" not in pln_sim("token", "credit", METER, "--kwh", "1820162.4").stderr


@pytest.mark.parametrize("service", ["time", "water-currency"])
def test_an_unproven_layout_is_said(pln_sim, service):
    assert "plain reading" in pln_sim("token", "credit", METER, "--service", service, "--amount", "1").stderr
    assert "plain reading" not in pln_sim("token", "credit", METER, "--service", "water", "--amount", "1").stderr


def test_plain_output_is_the_digits_and_what_they_are(pln_sim):
    arguments = ("token", "credit", METER, "--kwh", "32.5", "--at", AT, "--count", "2")
    blocks = pln_sim(*arguments).stdout.split("\n\n")
    digits, *lines = blocks[0].splitlines()
    assert re.fullmatch(r"(\d{4} ){4}\d{4}", digits)
    assert lines == [
        f"  meter      {METER}",
        "  type       electricity credit",
        "  kwh        32.5",
        f"  TID        {TID}",
        "  issued at  2026-11-22 08:30",
    ]
    assert len(blocks) == 2
    assert decode(blocks[1][:24].replace(" ", ""), cipher_of()).tid == TID + 1


def test_many_tokens_look_different(pln_sim):
    made = pln_sim.tokens("credit", METER, "--kwh", "1", "--count", "64", "--at", AT)
    assert [token["tid"] for token in made] == list(range(TID, TID + 64))
    assert len({token["token"] for token in made}) == 64
    assert len({decode(token["token"], cipher_of())["rnd"] for token in made}) > 1
