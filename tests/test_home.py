"""Where files are kept: what was said, else the environment, else where platformdirs puts a user's data."""

import os

import platformdirs
import pytest

from meter_emu.shell.home import data_home, make_home


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"XDG_DATA_HOME": ""},
        {"XDG_DATA_HOME": "/somewhere/data"},
        {"XDG_DATA_HOME": "relative"},
        {"HOME": "/home/somebody"},
        {"HOME": "/home/somebody", "XDG_DATA_HOME": "/elsewhere"},
        {"HOME": ""},
    ],
)
def test_the_default_is_that_of_platformdirs(monkeypatch, environment):
    for name in ("METER_EMU_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert data_home(None) == platformdirs.user_data_dir("meter-emu", appauthor=False)


def test_without_a_home_it_is_still_that_of_platformdirs(monkeypatch):
    for name in ("METER_EMU_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    assert data_home(None) == platformdirs.user_data_dir("meter-emu", appauthor=False)


def test_what_is_said_wins(monkeypatch):
    monkeypatch.setenv("METER_EMU_HOME", "/environment")
    assert data_home(None) == "/environment"
    assert data_home("/said") == "/said"


def test_it_is_made_for_its_owner_alone(tmp_path):
    make_home(tmp_path / "a" / "b")
    assert os.stat(tmp_path / "a" / "b").st_mode & 0o077 == 0
