"""A store that is locked, lost or damaged, and a defect of ours: the meter is busy or fails, and is there again after it."""

from typing import Any

import pytest

from firmware_proto.protocol import Send, Step
from firmware_proto.protocol.characters import ACK
from firmware_proto.protocol.messages import BREAK, Command
from meter_emu.store import Store

GATEWAY = "0-0:19.40.0"
PATIENCE = 20
SELECT_PROGRAMMING = b"\x06051\r\n"
PASSWORD = Command("P", "1", "(00000000)").to_bytes()
READ = Command("R", "1", "0-0:96.1.0()").to_bytes()
SESSION = b"/?!\r\n" + SELECT_PROGRAMMING + PASSWORD + READ
ANSWERS = b"/PLN5METER-EMU 1.0\r\n\x01P0\x02()\x03`" + ACK + b"\x020-0:96.1.0(12345678911)\x03"


def said(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


def test_a_locked_store_makes_the_meter_busy(peer: Any, house: Any, credit_token: Any) -> None:
    peer.enter_programming()
    with Store(house.path) as store, store._transaction():
        assert peer.ask("W", "1", f"{GATEWAY}({credit_token(1)})") == "(ERR07)"
        assert peer.ask("R", "1", "0-0:96.1.0()") == "0-0:96.1.0(12345678911)"
    assert peer.ask("W", "1", f"{GATEWAY}({credit_token(1)})") == "ACK"


def test_a_meter_that_is_taken_away_is_busy(peer: Any, house: Any) -> None:
    peer.enter_programming()
    with Store(house.path) as store:
        store.uninstall("12345678911")
    assert peer.ask("R", "1", "1-0:1.8.0()") == "(ERR07)"
    assert peer.ask("W", "1", f"{GATEWAY}({'0' * 20})") == "(ERR07)"
    peer.send(b"/?!\r\n")
    assert peer.line()
    peer.send(b"\x06050\r\n")
    assert peer.block() == BREAK.to_bytes()
    house.install("12345678911")
    assert peer.sign_on()
    peer.send(b"\x06050\r\n")
    assert b"12345678911" in peer.block()


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
