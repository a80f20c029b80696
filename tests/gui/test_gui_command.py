"""``meter-emu gui`` as it is called: pictures, the shop behind it, and one clear line for whatever is not there."""

import builtins
import json
import os
import sqlite3
import struct
import sys

import pytest

from meter_emu.cli.gui_shop import shop_at
from meter_gui.shop import Refusal, Slip

AT = ("--at", "2026-11-22T09:00:00")


@pytest.fixture(autouse=True)
def sources(monkeypatch):
    """Processes of our own find the packages where this one does."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


@pytest.fixture
def meter_emu(monkeypatch, capsys):
    """``meter_emu("gui", ...)``: exit code and what was said."""
    from meter_emu.cli.group import meter_emu as group
    from meter_emu.shell.console import run

    def call(*arguments: str) -> tuple[int, str, list[str]]:
        monkeypatch.setattr(sys, "argv", ["meter-emu", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run(group, "meter-emu")
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(ended.value.code or 0), out, [line for line in err.splitlines() if not line.startswith("note:")]

    return call


def size_of(path) -> tuple[int, int]:
    return struct.unpack(">II", path.read_bytes()[16:24])


@pytest.mark.parametrize(("option", "size"), [((), (1280, 720)), (("--size", "800x600"), (800, 600))])
def test_a_screenshot(meter_emu, tmp_path, monkeypatch, option, size):
    monkeypatch.delenv("SDL_VIDEODRIVER")
    file = tmp_path / "meter.png"
    assert meter_emu("gui", "--screenshot", str(file), *option) == (0, "", [])
    assert size_of(file) == size


def test_a_screenshot_changes_nothing(meter_emu, tmp_path):
    meter_emu("install", "12345678911", *AT)
    meter_emu("load", "500", *AT)
    _, before, _ = meter_emu("status", "--json", *AT)
    assert meter_emu("gui", "--screenshot", str(tmp_path / "meter.png"), "--at", "2030-01-01")[0] == 0
    assert meter_emu("status", "--json", *AT)[1] == before


def test_languages_and_the_face_alone_are_other_pictures(meter_emu, tmp_path):
    pictures = set()
    for number, options in enumerate([(), ("--lang", "id"), ("--face",), ("--profile", "itron")]):
        file = tmp_path / f"{number}.png"
        assert meter_emu("gui", "--screenshot", str(file), *AT, *options)[0] == 0
        pictures.add(file.read_bytes())
    assert len(pictures) == 4


def test_profile_is_the_brand_from_now_on(meter_emu, tmp_path):
    meter_emu("gui", "--screenshot", str(tmp_path / "a.png"), "--profile", "conlog")
    assert json.loads(meter_emu("status", "--json")[1])["profile"] == "conlog"


def test_a_recording_touches_no_meter_of_the_user(meter_emu, tmp_path, home):
    file = tmp_path / "purchase.png"
    assert meter_emu("gui", "--record", str(file), "--size", "800x600")[0] == 0
    assert file.read_bytes().count(b"fdAT") > 50
    assert not home.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--meter", "04176855916"), 1, "meter 04176855916 is not installed"),
        (("--size", "640x480"), 2, "not between 800x600"),
        (("--size", "big"), 2, "not written like 1280x720"),
        (("--size", "1280x"), 2, "not written like"),
        (("--screenshot", "meter.gif"), 2, "must end in .png"),
        (("--screenshot", "a.png", "--record", "b.png"), 2, "one of them"),
        (("--screenshot", "/no/such/folder/a.png"), 1, "/no/such/folder/a.png"),
        (("--gateway", "nowhere", "--screenshot", "a.png"), 2, "nowhere"),
        (("--gateway", "192.0.2.1:63100", "--screenshot", "a.png"), 2, "not on this machine"),
        (("--lang", "fr"), 2, "fr"),
    ],
)
def test_what_is_wrong_is_one_line(meter_emu, arguments, code, words):
    answer = meter_emu("gui", *arguments)
    assert answer[0] == code
    assert len(answer[2]) == 1
    assert words in answer[2][0]


def test_what_cannot_be_written_leaves_nothing_behind(meter_emu, tmp_path):
    (tmp_path / "taken.png").mkdir()
    code, _, lines = meter_emu("gui", "--screenshot", str(tmp_path / "taken.png"), *AT)
    assert (code, len(lines)) == (1, 1)
    assert "taken.png" in lines[0]
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["taken.png"]


def test_without_a_display_one_line(meter_emu, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    code, _, (line,) = meter_emu("gui")
    assert code == 1
    assert "display" in line
    assert "--screenshot" in line


def test_without_pygame_one_line_says_how_to_install_it(meter_emu, monkeypatch):
    real_import = builtins.__import__

    def no_pygame(name, *arguments, **keywords):
        if name.split(".")[0] == "pygame":
            raise ImportError(name)
        return real_import(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", no_pygame)
    code, _, (line,) = meter_emu("gui")
    assert (code, "meter-emu[gui]" in line) == (1, True)


def test_a_memory_held_by_another_process_is_one_line(meter_emu, home, monkeypatch):
    monkeypatch.setattr("meter_emu.cli.gui.PATIENCE_SECONDS", 0.05)
    meter_emu("status")
    holder = sqlite3.connect(home / "meters.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    code, _, (line,) = meter_emu("gui")
    holder.close()
    assert (code, "busy" in line) == (1, True)


def test_the_shop_sells_tokens_that_the_meter_takes(meter_emu, home):
    meter_emu("install", "04176855916")
    slip = shop_at(str(home), None).buy("04176855916", 20_000_00)
    assert isinstance(slip, Slip)
    assert ("RP BAYAR", "Rp 20.000,00") in slip.lines
    assert json.loads(meter_emu("enter", slip.token, "--json")[1])["accepted"]


def test_the_shop_says_why_it_does_not_sell(meter_emu, home):
    meter_emu("install", "12345678911")
    shop = shop_at(str(home), None)
    refusal = shop.buy("12345678911", 1_000_000_00)
    assert isinstance(refusal, Refusal)
    assert refusal.text.startswith("not sold: 00")


def test_a_gateway_that_is_not_there_is_told_of(home):
    home.mkdir(mode=0o700)
    refusal = shop_at(str(home), "127.0.0.1:1").buy("12345678911", 20_000_00)
    assert isinstance(refusal, Refusal)
    assert "not sold" in refusal.text


def test_the_utility_makes_a_token_that_clears_the_tamper_condition(meter_emu, home):
    meter_emu("tamper", "meter-cover")
    meter_emu("tamper", "meter-cover", "off")
    shop = shop_at(str(home), None)
    slip = shop.clear_tamper("12345678911")
    assert isinstance(slip, Slip)
    assert meter_emu("enter", slip.token)[0] == 0
    assert not json.loads(meter_emu("status", "--json")[1])["tampered"]
