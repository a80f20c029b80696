"""The meter's end after bad clients: whoever vanishes, signs on anew or sends garbage, the next is heard; memory is bounded."""

import random
import tracemalloc
from typing import Any

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.protocol import MeterState, ReadRequested, SessionEnded, SignedOn, Timing
from firmware_proto.protocol.characters import ACK, NAK
from firmware_proto.protocol.messages import Command
from firmware_proto.protocol.states import METER_OWES, METER_TABLE

REQUEST = b"/?!\r\n"
READOUT, PROGRAMMING = b"\x06050\r\n", b"\x06051\r\n"
IDENTIFICATION = b"/PLN5STS-1\r\n"
BREAK = b"\x01B0\x03q"
STATES: dict[MeterState, list[bytes]] = {
    MeterState.IDENTIFIED: [REQUEST],
    MeterState.READ_OUT: [REQUEST, READOUT],
    MeterState.PROGRAMMING: [REQUEST, PROGRAMMING],
    MeterState.PART_SENT: [REQUEST, PROGRAMMING, Command("R", "6", "P.98()").to_bytes()],
}
"""The states in which the client has the word, and how to get there."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "last_words", [b"", b"/", b"\x01", b"\x01R1\x021.8.0(", b"\x01W1\x02x(1)\x03", b"\x06", b"\x060", b"/?0417"]
)
def test_a_client_that_vanishes_is_forgotten(state: MeterState, last_words: bytes, new_end: Any) -> None:
    """Whatever it said last, the meter is back within the time of inactivity and hears the next client at 300 baud."""
    meter = new_end(timing=Timing())
    now = 0.0
    for message in STATES[state]:
        now += 1.0
        meter.serve(message, now)
    assert meter.state is state
    meter.serve(last_words, now + 1.0)
    while (deadline := meter.deadline) is not None:
        assert deadline <= now + 70
        meter.answer(meter.advance(deadline - 0.001))
        assert meter.state is not MeterState.WAITING
        meter.answer(meter.advance(deadline))
    assert meter.state is MeterState.WAITING
    assert meter.baud == 300
    assert meter.serve(REQUEST, now + 100) == IDENTIFICATION


@pytest.mark.parametrize("state", STATES)
def test_a_request_begins_a_new_session_in_any_state(state: MeterState, new_end: Any) -> None:
    meter = new_end()
    for message in STATES[state]:
        meter.serve(message)
    events = list(meter.receive_data(b"\x01R1\x02half" + REQUEST, 0.0))
    assert events == [SessionEnded("the client signed on anew"), SignedOn("")]
    assert (meter.state, meter.baud) == (MeterState.IDENTIFIED, 300)


@pytest.mark.parametrize("state", STATES)
def test_the_meter_can_end_a_session_in_any_state(state: MeterState, new_end: Any) -> None:
    meter = new_end()
    for message in STATES[state]:
        meter.serve(message)
    meter.break_off()
    assert (meter.data_to_send(), meter.state, meter.baud) == (BREAK, MeterState.WAITING, 300)
    assert meter.next_event() == SessionEnded("the meter ended it")
    meter.break_off()
    assert meter.data_to_send() == b""


def test_commands_before_the_sign_on_are_not_heard(new_end: Any, command: Any) -> None:
    meter = new_end()
    assert meter.serve(command("P1 (1)") + command("R1 1.8.0()") + ACK + NAK + READOUT + BREAK) == b""
    assert meter.state is MeterState.WAITING


@pytest.mark.parametrize("state", [MeterState.WAITING, *STATES])
def test_minutes_of_garbage_leave_the_meter_as_it_was(state: MeterState, new_end: Any) -> None:
    """Ten minutes at 19200 baud: over a megabyte. What was a session ends by itself; memory does not grow."""
    meter = new_end(timing=Timing())
    for message in STATES.get(state, []):
        meter.serve(message)
    noise = random.Random(7)
    starts = b"/\x01\x02\x06\x15\x03\x04?!"
    tracemalloc.start()
    try:
        for tenth in range(6000):
            chunk = noise.randbytes(180) + bytes(noise.choices(starts, k=12))
            now = 1.0 + tenth / 10
            meter.answer(meter.receive_data(chunk, now))
            meter.answer(meter.advance(now))
            meter.steps_to_take()
            if tenth == 100:
                before, _ = tracemalloc.get_traced_memory()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 16 * 1024
    assert meter.state is MeterState.WAITING
    assert meter.serve(REQUEST, 700.0) == IDENTIFICATION


def test_what_comes_while_the_device_is_busy_is_bounded(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    list(meter.receive_data(command("R1 1.8.0()"), 0.0))
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(1000):
            assert list(meter.receive_data(command("R1 2.8.0()") * 10, 0.0)) == []
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 16 * 1024
    meter.reply([DataSet("1.8.0", "1")])
    assert list(meter.receive_data(b"", 0.0)) == [ReadRequested("2.8.0")]


def test_every_state_can_be_reached_and_left() -> None:
    reached = {MeterState.WAITING} | {to for (_, _), to in METER_TABLE.items()}
    assert reached == set(MeterState)
    assert {state for state, _ in METER_TABLE} == set(MeterState)
    assert set(STATES) == set(MeterState) - METER_OWES - {MeterState.WAITING}
