"""Where keys come from, how a bad key file is told, and that no key ever comes out."""

import json

import pytest

from meter_emu.sts.ciphers import StaTables
from meter_emu.sts.errors import CRCError
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.keys.published import TEST_VENDING_KEYS
from meter_emu.sts.keys.secret import VendingKey
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import decode

METER, NAMED = "12345678911", "04176855916"
SECRET = "00112233445566778899aabbccddeeff00112233"
KEY_FILE = f"""
[[vending_key]]
sgc = "600100"
krn = 2
key = "{SECRET}"

[[meter]]
drn = "{NAMED}"
sgc = "600100"
krn = 2
ti = "05"
"""


def store():
    import tomllib

    return KeyStore.from_document(tomllib.loads(KEY_FILE))


@pytest.mark.parametrize("place", ["option", "home"])
def test_a_named_meter_gets_its_own_key(pln_sim, key_file, place):
    path = key_file(KEY_FILE)
    if place == "home":
        pln_sim.home.mkdir()
        path.rename(pln_sim.home / "keys.toml")
    options = ("--key-file", path) if place == "option" else ()
    result = pln_sim("token", "credit", NAMED, "--kwh", "5", "--json", *options)
    assert (result.exit_code, result.stderr) == (0, "")
    keys = store()
    token = decode(json.loads(result.stdout)["token"], keys.key_of(keys.card(Drn(NAMED))).decoder_key.cipher())
    assert token["amount"] == 50


def test_a_meter_the_homes_file_does_not_name_gets_test_keys(pln_sim, key_file):
    arguments = ("token", "credit", METER, "--kwh", "5", "--json", "--at", "2026-11-22T08:30")
    pln_sim.home.mkdir()
    key_file(KEY_FILE).rename(pln_sim.home / "keys.toml")
    result = pln_sim(*arguments)
    assert "note: test keys" in result.stderr
    empty = KeyStore.empty()
    cipher = empty.key_of(empty.card(Drn(METER))).decoder_key.cipher()
    assert decode(json.loads(result.stdout)["token"], cipher)["amount"] == 50


@pytest.mark.parametrize(
    "command",
    [("token", "credit", METER, "--kwh", "5"), ("token", "key-change", METER, "--new-ti", "02"), ("vend", METER, "20000")],
)
def test_a_meter_the_given_file_does_not_name_is_refused(pln_sim, key_file, command):
    path = key_file(KEY_FILE)
    complaint = pln_sim.complaint(*command, "--key-file", path, exit_code=1)
    assert f"{path} does not name meter {METER}" in complaint
    assert "no vending key for SGC 600100, KRN 9" in pln_sim.complaint(
        *command, "--key-file", path, "--sgc", "600100", "--krn", "9"
    )
    own = pln_sim(*command, "--key-file", path, "--sgc", "600100", "--krn", "2")
    assert (own.exit_code, own.stderr.count("test keys")) == (0, 0)


def test_a_key_change_takes_both_keys_from_the_store(pln_sim, key_file):
    path = key_file(KEY_FILE)
    change = ("--sgc", "123457", "--new-sgc", "600100", "--new-krn", "2")
    onto_own = pln_sim("token", "key-change", METER, *change, "--key-file", path)
    assert (onto_own.exit_code, onto_own.stderr.count("test keys")) == (0, 1)
    stays = pln_sim("token", "key-change", NAMED, "--new-ti", "06", "--key-file", path)
    assert (stays.exit_code, stays.stderr.count("test keys")) == (0, 0)
    complaint = pln_sim.complaint("token", "key-change", NAMED, "--new-krn", "3", "--key-file", path)
    assert "no vending key for SGC 600100, KRN 3" in complaint


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_file_that_others_can_read(pln_sim, key_file, mode):
    complaint = pln_sim.complaint("token", "credit", NAMED, "--kwh", "1", "--key-file", key_file(KEY_FILE, mode))
    assert "chmod 600" in complaint
    assert not pln_sim.home.exists()


def test_a_missing_key_file(pln_sim, tmp_path):
    path = tmp_path / "none.toml"
    assert str(path) in pln_sim.complaint("token", "credit", NAMED, "--kwh", "1", "--key-file", path, exit_code=1)


BROKEN = {
    "not TOML": f"[[vending_key]]\nkey = {SECRET}",
    "unknown entry": f'[[vending_keys]]\nkey = "{SECRET}"',
    "unknown field": KEY_FILE.replace("krn = 2", "krm = 2"),
    "kind of field": KEY_FILE.replace("krn = 2", 'krn = "2"'),
    "range": KEY_FILE.replace("krn = 2", "krn = 10"),
    "length of key": KEY_FILE.replace(SECRET, SECRET[:-2]),
    "not a key": KEY_FILE.replace(SECRET, SECRET[:-1] + "x"),
    "wrong kind of key": KEY_FILE.replace(SECRET, SECRET[:32]),
    "key without quotes": KEY_FILE.replace(f'"{SECRET}"', SECRET.translate(str.maketrans("abcdef", "123456"))),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_key_file_is_named_and_its_keys_are_not(pln_sim, key_file, content):
    path = key_file(content)
    complaint = pln_sim.complaint("token", "credit", NAMED, "--kwh", "1", "--key-file", path)
    # A key of the wrong length for its DKGA is noticed only when it is used, without the file at hand.
    assert str(path) in complaint or "needs a vending key of 20 bytes" in complaint
    assert SECRET[:8] not in complaint


def forms(octets):
    return {
        octets.hex(),
        octets.hex().upper(),
        octets.hex(" "),
        octets[::-1].hex(),
        repr(octets)[2:-1],
        str(int.from_bytes(octets)),
    }


@pytest.mark.parametrize("meter", [METER, NAMED])
@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize(
    "command",
    [
        ("credit", "--kwh", "5"),
        ("credit", "--kwh", "0"),
        ("credit", "--kwh", "5", "--at", "1999-01-01"),
        ("credit", "--kwh", "5", "--ken", "0"),
        ("credit", "--kwh", "5", "--dkga", "02"),
        ("clear-tamper",),
        ("key-change", "--new-ti", "09"),
        ("key-change", "--rollover"),
        ("key-change", "--new-krn", "9"),
        ("key-change", "--new-sgc", "x"),
    ],
)
def test_no_key_comes_out(pln_sim, key_file, command, as_json, meter):
    result = pln_sim("token", command[0], meter, *command[1:], *as_json, "--key-file", key_file(KEY_FILE))
    keys = store()
    secrets = [*TEST_VENDING_KEYS.values(), VendingKey.from_hex(SECRET)]
    card = keys.card(Drn(meter))
    secrets += [keys.key_of(card.changed(**changes)).decoder_key for changes in ({}, {"ti": "09"}, {"base_date": "2035"})]
    said = result.stdout + result.stderr + repr(result.exception)
    assert not [form for secret in secrets for form in forms(secret.octets) if form in said]


TABLES = {"permutation": list(reversed(range(64))), "substitution": [list(range(16)), list(reversed(range(16)))]}


def test_other_tables(pln_sim, tmp_path):
    path = tmp_path / "tables.json"
    path.write_text(json.dumps(TABLES))
    options = ("--ea", "07", "--dkga", "02", "--sgc", "123456")
    (made,) = pln_sim.tokens("credit", METER, "--kwh", "5", *options, "--tables", path)
    keys = KeyStore.empty()
    key = keys.key_of(keys.card(Drn(METER)).changed(ea="07", dkga="02", sgc="123456")).decoder_key
    assert decode(made["token"], key.cipher(StaTables.from_json(json.dumps(TABLES))))["amount"] == 50
    with pytest.raises(CRCError):
        decode(made["token"], key.cipher())


def test_tables_for_a_meter_that_has_none(pln_sim, tmp_path):
    path = tmp_path / "tables.json"
    path.write_text(json.dumps(TABLES))
    result = pln_sim("token", "credit", METER, "--kwh", "5", "--tables", path)
    assert result.exit_code == 0
    assert "--tables is for EA07" in result.stderr


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps(TABLES | {"permutation": [0] * 64})])
def test_broken_tables(pln_sim, tmp_path, content):
    path = tmp_path / "tables.json"
    path.write_text(content)
    assert str(path) in pln_sim.complaint("token", "credit", METER, "--kwh", "5", "--tables", path)
    assert not pln_sim.home.exists()


def test_missing_tables(pln_sim, tmp_path):
    path = tmp_path / "none.json"
    assert str(path) in pln_sim.complaint("token", "credit", METER, "--kwh", "5", "--tables", path, exit_code=1)
