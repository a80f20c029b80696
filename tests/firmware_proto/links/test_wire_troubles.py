"""A store that is locked, lost or damaged, and a defect of ours: the meter is busy or fails, and is there again after it."""

from typing import Any

import pytest

from firmware_proto.protocol.messages import BREAK
from meter_emu.store import Store

GATEWAY = "0-0:19.40.0"


def test_a_locked_store_makes_the_meter_busy(peer: Any, house: Any, credit_token: Any) -> None:
    peer.enter_programming()
    with Store(house.path) as store, store._transaction():
        assert peer.ask("W", "1", f"{GATEWAY}({credit_token(1)})") == "(ERR07)"
        assert peer.ask("R", "1", "0-0:96.1.0()") == "0-0:96.1.0(12345678911)"
    assert peer.ask("W", "1", f"{GATEWAY}({credit_token(1)})") == "ACK"


def test_a_meter_that_is_taken_away_is_busy_and_not_there_for_the_next_call(peer: Any, house: Any) -> None:
    peer.enter_programming()
    with Store(house.path) as store:
        store.uninstall("12345678911")
    assert peer.ask("R", "1", "1-0:1.8.0()") == "(ERR07)"
    assert peer.ask("W", "1", f"{GATEWAY}({'0' * 20})") == "(ERR07)"
    peer.send(b"/?!\r\n\x06050\r\n")
    house.install("12345678911")
    # Had it answered the first call, more would come than this.
    assert peer.sign_on() == b"/PLn5METER-EMU 1.0\r\n"
    peer.send(b"\x06050\r\n")
    assert b"12345678911" in peer.block()


def test_a_meter_that_goes_in_the_middle_of_a_sign_on_breaks_off(peer: Any, house: Any) -> None:
    assert peer.sign_on()
    with Store(house.path) as store:
        store.uninstall("12345678911")
    peer.send(b"\x06050\r\n")
    assert peer.block() == BREAK.to_bytes()


def test_a_damaged_row_too(peer: Any, house: Any) -> None:
    peer.enter_programming()
    with Store(house.path) as store, store._transaction():
        store._connection.execute("UPDATE meter SET state = '{'")
    assert peer.ask("R", "1", "1-0:1.8.0()") == "(ERR07)"


def test_a_defect_of_ours_is_no_end(peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    peer.enter_programming()
    monkeypatch.setattr("firmware_proto.meter_device.MeterDevice.read", lambda *_: 1 // 0)
    assert peer.ask("R", "1", "1-0:1.8.0()") == "(ERR11)"
    monkeypatch.undo()
    assert peer.ask("R", "1", "0-0:96.1.0()") == "0-0:96.1.0(12345678911)"
