"""The modes of the meter's end: A and B, which begin by themselves, and the options that a client has in mode C."""

from typing import Any

import pytest

from firmware_proto.protocol import BaudChange, Identification, MeterState, Mode, ReadoutRequested, Send
from firmware_proto.protocol.characters import ACK, NAK
from firmware_proto.protocol.messages import Data

REQUEST = b"/?!\r\n"
READOUT_DATA = Data("0.0.0(04176855916)\r\n1.8.0(001234.5*kWh)\r\n!\r\n").to_bytes()


@pytest.mark.parametrize("option", ["150", "060", "070", "0E0", "052", "055"])
def test_an_option_the_meter_does_not_offer_ends_the_session_in_silence(option: str, new_end: Any) -> None:
    meter = new_end()
    meter.serve(REQUEST)
    assert meter.serve(b"\x06" + option.encode() + b"\r\n") == b""
    assert meter.state is MeterState.WAITING
    assert meter.steps_to_take() == []


def test_the_makers_own_readouts(new_end: Any) -> None:
    meter = new_end()
    meter.serve(REQUEST)
    assert list(meter.receive_data(b"\x06057\r\n", 0.0)) == [ReadoutRequested("7")]


def test_mode_a_reads_out_by_itself_at_300_baud(new_end: Any) -> None:
    meter = new_end(Identification("PLN", "STS-1", Mode.A))
    meter.answer(meter.receive_data(REQUEST, 0.0))
    assert [step for step in meter.steps_to_take() if isinstance(step, BaudChange)] == []
    assert meter.serve(NAK) == READOUT_DATA
    assert meter.serve(ACK) == b""
    assert meter.state is MeterState.WAITING


def test_mode_a_stays_at_the_rate_it_began_with(new_end: Any) -> None:
    meter = new_end(Identification("PLN", "STS-1", Mode.A), initial_baud=9600)
    meter.answer(meter.receive_data(REQUEST, 0.0))
    assert [step for step in meter.steps_to_take() if isinstance(step, BaudChange)] == []


def test_mode_b_changes_over_by_itself(new_end: Any) -> None:
    meter = new_end(Identification("PLN", "STS-1", Mode.B, 2400))
    meter.answer(meter.receive_data(REQUEST, 0.0))
    identified, change, readout = meter.steps_to_take()
    assert isinstance(identified, Send)
    assert isinstance(readout, Send)
    assert (identified.data, change, readout.data) == (b"/PLNCSTS-1\r\n", BaudChange(2400), READOUT_DATA)
