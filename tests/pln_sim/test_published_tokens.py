"""The published vectors that the command line can express: 11-digit meters, the published keys, random number 5."""

import json
import secrets
from pathlib import Path

import pytest

from meter_emu.sts.numbers import MeterPan
from meter_emu.sts.tokens.key_change import SECTIONS_OF_KEY_LENGTH
from pln_sim.cli.token import CREDIT_OF_SERVICE

ROWS = json.loads((Path(__file__).parents[1] / "vectors" / "sts.json").read_text())["rows"]
SERVICE_OF_CREDIT = {name: service for service, name in CREDIT_OF_SERVICE.items()}
SECTIONS = [token_type.value for token_type in SECTIONS_OF_KEY_LENGTH[16]]
KEY_PARAMETERS = ("sgc", "ti", "krn", "kt", "ken", "base_date", "ea", "dkga")
VALUE_OPTION = {
    "set_maximum_power_limit": ("power-limit", "--watts", "mpl"),
    "set_maximum_phase_power_unbalance_limit": ("phase-unbalance", "--watts", "mppul"),
    "clear_credit": ("clear-credit", "--register", "register"),
}


def is_expressible(row):
    return MeterPan(row["pan"]).iin == "600727" if "pan" in row else True


def identifiers(rows):
    return [row["id"] for row in rows]


TESTS = [row for row in ROWS if "pan" not in row]
SECTION_ROWS = [row for row in ROWS if row["token_type"] in SECTIONS and is_expressible(row)]
OTHERS = [row for row in ROWS if row not in TESTS and row["token_type"] not in SECTIONS and is_expressible(row)]


def key_options(row, names=KEY_PARAMETERS, prefix="--"):
    return [text for name in names if name in row for text in (prefix + name.replace("_", "-"), str(row[name]))]


def command_of(row):
    token_type, inputs, meter = row["token_type"], row["inputs"], MeterPan(row["pan"]).drn
    if token_type in VALUE_OPTION:
        command, option, name = VALUE_OPTION[token_type]
        return [command, meter, option, inputs[name]]
    if token_type in SERVICE_OF_CREDIT:
        return ["credit", meter, "--service", SERVICE_OF_CREDIT[token_type], "--amount", inputs["amount"]]
    return [token_type.removesuffix("_condition").replace("_", "-"), meter]


@pytest.fixture
def published_randomness(monkeypatch):
    monkeypatch.setattr(secrets, "randbelow", lambda limit: 5 if limit == 16 else pytest.fail("RND has 4 bits"))


def test_the_rows_are_worth_it():
    assert (len(TESTS), len(SECTION_ROWS), len(OTHERS)) == (6, 8, 21)


@pytest.mark.usefixtures("published_randomness")
@pytest.mark.parametrize("row", OTHERS, ids=identifiers(OTHERS))
def test_a_token_with_a_tid(pln_sim, row):
    arguments = ["token", *command_of(row), *key_options(row), "--at", row["inputs"]["issue"], "--json"]
    if row.get("expected_error") == "KeyExpired":
        assert "beyond KEN 85" in pln_sim.complaint(*arguments, exit_code=1)
        return
    result = pln_sim(*arguments)
    assert json.loads(result.stdout)["token"] == row["expected_token"]
    assert "test keys" in result.stderr


@pytest.mark.parametrize("row", SECTION_ROWS, ids=identifiers(SECTION_ROWS))
def test_a_section_of_a_key_change(pln_sim, row):
    new = row["new_key"] | {"ken": row["inputs"].get("ken", 255)}
    changed = key_options(new, ("sgc", "ti", "krn", "kt", "ken"), "--new-")
    made = pln_sim.tokens("key-change", MeterPan(row["pan"]).drn, *key_options(row), *changed)
    assert made[SECTIONS.index(row["token_type"])]["token"] == row["expected_token"]


@pytest.mark.parametrize("row", TESTS, ids=identifiers(TESTS))
def test_a_test_token(pln_sim, row):
    inputs = row["inputs"]
    (made,) = pln_sim.tokens("test", "--control", inputs["control"], "--mfr-code", inputs["mfr_code"])
    assert made["token"] == row["expected_token"]
