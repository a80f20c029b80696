"""What the meter's end says again, how often, and that nothing is done twice for it."""

from typing import Any

import pytest

from firmware_proto.protocol import MeterState
from firmware_proto.protocol.characters import ACK, NAK
from firmware_proto.protocol.messages import Data

REQUEST = b"/?!\r\n"
READOUT = b"\x06050\r\n"
IDENTIFICATION = b"/PLN5STS-1\r\n"
BREAK = b"\x01B0\x03q"
READOUT_DATA = Data("0.0.0(04176855916)\r\n1.8.0(001234.5*kWh)\r\n!\r\n").to_bytes()


def test_a_readout_is_repeated_on_request_but_not_for_ever(new_end: Any) -> None:
    meter = new_end()
    meter.serve(REQUEST)
    assert meter.serve(READOUT) == READOUT_DATA
    for _ in range(3):
        assert meter.serve(NAK) == READOUT_DATA
    assert meter.serve(NAK) == b""
    assert meter.state is MeterState.WAITING


@pytest.mark.parametrize("storm", [NAK, b"\x01R1\x021.8.0()\x03?"], ids=["NAK", "wrong BCC"])
def test_a_storm_ends_the_session_and_nothing_more(storm: bytes, new_end: Any) -> None:
    meter = new_end().signed_on()
    said = [meter.serve(storm) for _ in range(1000)]
    assert said[3:5] == [BREAK, b""]
    assert not any(said[4:])
    assert meter.state is MeterState.WAITING
    assert meter.serve(REQUEST) == IDENTIFICATION


def test_a_storm_in_one_piece(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    assert meter.serve(NAK * 1000) == command("P0 (00000000)") * 3 + BREAK


def test_a_good_command_forgives_the_bad_ones(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    for _ in range(10):
        assert meter.serve(b"\x01R1\x021.8.0()\x03?" * 3) == NAK * 3
        assert meter.serve(command("R1 1.8.0()")) == Data("1.8.0(0)").to_bytes()


def test_the_last_answer_is_repeated_and_nothing_done_twice(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    assert meter.serve(command("W1 0-0:19.40.0(12345678901234567890)")) == ACK
    assert list(meter.receive_data(NAK, 0.0)) == []
    assert meter.data_to_send() == ACK
