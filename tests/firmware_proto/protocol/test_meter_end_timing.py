"""When the meter's end speaks and at which rate: its reactions, a client's time to reopen its port, how long it waits."""

from typing import Any

import pytest

from firmware_proto.protocol import BaudChange, Identification, Mode, Send, Timing
from firmware_proto.protocol.characters import ACK, NAK
from firmware_proto.protocol.messages import Data

REQUEST = b"/?!\r\n"
PROGRAMMING = b"\x06051\r\n"
IDENTIFICATION = b"/PLN5STS-1\r\n"
READOUT_DATA = Data("0.0.0(04176855916)\r\n1.8.0(001234.5*kWh)\r\n!\r\n").to_bytes()


def test_the_line_changes_its_rate_around_the_session(new_end: Any) -> None:
    meter = new_end(timing=Timing())
    list(meter.receive_data(REQUEST, 10.0))
    assert meter.steps_to_take() == [Send(IDENTIFICATION, 10.2)]
    meter.answer(meter.receive_data(b"\x06040\r\n", 11.0))
    assert meter.steps_to_take() == [BaudChange(4800), Send(READOUT_DATA, 11.2)]
    assert meter.baud == 4800
    list(meter.receive_data(ACK, 12.0))
    assert meter.steps_to_take() == [BaudChange(300)]


def test_a_small_third_letter_promises_quick_reactions(new_end: Any) -> None:
    meter = new_end(Identification("PLn", "STS-1"), timing=Timing())
    list(meter.receive_data(REQUEST, 10.0))
    assert meter.steps_to_take() == [Send(b"/PLn0STS-1\r\n", 10.02)]


def test_a_client_is_left_time_to_reopen_its_port_and_only_there(new_end: Any, command: Any) -> None:
    meter = new_end(Identification("PLn", "STS-1", baud=9600), timing=Timing(reopening=0.3))
    meter.answer(meter.receive_data(REQUEST, 10.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [10.02]
    meter.answer(meter.receive_data(PROGRAMMING, 11.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [11.3]
    meter.answer(meter.receive_data(command("R1 1.8.0()"), 12.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [12.02]


def test_in_mode_b_the_time_to_reopen_begins_when_the_identification_is_out(new_end: Any) -> None:
    meter = new_end(Identification("PLn", "STS-1", Mode.B, 2400), timing=Timing(reopening=0.3))
    meter.answer(meter.receive_data(REQUEST, 10.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [
        10.02,
        pytest.approx(10.02 + len(b"/PLnCSTS-1\r\n") * 10 / 300 + 0.3),
    ]


def test_waiting_begins_when_the_last_character_is_out(new_end: Any) -> None:
    """At 300 baud a readout takes long; the client can only answer then. Where it answers sooner, the line has no line time."""
    meter = new_end(timing=Timing())
    meter.serve(REQUEST, 10.0)
    meter.serve(b"\x06000\r\n", 11.0)
    assert meter.deadline == pytest.approx(11.2 + len(READOUT_DATA) * 10 / 300 + 1.5)
    meter.serve(NAK, 11.3)
    assert meter.deadline == pytest.approx(11.5 + len(READOUT_DATA) * 10 / 300 + 1.5)


def test_what_comes_before_the_answer_went_out_is_noise(new_end: Any, command: Any) -> None:
    """A doubled NAK brings one repeat, since the line is half duplex."""
    meter = new_end(timing=Timing())
    meter.serve(REQUEST, 1.0)
    meter.serve(PROGRAMMING, 2.0)
    list(meter.receive_data(NAK * 2, 10.0))
    assert meter.steps_to_take() == [Send(command("P0 (00000000)"), 10.2)]
    list(meter.receive_data(NAK + command("R1 1.8.0()"), 10.1))
    assert meter.steps_to_take() == []
    list(meter.receive_data(NAK, 10.3))
    assert meter.steps_to_take() == [Send(command("P0 (00000000)"), 10.5)]
