"""An upgrade changes a meter's key: the time of a row says which key its token was made with."""

import json
from datetime import datetime, timedelta

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from pln_sim.audit.key_ring import KeyRing
from pln_sim.upgrade.key_history import Held, key_history, present_card

METER, NEIGHBOUR = "14100000018", "14100000026"
UPGRADED_AT = datetime(2026, 11, 22, 12, 0, 30)
HOUR = timedelta(hours=1)
SECRET = "00112233445566778899aabbccddeeff01234567"
KEY_FILE = f"""
[[vending_key]]
sgc = "123457"
krn = 1
key = "{SECRET}"

[[meter]]
drn = "{METER}"
ti = "07"
"""


@pytest.fixture
def upgraded(pln_sim):
    """The home after the upgrade of METER; what the command printed."""
    result = pln_sim("upgrade", METER, "--va", "900", "--at", UPGRADED_AT.isoformat(), "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def with_index(audit_tools, meter, ti):
    """A seller to whom the meter's key has a tariff index."""
    return audit_tools[0](KeyStore.from_document({"meter": [{"drn": meter, "ti": ti}]}))


def audited(pln_sim, tmp_path, audit_tools, rows, *options):
    """The kinds of mismatches found, and how many."""
    path = tmp_path / "file.txt"
    path.write_bytes(audit_tools[1](rows))
    result = pln_sim("recon", "audit", path, "--json", *options)
    report = json.loads(result.stdout)
    assert result.exit_code == (1 if report["mismatches"] else 0), result.output
    return {kind: count for kind, count in report["counts"].items() if count}


def rows_at(audit_tools, *sold):
    """Rows of METER: when, and the tariff index of the key."""
    rows = []
    for number, (at, ti) in enumerate(sold):
        seller = with_index(audit_tools, METER, ti)
        seller.sold = number
        rows.append(seller.row(METER, at=at))
    return rows


def test_the_time_of_the_row_says_which_key(pln_sim, tmp_path, audit_tools, upgraded):
    assert (upgraded["old_ti"], upgraded["ti"]) == ("01", "02")
    right = [(UPGRADED_AT - HOUR, "01"), (UPGRADED_AT + HOUR, "02"), (UPGRADED_AT + 2 * HOUR, "02")]
    assert audited(pln_sim, tmp_path, audit_tools, rows_at(audit_tools, *right)) == {}
    wrong = [(UPGRADED_AT - HOUR, "02"), (UPGRADED_AT + HOUR, "01"), (UPGRADED_AT + 2 * HOUR, "02")]
    assert audited(pln_sim, tmp_path, audit_tools, rows_at(audit_tools, *wrong)) == {"wrong_key": 2}


@pytest.mark.parametrize("options", [(), ("--tolerance", "0")])
def test_near_the_upgrade_either_key_does_since_two_clocks_are_in_it(pln_sim, tmp_path, audit_tools, upgraded, options):
    """Within the tolerance, or within the minute if there is none."""
    before, near = (timedelta(seconds=seconds) for seconds in ((35, 20) if options else (240, 240)))
    sold = [(UPGRADED_AT - before, "02"), (UPGRADED_AT + near, "01"), (UPGRADED_AT + near + timedelta(minutes=1), "02")]
    assert audited(pln_sim, tmp_path, audit_tools, rows_at(audit_tools, *sold), *options) == {}
    neither = rows_at(audit_tools, (UPGRADED_AT + near, "03"))
    assert audited(pln_sim, tmp_path, audit_tools, neither, *options) == {"wrong_key": 1}


def test_another_database_and_none(pln_sim, tmp_path, audit_tools, upgraded):
    rows = rows_at(audit_tools, (UPGRADED_AT + HOUR, "02"))
    database = pln_sim.home / "vending.db"
    elsewhere = tmp_path / "elsewhere.db"
    database.rename(elsewhere)
    assert audited(pln_sim, tmp_path, audit_tools, rows) == {"wrong_key": 1}
    assert not database.exists(), "an audit makes no database"
    assert audited(pln_sim, tmp_path, audit_tools, rows, "--db", elsewhere) == {}
    missing = tmp_path / "missing.db"
    said = pln_sim.complaint("recon", "audit", tmp_path / "file.txt", "--db", missing, exit_code=1)
    assert said == f"pln-sim: there is no vending database {missing}: a gateway or `pln-sim vend` makes one"
    assert not missing.exists()


def test_a_meter_without_upgrade_has_the_key_it_had(pln_sim, tmp_path, audit_tools, upgraded, seller):
    rows = [seller.row(NEIGHBOUR, at=UPGRADED_AT + HOUR), with_index(audit_tools, NEIGHBOUR, "02").row(NEIGHBOUR)]
    assert audited(pln_sim, tmp_path, audit_tools, rows) == {"wrong_key": 1}


def test_the_database_wins_over_the_key_file_everywhere(pln_sim, tmp_path, key_file, audit_tools):
    """Before the upgrade the key file holds, after it the upgrade: for `vend`, `token` and the audit alike."""
    (tmp_path / "home").mkdir()
    keys = key_file(KEY_FILE)
    store = KeyStore.from_document({"vending_key": [{"sgc": "123457", "krn": 1, "key": SECRET}]} | {"meter": [
        {"drn": METER, "ti": "07"}]})  # fmt: skip
    changed = KeyStore.from_document({"vending_key": [{"sgc": "123457", "krn": 1, "key": SECRET}]} | {"meter": [
        {"drn": METER, "ti": "02"}]})  # fmt: skip
    rows, tokens = [], []
    for at, of in ((UPGRADED_AT - HOUR, store), (UPGRADED_AT + HOUR, changed)):
        vended = json.loads(pln_sim("vend", METER, "20000", "--at", at.isoformat(), "--key-file", keys, "--json").stdout)
        rows.append(audit_tools[0](of).row(METER, vended["token"], energy=10 * round(float(vended["kwh"]) * 10), at=at))
        option = ("--kwh", "7", "--at", at.isoformat(), "--key-file", keys)
        tokens.append((pln_sim.tokens("credit", METER, *option)[0]["token"], of))
        if of is store:
            arguments = (METER, "--va", "900", "--at", UPGRADED_AT.isoformat(), "--key-file", keys)
            assert pln_sim("upgrade", *arguments).exit_code == 0
    assert audited(pln_sim, tmp_path, audit_tools, rows, "--key-file", keys) == {}
    from meter_emu.sts.tokens import decode

    for token, of in tokens:
        card = of.card(Drn(METER))
        assert decode(token, of.key_of(card).decoder_key.cipher()).tid is not None
    said = pln_sim.tokens("credit", METER, "--kwh", "7", "--ti", "07", "--key-file", keys)[0]["token"]
    assert decode(said, store.key_of(store.card(Drn(METER))).decoder_key.cipher()).tid is not None


def test_a_key_change_begins_with_the_key_the_meter_has(pln_sim, upgraded):
    made = pln_sim.tokens("key-change", METER, "--new-ti", "05")
    said = pln_sim.tokens("key-change", METER, "--ti", "02", "--new-ti", "05")
    assert [each["token"] for each in made] == [each["token"] for each in said]
    result = pln_sim("token", "key-change", METER, "--new-ti", "05")
    assert "by its upgrade the meter has TI 02, which wins over the key file" in result.stderr


def test_cards_of_one_minute_and_of_many_meters():
    """Against a search by hand."""
    store = KeyStore.from_document({"meter": [{"drn": METER, "ti": "09", "ken": 200}]})
    start = datetime(2026, 1, 1)
    histories = {
        Drn(NEIGHBOUR): [
            Held(None, store.card(Drn(NEIGHBOUR))),
            *(Held(start + n * HOUR, store.card(Drn(NEIGHBOUR)).changed(ti=f"{n:02}")) for n in range(5)),
            Held(start + 4 * HOUR, store.card(Drn(NEIGHBOUR)).changed(ti="44")),
        ],
        Drn("00000000000"): [Held(None, store.card(Drn("00000000000"))), Held(start, store.card(Drn("00000000000")))],
    }
    ring = KeyRing.of(store, histories)
    import numpy as np

    minute = (start - datetime(1, 1, 1)) // timedelta(minutes=1)
    asked = [(int(NEIGHBOUR), minute + offset) for offset in (-1, 0, 59, 60, 239, 240, 9999)]
    asked += [(int(METER), minute), (int(METER), 0), (-1, minute), (5, minute), (99_999_999_999, minute), (0, minute + 1)]
    group, ken = ring.look_up(*(np.array(column, dtype=np.int64) for column in zip(*asked, strict=True)))
    found = [str(ring.groups[number].parameters.ti) for number in group]
    assert found == ["01", "00", "00", "01", "03", "44", "44", "09", "09", "01", "01", "01", "01"]
    assert ken.tolist() == [255] * 7 + [200] * 2 + [255] * 4


def test_no_upgrade_means_the_key_files_card():
    keys = KeyStore.from_document({"meter": [{"drn": METER, "ti": "09"}]})
    assert key_history(keys.card(Drn(METER)), []) == [Held(None, keys.card(Drn(METER)))]
    assert str(present_card(keys, Drn(METER), []).parameters.ti) == "09"
