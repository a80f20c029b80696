"""Several meters behind one link: the called one speaks, the others cost nothing and say nothing."""

from typing import Any

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.errors import LocalProtocolError
from firmware_proto.protocol import (
    EIGHT_NONE,
    SEVEN_EVEN,
    CharacterFormat,
    Identification,
    MeterEnd,
    MeterLine,
    MeterState,
    OperandRequested,
    ReadoutRequested,
    ReadRequested,
    Send,
    Timing,
)
from firmware_proto.protocol.messages import Command, Data

ADDRESSES = ["04176855916", "07022752971", "01325938973"]
REQUESTS = [f"/?{address}!\r\n".encode() for address in ADDRESSES]
SESSION = b"".join(
    [
        REQUESTS[0] + b"\x06051\r\n" + Command("R", "1", "0.0.0()").to_bytes(),
        REQUESTS[1] + b"\x06050\r\n\x06",
        REQUESTS[1] + b"\x06051\r\n" + Command("R", "1", "0.0.0()").to_bytes(),
        b"/?99999999999!\r\n" + b"\x06050\r\n",
        REQUESTS[2] + b"\x06051\r\n" + Command("R", "1", "0.0.0()").to_bytes() + b"\x01B0\x03q",
    ]
)


def new_line(addresses: list[str], character_format: CharacterFormat = EIGHT_NONE) -> MeterLine:
    identification, timing = Identification("PLN", "STS-1", baud=9600), Timing(reaction_minimum=0)
    return MeterLine(MeterEnd(identification, name, timing=timing, character_format=character_format) for name in addresses)


def serve(line: MeterLine, data: bytes, now: float = 0.0) -> bytes:
    for meter, event in line.receive_data(data, now):
        match event:
            case ReadoutRequested():
                meter.readout([DataSet("0.0.0", meter.device_address)])
            case OperandRequested():
                meter.give_operand()
            case ReadRequested():
                meter.reply([DataSet("0.0.0", meter.device_address)])
    return b"".join(step.data for step in line.steps_to_take() if isinstance(step, Send))


def said_by(address: str) -> bytes:
    return b"/PLN5STS-1\r\n" + Command("P", "0", "()").to_bytes() + Data(f"0.0.0({address})").to_bytes()


ANSWER = b"".join(
    [
        said_by(ADDRESSES[0]),
        b"/PLN5STS-1\r\n" + Data(f"0.0.0({ADDRESSES[1]})\r\n!\r\n").to_bytes(),
        said_by(ADDRESSES[1]),
        said_by(ADDRESSES[2]),
    ]
)


@pytest.mark.parametrize("character_format", [EIGHT_NONE, SEVEN_EVEN])
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_the_called_meter_answers_however_the_bytes_come(size: int, character_format: CharacterFormat) -> None:
    line = new_line(ADDRESSES, character_format)
    data = character_format.encode(SESSION)
    said = b"".join(serve(line, data[begin : begin + size]) for begin in range(0, len(data), size))
    assert character_format.decode(said) == ANSWER
    assert [meter.state for meter in line.meters] == [MeterState.WAITING] * 3
    assert line.deadline is None


def test_the_line_behaves_as_its_meters_hearing_everything_would() -> None:
    line = new_line(ADDRESSES)
    alone = [
        MeterEnd(meter.identification, meter.device_address, timing=meter.timing, answers_without_address=False)
        for meter in line.meters
    ]
    for begin in range(0, len(SESSION), 3):
        serve(line, SESSION[begin : begin + 3])
        for meter in alone:
            for event in meter.receive_data(SESSION[begin : begin + 3], 0.0):
                answer: Any = {ReadoutRequested: meter.readout, ReadRequested: meter.reply}.get(type(event))
                if answer:
                    answer([DataSet("0.0.0", meter.device_address)])
                elif isinstance(event, OperandRequested):
                    meter.give_operand()
        assert [meter.state for meter in line.meters] == [meter.state for meter in alone]


def test_without_an_address_only_a_single_meter_answers() -> None:
    assert serve(new_line(ADDRESSES[:1]), b"/?!\r\n") == b"/PLN5STS-1\r\n"
    line = new_line(ADDRESSES)
    assert serve(line, REQUESTS[0]) == b"/PLN5STS-1\r\n"
    assert serve(line, b"/?!\r\n") == b""
    assert line.meters[0].state is MeterState.WAITING


def test_time_passes_for_the_called_meter() -> None:
    line = new_line(ADDRESSES)
    serve(line, REQUESTS[0])
    assert line.deadline is not None
    assert [str(event) for _, event in line.advance(line.deadline)] == ["SessionEnded(reason='the client fell silent')"]
    assert line.deadline is None


def test_addresses_and_formats_must_fit() -> None:
    with pytest.raises(LocalProtocolError, match="two meters"):
        new_line(["04176855916", "4176855916"])
    line = new_line(ADDRESSES)
    with pytest.raises(LocalProtocolError, match="one character format"):
        line.add(MeterEnd(Identification("PLN", "STS-1"), "1", character_format=SEVEN_EVEN))


def test_noise_between_the_meters_is_bounded() -> None:
    line = new_line(ADDRESSES)
    for _ in range(1000):
        assert serve(line, b"/?0417685591/?" * 20) == b""
    assert serve(line, REQUESTS[2]) == b"/PLN5STS-1\r\n"


def test_meters_come_and_go() -> None:
    line = new_line(ADDRESSES[:1])
    end = MeterEnd(line.meters[0].identification, ADDRESSES[1], timing=line.meters[0].timing)
    line.add(end)
    assert serve(line, b"/?!\r\n" + REQUESTS[1]) == b"/PLN5STS-1\r\n"
    line.remove(ADDRESSES[1])
    assert serve(line, b"\x06050\r\n" + REQUESTS[1]) == b"", "its session went with it"
    assert serve(line, b"/?!\r\n") == b"/PLN5STS-1\r\n", "the other is the only one again"


def test_before_each_call_the_meters_can_be_looked_up() -> None:
    called = []
    line = MeterLine(character_format=EIGHT_NONE, before_call=called.append)
    assert serve(line, REQUESTS[0] + b"/?!\r\n") == b""
    assert called == [ADDRESSES[0], ""]
