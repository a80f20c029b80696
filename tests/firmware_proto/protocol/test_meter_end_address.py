"""Whom the meter's end hears: its own device address, any request or none, and one call among many meters on a line."""

from typing import Any

import pytest

from firmware_proto.protocol import MeterState
from firmware_proto.protocol.characters import ACK
from firmware_proto.protocol.messages import Data

REQUEST = b"/?!\r\n"
PROGRAMMING = b"\x06051\r\n"
IDENTIFICATION = b"/PLN5STS-1\r\n"


@pytest.mark.parametrize(
    "address", ["", "04176855916", "4176855916", "00000000004176855916", "00000000000000000000004176855916"]
)
def test_the_device_address_calls_the_meter(address: str, new_end: Any) -> None:
    assert new_end().serve(f"/?{address}!\r\n".encode()) == IDENTIFICATION


@pytest.mark.parametrize(
    "request_",
    [b"/?04176855917!\r\n", b"/?41768559160!\r\n", b"/?0!\r\n", b"/?4-1!\r\n", b"/?!\n", b"/?\r\n", b"/!\r\n", b"?!\r\n"],
)
def test_another_address_or_no_request_is_met_with_silence(request_: bytes, new_end: Any) -> None:
    meter = new_end()
    assert meter.serve(request_) == b""
    assert meter.state is MeterState.WAITING
    assert meter.serve(REQUEST) == IDENTIFICATION


def test_wake_up_characters_are_passed_over(new_end: Any) -> None:
    assert new_end().serve(bytes(70) + REQUEST) == IDENTIFICATION


def test_of_several_meters_on_a_line_only_the_called_one_speaks(new_end: Any, command: Any) -> None:
    names = ["04176855916", "07022752971", "01325938973"]
    meters = {name: new_end(address=name, answers_without_address=False) for name in names}

    def say(data: bytes) -> dict[str, bytes]:
        said = {name: meter.serve(data) for name, meter in meters.items()}
        spoken = {name: text for name, text in said.items() if text}
        for name, text in spoken.items():
            for other in set(names) - {name}:
                assert meters[other].serve(text) == b"", "everyone hears everyone"
        return spoken

    assert say(REQUEST) == {}
    for name in names:
        assert list(say(f"/?{name}!\r\n".encode())) == [name]
        assert list(say(PROGRAMMING)) == [name]
        assert say(command("P1 (1)")) == {name: ACK}
        assert say(command("R1 1.8.0()")) == {name: Data("1.8.0(0)").to_bytes()}
    assert [meter.state for meter in meters.values()] == [MeterState.WAITING, MeterState.WAITING, MeterState.PROGRAMMING]
    assert [meter.baud for meter in meters.values()] == [300, 300, 9600]
