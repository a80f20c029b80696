"""A whole session with the meter's end, in bytes: however it is cut, with parity, on a line that gives back what is sent."""

from typing import Any

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.protocol import (
    SEVEN_EVEN,
    MeterState,
    OperandRequested,
    PasswordGiven,
    ReadoutRequested,
    ReadRequested,
    SessionEnded,
    SignedOn,
    WriteRequested,
)
from firmware_proto.protocol.characters import ACK, NAK
from firmware_proto.protocol.messages import Command, Data

REQUEST = b"/?!\r\n"
READOUT, PROGRAMMING = b"\x06050\r\n", b"\x06051\r\n"
IDENTIFICATION = b"/PLN5STS-1\r\n"
BREAK = b"\x01B0\x03q"
READOUT_DATA = Data("0.0.0(04176855916)\r\n1.8.0(001234.5*kWh)\r\n!\r\n").to_bytes()
LOG = [DataSet("P.98", str(number)) for number in range(20)]
WHOLE_SESSION = b"".join(
    [
        REQUEST,
        PROGRAMMING,
        Command("P", "1", "(12345678)").to_bytes(),
        Command("R", "1", "1.8.0()").to_bytes(),
        Command("W", "5", "0-0:19.40.0(12345678901234567890)").to_bytes(),
        Command("R", "6", "P.98(from;to)(10)").to_bytes(),
        ACK,
        BREAK,
        b"/?4176855916!\r\n",
        READOUT,
        ACK,
    ]
)
WHOLE_ANSWER = b"".join(
    [
        IDENTIFICATION,
        Command("P", "0", "(00000000)").to_bytes(),
        ACK,
        Data("1.8.0(0)").to_bytes(),
        ACK,
        Data("\r\n".join(map(str, LOG[:10])), is_last=False).to_bytes(),
        Data("\r\n".join(map(str, LOG[10:]))).to_bytes(),
        IDENTIFICATION,
        READOUT_DATA,
    ]
)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 10, 1000])
def test_a_session_however_it_is_cut(size: int, new_end: Any) -> None:
    meter = new_end()
    pieces = [WHOLE_SESSION[begin : begin + size] for begin in range(0, len(WHOLE_SESSION), size)]
    assert b"".join(meter.serve(piece) for piece in pieces) == WHOLE_ANSWER
    assert meter.state is MeterState.WAITING


def test_a_session_split_anywhere(new_end: Any) -> None:
    for cut in range(len(WHOLE_SESSION)):
        meter = new_end()
        assert meter.serve(WHOLE_SESSION[:cut]) + meter.serve(WHOLE_SESSION[cut:]) == WHOLE_ANSWER


def test_a_session_with_parity(new_end: Any) -> None:
    meter = new_end(character_format=SEVEN_EVEN)
    answered = meter.serve(SEVEN_EVEN.encode(WHOLE_SESSION))
    assert SEVEN_EVEN.decode(answered) == WHOLE_ANSWER
    assert meter.serve(REQUEST) == b"", "without parity bits half of the characters are wrong"


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_on_a_line_that_gives_back_what_is_sent_the_meter_passes_over_its_own_words(
    size: int, new_end: Any, command: Any
) -> None:
    """P0, a NAK and B0 are ones that it would hear, were they a client's."""
    meter, said = new_end(), b""
    broken = command("R1 1.8.0()")[:-1] + b"?"
    for message in (REQUEST, PROGRAMMING, broken, command("R1 1.8.0()"), command("X1 1()"), broken, NAK, BREAK, REQUEST):
        answered = meter.serve(message)
        for begin in range(0, len(answered), size):
            assert meter.serve(answered[begin : begin + size]) == b""
        said += answered
    data = Data("1.8.0(0)").to_bytes()
    error = Data("(ERR01)").to_bytes()
    assert said == IDENTIFICATION + command("P0 (00000000)") + NAK + data + error + NAK + error + IDENTIFICATION


def test_a_client_that_begins_with_the_meters_own_words_is_heard(new_end: Any) -> None:
    meter = new_end()
    assert meter.serve(REQUEST) == IDENTIFICATION
    assert meter.serve(IDENTIFICATION[:1]) == b""
    assert meter.serve(REQUEST[1:]) == IDENTIFICATION


def test_what_the_device_is_told(new_end: Any) -> None:
    meter = new_end()
    told = []
    for event in meter.receive_data(WHOLE_SESSION, 0.0):
        told.append(event)
        meter.answer([event])
    assert told == [
        SignedOn(""),
        OperandRequested(),
        PasswordGiven(1, "12345678"),
        ReadRequested("1.8.0", "", "1"),
        WriteRequested((DataSet("0-0:19.40.0", "12345678901234567890"),), "5"),
        ReadRequested("P.98", "from;to", "6"),
        SessionEnded("the client ended it"),
        SignedOn("4176855916"),
        ReadoutRequested("0"),
        SessionEnded("the readout arrived"),
    ]
    assert "12345678" not in repr(told[2]), "a password is no text for logs"
