"""A customer gets more power: contract, tokens, meter and the next purchase agree."""

import json
import sqlite3
from datetime import datetime

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from pln_sim.storage import FILE_NAME


def bought(pln_sim, gateway, meter):
    """The token of a purchase through the gateway."""
    result = pln_sim("buy", meter, "20000", "--gateway", gateway.address, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["sale"]


def test_a_running_gateway_a_meter_and_the_tokens_between_them(gateway, pln_sim, run, wall, some):
    now = datetime.now().replace(microsecond=0)
    wall.install(some.METER, now)
    before = bought(pln_sim, gateway, some.METER)
    assert wall.enter(some.METER, before["token"], now)
    voucher = run("voucher", some.METER, "INV/2026/0001")["voucher"]
    made = run(some.METER, "--va", "900", "--voucher", voucher)
    assert (made["tariff"], made["va"], made["old_ti"], made["ti"]) == ("R1M", 900, "01", "02")
    assert (made["fee"], made["paid"]) == ("421650.00", "150000.00")
    sale = bought(pln_sim, gateway, some.METER)
    assert (sale["segmentation"].strip(), sale["power_category"]) == ("R1M", "900")
    # Out of order: neither the credit nor the power limit is taken before the key change.
    assert not wall.enter(some.METER, sale["token"], now)
    assert not wall.enter(some.METER, made["power_limit"], now)
    assert all(wall.enter(some.METER, section, now) for section in made["key_change"])
    assert wall.state(some.METER).key.ti == "02"
    assert wall.enter(some.METER, made["power_limit"], now)
    assert wall.state(some.METER).overload.limit == 900
    assert wall.enter(some.METER, sale["token"], now)
    # What was sold over the counter opens too.
    counter = json.loads(pln_sim("vend", some.METER, "20000", "--json").stdout)
    assert counter["tariff"] == "R1M"
    assert wall.enter(some.METER, counter["token"], now)


def test_an_upgrade_that_keeps_the_tariff_index_has_one_token(pln_sim, run, wall, some):
    at = datetime(2026, 11, 22, 8, 0)
    wall.install("14100000042", at)
    made = run("14100000042", "--va", "2200", "--at", at.isoformat())
    assert made["key_change"] == []
    assert wall.enter("14100000042", made["power_limit"], at)
    assert wall.state("14100000042").overload.limit == 2200


@pytest.mark.parametrize("powers", [("900", "1300", "3500", "6600"), ("1300", "3500"), ("16500",)])
def test_one_upgrade_after_the_other(run, wall, some, powers):
    at = datetime(2026, 11, 22, 8, 0)
    wall.install(some.METER, at)
    for va in powers:
        made = run(some.METER, "--va", va, "--at", at.isoformat())
        assert all(wall.enter(some.METER, token, at) for token in made["tokens"]), made
        assert int(va) <= wall.state(some.METER).overload.limit < int(va) + 10
        assert wall.state(some.METER).key.ti == made["ti"]


def test_a_second_upgrade_tells_what_comes_first_and_the_first_can_be_had_again(pln_sim, run, wall, some):
    """Nothing was keyed in between: what is printed with the second upgrade is all that the meter needs."""
    at = datetime(2026, 11, 22, 8, 0)
    wall.install(some.METER, at)
    first = run(some.METER, "--va", "900", "--at", at.isoformat())
    assert first["before"] == []
    second = run(some.METER, "--va", "3500", "--at", at.isoformat())
    assert [earlier["tokens"] for earlier in second["before"]] == [first["tokens"]]
    again = run(some.METER, "--va", "900")
    assert (again["tokens"], again["repeated"], again["before"]) == (first["tokens"], True, [])
    assert run(some.METER, "--va", "3500")["before"] == second["before"]
    slip = pln_sim("upgrade", some.METER, "--va", "3500")
    assert "upgrade to 900 VA, which are printed first" in slip.stderr
    printed = [
        line.split(" : ")[1].replace(" ", "") for line in slip.stdout.splitlines() if line.startswith(("GANTI", "BATAS"))
    ]
    assert printed == [*first["tokens"], *second["tokens"]]
    assert all(wall.enter(some.METER, token, at) for token in printed)
    assert wall.state(some.METER).overload.limit == 3500


def test_the_help_of_the_group_tells_the_options(pln_sim):
    said = pln_sim("upgrade", "--help").stdout
    assert all(word in said for word in ("--va VA", "--voucher CODE", "voucher ", "prices "))


def test_prices_make_no_database(pln_sim, tmp_path, some):
    typo = tmp_path / "typo.db"
    assert "there is no vending database" in pln_sim.complaint("upgrade", "prices", some.METER, "--db", typo, exit_code=1)
    assert not typo.exists()
    assert json.loads(pln_sim("upgrade", "prices", some.METER, "--json").stdout.splitlines()[0])["va"] == 900
    assert not (pln_sim.home / FILE_NAME).exists()


def test_a_meter_in_the_key_file_gets_its_own_key(pln_sim, run, wall, some):
    at = datetime(2026, 11, 22, 8, 0)
    pln_sim.home.mkdir()
    path = pln_sim.home / "keys.toml"
    path.write_text(
        f'[[vending_key]]\nsgc = "654321"\nkrn = 3\nkey = "{"0123456789abcdef" * 2}01234567"\n'
        f'[[meter]]\ndrn = "{some.METER}"\nsgc = "654321"\nkrn = 3\nti = "09"\nea = "07"\n'
    )
    path.chmod(0o600)
    from meter_emu.shell.key_file import read_key_file

    wall.install(some.METER, at, read_key_file(path))
    made = run(some.METER, "--va", "900", "--at", at.isoformat())
    assert (made["old_ti"], made["ti"], len(made["key_change"])) == ("09", "02", 2)
    assert all(wall.enter(some.METER, token, at) for token in made["tokens"])
    assert wall.state(some.METER).key.ti == "02"


def test_the_key_stays_changed_when_the_customers_are_loaded_anew(depot, run, some, pln_sim):
    run(some.METER, "--va", "900")
    from pln_sim.gateway.configuration import load_built_in

    depot.run(load_built_in)
    assert depot.run(lambda storage: storage.customer(some.METER)).va == 450
    assert depot.run(lambda storage: storage.tariff_index(some.METER)) == "02"
    assert run(some.METER, "--va", "900")["key_change"] == []


def test_the_tokens_tids_are_in_the_one_ledger(run, pln_sim, some):
    at = "2026-11-22T08:00"
    made = run(some.METER, "--va", "900", "--at", at)
    vended = json.loads(pln_sim("vend", some.METER, "20000", "--at", at, "--json").stdout)
    again = pln_sim.tokens("clear-tamper", some.METER, "--at", at)
    with sqlite3.connect(pln_sim.home / FILE_NAME) as connection:
        tids = [tid for (tid,) in connection.execute("SELECT tid FROM used_tid WHERE meter = ?", (some.METER,))]
    connection.close()
    assert len(tids) == len({*tids}) == 3
    assert len({made["power_limit"], vended["token"], again[0]["token"]}) == 3


def test_the_slip(pln_sim, some):
    result = pln_sim("upgrade", some.METER, "--va", "900", "--at", "2026-11-22T08:00")
    lines = result.stdout.splitlines()
    assert "TARIF/DAYA BARU : R1M/000000900VA" in lines
    assert "RP BAYAR        : Rp 421.650,00" in lines
    assert [line.split(" : ")[0].strip() for line in lines[-5:]] == [*(f"GANTI KUNCI {n}" for n in range(1, 5)), "BATAS DAYA"]
    assert "test keys" in result.stderr


def test_keys_protect_themselves(pln_sim, some):
    """A meter whose key is not at hand gets no upgrade, and nothing is changed."""
    pln_sim.home.mkdir()
    path = pln_sim.home / "keys.toml"
    path.write_text(f'[[meter]]\ndrn = "{some.METER}"\nsgc = "654321"\n')
    path.chmod(0o600)
    complaint = pln_sim.complaint("upgrade", some.METER, "--va", "900")
    assert "no vending key for SGC 654321" in complaint
    path.unlink()
    assert json.loads(pln_sim("upgrade", "prices", some.METER, "--json").stdout.splitlines()[0])["va"] == 900
    assert KeyStore.empty().card(some.METER).parameters.ti == "01"
