"""``load``, ``tamper``, ``power``, ``run``, ``--at``: the world around the meter."""

import json
import signal
import subprocess
import time

import pytest

NINE = "2026-11-22T09:00:00"


@pytest.fixture
def charged(meter_emu, credit_token):
    """A meter with 10 kWh, at nine o'clock."""
    meter_emu("install", "12345678911", "--at", NINE)
    assert meter_emu("enter", credit_token(1000, 100), "--at", NINE).code == 0
    return meter_emu


def test_load_times_time_is_consumed(charged):
    charged("load", "500", "--at", NINE)
    status = charged("status", "--json", "--at", "2026-11-22T12:00:01").json
    assert status["credit_ws"] == 10 * 3_600_000 - 500 * 10_801
    assert status["flowing_w"] == 500
    assert charged("status", "--json", "--at", "2026-11-23T05:00:00").json["relay_reason"] == "no credit"


def test_looking_changes_nothing(charged):
    charged("load", "500", "--at", NINE)
    charged("status", "--at", "2027-01-01")
    assert charged("status", "--json", "--at", NINE).json["credit_kwh"] == "10"


def test_the_clock_never_runs_back(charged):
    charged("load", "500", "--at", "2026-11-22T10:00:00")
    answer = charged("status", "--json", "--at", NINE)
    assert answer.code == 0
    assert answer.json["clock"] == "2026-11-22T10:00:00"
    assert "never runs back" in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("at", ["yesterday", "2026-13-01", "2026-11-22T09:00:00Z", "2026-11-22T09:00:00+07:00", ""])
def test_a_time_that_is_none(meter_emu, at):
    answer = meter_emu("status", "--at", at)
    assert answer.code == 2
    assert len(answer.err.splitlines()) == 1


def test_a_tampered_meter_refuses_credit_until_cleared(charged, credit_token):
    assert "PERIKSA" in charged("tamper", "meter-cover", "--at", "2026-11-22T10:00:00").out
    assert charged("tamper", "meter-cover", "off").code == 0
    answer = charged("enter", credit_token(2000), "--json")
    assert (answer.code, answer.json["result_code"], answer.json["lcd"]) == (1, 16, ["PERIKSA"])
    status = charged("status", "--json").json
    assert (status["tampered"], status["tamper_causes"], status["tampers"]) == (True, [], 1)


@pytest.mark.parametrize(("milliamps", "tampered"), [("300", False), ("301", True)])
def test_a_current_that_leaves_another_way(charged, milliamps, tampered):
    assert charged("tamper", "current-difference", "--milliamps", milliamps).code == 0
    assert charged("status", "--json").json["tampered"] is tampered


def test_milliamps_go_with_their_cause(meter_emu):
    assert meter_emu("tamper", "bypass", "--milliamps", "500").code == 2


def test_a_stuck_relay(charged):
    charged("tamper", "relay-stuck", "--at", NINE)
    charged("load", "2000", "--at", NINE)
    assert charged("status", "--json", "--at", "2026-11-22T15:00:00").json["credit_kwh"] == "-2"


def test_a_mistyped_year_does_not_spoil_a_meter(charged, meter_emu, home):
    charged("load", "500", "--at", NINE)
    for command in (("load", "700"), ("press", "1"), ("run", "--for", "1"), ("power", "off"), ("enter", "1" * 20)):
        answer = charged(*command, "--profile", "hexing", "--at", "2062-11-22T10:00")
        assert (answer.code, len(answer.err.splitlines())) == (2, 1)
        assert "steps of 10 years" in answer.err
    status = charged("status", "--json", "--at", NINE)
    assert (status.err, status.json["clock"], status.json["load_w"], status.json["profile"]) == ("", NINE, 500, "pln")
    assert charged("load", "700", "--at", "2036-11-20").code == 0
    assert charged("load", "700", "--at", "2046-11-20").code == 0


@pytest.mark.parametrize("command", [("load", "5"), ("status",), ("install", "12345678911")])
def test_a_mistyped_year_installs_nothing(meter_emu, command):
    assert meter_emu(*command, "--at", "9999-12-31T23:59").code == 2
    assert meter_emu("status", "--json").json["clock"] < "2100"


@pytest.mark.parametrize("command", ["status", "history", "meters"])
def test_reading_commands_take_no_brand(charged, command):
    assert charged(command, "--profile", "hexing").code == 2
    assert charged("status", "--json").json["profile"] == "pln"


def test_power_off_and_on(charged):
    charged("load", "500", "--at", NINE)
    answer = charged("power", "off", "--json", "--at", "2026-11-22T10:00:00")
    assert (answer.json["power"], answer.json["relay_reason"], answer.json["lcd"]) == (False, "no power", ["", ""])
    charged("power", "on", "--at", "2026-11-22T20:00:00")
    status = charged("status", "--json", "--at", "2026-11-22T20:00:00").json
    assert (status["credit_kwh"], status["power_failures"]) == ("9.5", 1)


@pytest.mark.parametrize("watts", ["-1", "1.5", "many", "1000001"])
def test_loads_that_are_none(meter_emu, watts):
    assert meter_emu("load", "--", watts).code == 2


def test_a_brand(meter_emu):
    meter_emu("install", "12345678911", "--profile", "hexing")
    assert meter_emu("press", "804<E>").out.splitlines()[0].startswith("12345678911")
    meter_emu("press", "1", "--profile", "itron")
    assert meter_emu("status", "--json").json["profile"] == "itron"
    assert meter_emu("press", "1", "--profile", "siemens").code == 2


def test_run_in_a_pipe_prints_each_new_display(process, credit_token):
    process("install", "12345678911", "--at", NINE)
    process("enter", credit_token(1000, 100), "--at", NINE)
    answer = process("run", "--load", "1000", "--speed", "3600", "--for", "1800", "--json", "--at", NINE)
    assert answer.code == 0
    shown = [json.loads(line) for line in answer.out.splitlines()]
    assert shown[0]["lcd"][0] == "BENAR"
    last = {"at": "2026-11-22T09:30:00", "lcd": ["9.50 kWh", ""], "led": "yellow", "relay": "closed", "beep": False}
    assert shown[-1] == last
    assert process("status", "--json", "--at", NINE).json["credit_kwh"] == "9.5"


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_run_ends_when_told_and_loses_nothing(script, process, told):
    process("status")
    running = subprocess.Popen([script, "run", "--speed", "60"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout.readline()
    time.sleep(0.3)
    running.send_signal(told)
    _, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (0, "")
    assert process("status").code == 0
