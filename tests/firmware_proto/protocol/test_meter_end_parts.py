"""Answers and values in parts: a log as long as the client wants it, a value written piece by piece, and where that ends."""

from typing import Any

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.protocol import MeterState, WriteRequested
from firmware_proto.protocol.characters import ACK, NAK
from firmware_proto.protocol.messages import Data

MALFORMED = Data(f"({ErrorText.MALFORMED_VALUE})").to_bytes()


@pytest.mark.parametrize("text", ["R1 1.8.0()", "P1 (1)", "R6 P.98()"])
def test_only_what_is_written_comes_in_parts(text: str, new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    assert meter.serve(command(text, is_last=False)) == MALFORMED


def test_parts_are_repeated_on_request(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    first = meter.serve(command("R6 P.98()(10)"))
    assert meter.serve(NAK) == first
    second = meter.serve(ACK)
    assert second == Data("\r\n".join(map(str, meter.LOG[10:]))).to_bytes()
    assert meter.serve(NAK) == second
    assert meter.serve(ACK) == b""
    assert meter.state is MeterState.PROGRAMMING


@pytest.mark.parametrize(
    ("asked", "parts"), [("", 3), ("()", 3), ("(1)", 20), ("(0)", 20), ("(20)", 1), ("(999999)", 1), ("(x)", 3)]
)
def test_the_client_says_how_long_parts_are(asked: str, parts: int, new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    said = [meter.serve(command(f"R3 P.98(){asked}"))]
    while meter.state is MeterState.PART_SENT:
        said.append(meter.serve(ACK))
    assert [chr(part[-2]) for part in said] == ["\x04"] * (parts - 1) + ["\x03"]


def test_an_empty_log_is_one_part(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    list(meter.receive_data(command("R6 P.98()"), 0.0))
    meter.reply([])
    assert meter.data_to_send() == Data("").to_bytes()


def test_a_value_is_written_in_parts(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    for part in ("1.0.0(1)\r\n", "1.0.1(2)\r\n"):
        assert meter.serve(command(f"W3 {part}", is_last=False)) == ACK
    assert list(meter.receive_data(command("W3 1.0.2(3)"), 0.0)) == [
        WriteRequested((DataSet("1.0.0", "1"), DataSet("1.0.1", "2"), DataSet("1.0.2", "3")), "3")
    ]


def test_parts_without_end_are_refused(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    part = command("W3 1.0.0(" + "1" * 100 + ")\r\n", is_last=False)
    said = [meter.serve(part) for _ in range(100)]
    assert set(said) == {ACK, MALFORMED}
    assert list(meter.receive_data(command("W3 1.0.2(3)"), 0.0))
