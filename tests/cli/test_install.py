"""``install``, ``meters``, ``history``, choosing a meter, and what can be wrong with the place they are kept in."""

import json
from datetime import datetime

import pytest

KEY = "00112233445566778899aabbccddeeff00112233"
KEY_FILE = f"""
[[vending_key]]
sgc = "600001"
krn = 3
key = "{KEY}"

[[meter]]
drn = "04176855916"
sgc = "600001"
krn = 3
ti = "07"
"""


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "utility.toml"
    path.write_text(KEY_FILE)
    path.chmod(0o600)
    return path


def test_the_parameters_of_the_key(meter_emu):
    parameters = ("--sgc", "123456", "--ti", "02", "--krn", "2", "--ken", "85", "--base-date", "1993", "--ea", "07")
    assert meter_emu("install", "04176855916", *parameters, "--dkga", "02").code == 0
    status = meter_emu("status", "--json").json
    shown = {name: status[name] for name in ("sgc", "ti", "krn", "kt", "ken", "base_date", "ea")}
    assert shown == {"sgc": "123456", "ti": "02", "krn": 2, "kt": 2, "ken": 85, "base_date": "1993", "ea": "07"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("--sgc", "12345"),
        ("--sgc", "12345x"),
        ("--ti", "1"),
        ("--krn", "0"),
        ("--krn", "10"),
        ("--kt", "4"),
        ("--ken", "256"),
        ("--base-date", "2000"),
        ("--ea", "08"),
        ("--dkga", "01"),
        ("--dkga", "09"),
        ("--ea", "09"),
        ("--tables", "/nowhere.json"),
        ("--key-file", "/nowhere.toml"),
    ],
)
def test_impossible_parameters(meter_emu, wrong):
    answer = meter_emu("install", "04176855916", *wrong)
    assert answer.code in (1, 2)
    assert len(answer.err.splitlines()) == 1
    assert "04176855916" not in meter_emu("meters").out


@pytest.mark.parametrize("drn", ["1234567891", "123456789112", "1234567891x", "", "0100000000008"])
def test_a_number_that_is_not_11_digits(meter_emu, drn):
    answer = meter_emu("install", drn)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1


def test_a_wrong_check_digit_is_a_warning(meter_emu):
    answer = meter_emu("install", "01105574222")
    assert answer.code == 0
    assert "warning: meter number 01105574222 has a wrong check digit" in answer.err
    assert meter_emu("status", "--json", "--meter", "01105574222").json["meter"] == "01105574222"


def test_the_key_file_names_the_meter_and_no_test_key_is_used(meter_emu, key_file):
    answer = meter_emu("install", "04176855916", "--key-file", str(key_file))
    assert (answer.code, answer.err) == (0, "")
    status = meter_emu("status", "--json").json
    assert (status["sgc"], status["krn"], status["ti"]) == ("600001", 3, "07")
    assert KEY[:8] not in meter_emu("history", "--json").out


def test_the_homes_own_key_file_is_found(meter_emu, home, key_file):
    home.mkdir()
    key_file.rename(home / "keys.toml")
    meter_emu("install", "04176855916")
    assert meter_emu("status", "--json").json["sgc"] == "600001"


def test_a_key_file_others_can_read_is_refused(meter_emu, key_file):
    key_file.chmod(0o640)
    answer = meter_emu("install", "04176855916", "--key-file", str(key_file))
    assert answer.code == 2
    assert f"chmod 600 {key_file}" in answer.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('key = "0011', 'key = "xx11'),
        ("krn = 3", 'krn = "3"'),
        ("[[meter]]", "[[metre]]"),
        ('ti = "07"', "ti ="),
        (KEY, KEY[2:]),
    ],
)
def test_a_key_file_that_says_something_wrong_shows_no_key(meter_emu, key_file, old, new):
    key_file.write_text(KEY_FILE.replace(old, new))
    answer = meter_emu("install", "04176855916", "--key-file", str(key_file))
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1
    assert str(key_file) in answer.err
    assert KEY[8:20] not in answer.err


def test_a_named_meter_without_its_vending_key_gets_no_test_key(meter_emu, key_file):
    key_file.write_text(KEY_FILE.replace("krn = 3\nkey", "krn = 4\nkey"))
    answer = meter_emu("install", "04176855916", "--key-file", str(key_file))
    assert answer.code == 2
    assert "no vending key for SGC 600001, KRN 3" in answer.err


def test_a_meter_is_not_installed_over(meter_emu, credit_token):
    meter_emu("enter", credit_token(1000))
    answer = meter_emu("install", "12345678911")
    assert answer.code == 1
    assert "--replace" in answer.err
    assert meter_emu("status", "--json").json["credit_kwh"] == "1"
    assert meter_emu("install", "12345678911", "--replace").code == 0
    assert meter_emu("status", "--json").json["credit_kwh"] == "0"


def test_several_meters(meter_emu):
    meter_emu("install", "12345678911")
    meter_emu("install", "04176855916")
    answer = meter_emu("status")
    assert answer.code == 2
    assert "--meter" in answer.err
    assert meter_emu("status", "--meter", "0417 6855 916", "--json").json["meter"] == "04176855916"
    listed = [json.loads(line)["meter"] for line in meter_emu("meters", "--json").out.splitlines()]
    assert sorted(listed) == ["04176855916", "12345678911"]


def test_an_unknown_meter(meter_emu):
    answer = meter_emu("status", "--meter", "04176855916")
    assert answer.code == 1
    assert "04176855916 is not installed" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_history(meter_emu, credit_token):
    token = credit_token(1000)
    meter_emu("enter", token)
    meter_emu("load", "40")
    entries = [json.loads(line) for line in meter_emu("history", "--json").out.splitlines()]
    assert [entry["event"] for entry in entries] == ["installed", "token", "load"]
    assert (entries[1]["token"], entries[1]["result_code"]) == (token, 1)
    assert len(meter_emu("history", "--limit", "1").out.splitlines()) == 1
    assert meter_emu("history", "--limit", "0").code == 2


def test_home_is_taken_before_and_after_the_command(meter_emu, home, tmp_path):
    other = tmp_path / "other"
    meter_emu("--home", str(other), "install", "04176855916")
    assert meter_emu("meters", "--home", str(other)).out.startswith("04176855916")
    assert not home.exists()


def test_a_damaged_file(meter_emu, home):
    home.mkdir()
    (home / "meters.db").write_bytes(b"no database at all, but long enough to be looked at" * 50)
    answer = meter_emu("status")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert "meters.db" in answer.err


def test_a_home_that_is_a_file(meter_emu, home):
    home.write_text("")
    answer = meter_emu("status")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert str(home) in answer.err


def test_help_and_mistakes(meter_emu):
    for command in ("enter", "press", "status", "history", "meters", "install", "load", "tamper", "power", "run", "sts"):
        answer = meter_emu(command, "--help")
        assert answer.code == 0
        assert answer.out.startswith(f"Usage: meter-emu {command}")
    assert meter_emu("--version").out.startswith("meter-emu 0.")
    for wrong in (("entre", "1"), ("enter",), ("press", "1", "2"), ("status", "--speed")):
        answer = meter_emu(*wrong)
        assert answer.code == 2
        assert len(answer.err.splitlines()) == 1
    assert meter_emu().code == 2


def test_uninstall(meter_emu):
    meter_emu("install", "12345678911")
    meter_emu("install", "04176855916")
    assert meter_emu("uninstall", "12345678911").code == 0
    assert meter_emu("status", "--json").json["meter"] == "04176855916"
    answer = meter_emu("uninstall", "12345678911")
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)


def test_install_for_machines(meter_emu):
    installed = meter_emu("install", "04176855916", "--json", "--ti", "07").json
    assert (installed["meter"], installed["ti"], installed["test_keys"]) == ("04176855916", "07", True)


def test_a_brand_stays(meter_emu):
    meter_emu("press", "1", "--profile", "hexing")
    assert meter_emu("status", "--json").json["profile"] == "hexing"
    meter_emu("run", "--for", "1", "--profile", "itron")
    assert meter_emu("status", "--json").json["profile"] == "itron"


def test_first_uses_at_once_all_succeed(script, home):
    import subprocess

    running = [subprocess.Popen([script, "status"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(6)]
    assert [process.communicate() and process.returncode for process in running] == [0] * 6


def test_a_clock_that_is_ahead_is_told(meter_emu):
    meter_emu("load", "5", "--at", f"{datetime.now().year + 8}-01-01")
    assert "clock is ahead" in meter_emu("status").err
    for run in (("run", "--for", "1"), ("run", "--for", "1", "--load", "700")):
        assert meter_emu(*run).err.count("clock is ahead") == 1


def test_a_published_key_serves_a_meter_that_the_homes_file_does_not_name(meter_emu, home, key_file):
    text = KEY_FILE.replace("600001", "123457").replace("krn = 3", "krn = 1")
    key_file.write_text(text)
    home.mkdir()
    (home / "keys.toml").write_text(text)
    (home / "keys.toml").chmod(0o600)
    assert "test keys" in meter_emu("install", "12345678911").err
    assert meter_emu("install", "04176855916", "--key-file", str(key_file)).err == ""


def test_a_meter_that_the_given_file_does_not_name(meter_emu, key_file, home):
    answer = meter_emu("install", "12345678911", "--key-file", str(key_file))
    assert (answer.code, len(answer.err.splitlines())) == (1, 1)
    assert f"key file {key_file} does not name meter 12345678911: add a [[meter]]" in answer.err
    assert not home.exists()
    assert meter_emu("sts", "key", "12345678911", "--key-file", str(key_file)).code == 1
    own = ("--sgc", "600001", "--krn", "3", "--key-file", str(key_file))
    assert meter_emu("sts", "key", "12345678911", *own).err == ""
    answer = meter_emu("install", "12345678911", *own, "--json")
    assert (answer.code, answer.err, answer.json["test_keys"]) == (0, "", False)


def test_uninstall_asks_on_a_terminal(meter_emu, script):
    import os
    import pty
    import subprocess

    def uninstall(answer, *options):
        ours, theirs = pty.openpty()
        os.write(ours, answer)
        done = subprocess.run([script, "uninstall", "12345678911", *options], stdin=theirs, capture_output=True, text=True)
        os.close(ours)
        os.close(theirs)
        return done

    meter_emu("install", "12345678911")
    meter_emu("install", "04176855916")
    kept = uninstall(b"n\n")
    assert (kept.returncode, kept.stdout) == (1, "")
    assert "with its credit and its journal?" in kept.stderr
    assert len(meter_emu("meters").out.splitlines()) == 2
    assert uninstall(b"y\n").returncode == 0
    assert meter_emu("install", "12345678911").code == 0
    gone = uninstall(b"", "--yes")
    assert (gone.returncode, gone.stderr) == (0, "")


def test_a_meter_file_with_a_broken_row_names_the_way_out(meter_emu, home):
    import sqlite3
    from contextlib import closing

    meter_emu("install", "12345678911")
    with closing(sqlite3.connect(home / "meters.db")) as connection, connection:
        connection.execute("UPDATE meter SET state = '{}'")
    answer = meter_emu("status")
    assert answer.code == 1
    assert "meter-emu install 12345678911 --replace" in answer.err
    assert meter_emu("install", "12345678911", "--replace").code == 0
    assert meter_emu("status").code == 0


def test_a_key_file_that_says_a_thing_twice(meter_emu, key_file):
    key_file.write_text(KEY_FILE + '[[meter]]\ndrn = "04176855916"\n')
    answer = meter_emu("install", "04176855916", "--key-file", str(key_file))
    assert answer.code == 2
    assert "[[meter]] number 2: there is an earlier one" in answer.err
