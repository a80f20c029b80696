"""What the meter's end makes of a command and of the device's answer, and what it refuses by itself."""

from typing import Any

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.errors import LocalProtocolError
from firmware_proto.protocol import Identification, MeterEnd
from firmware_proto.protocol.characters import NAK
from firmware_proto.protocol.messages import Data

REQUEST = b"/?!\r\n"
READOUT = b"\x06050\r\n"
READOUT_DATA = Data("0.0.0(04176855916)\r\n1.8.0(001234.5*kWh)\r\n!\r\n").to_bytes()


def error(text: ErrorText) -> bytes:
    return Data(f"({text})").to_bytes()


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("R2 1.8.0()", ErrorText.UNSUPPORTED_COMMAND),
        ("R4 1.8.0()", ErrorText.UNSUPPORTED_COMMAND),
        ("W2 1.8.0(1)", ErrorText.UNSUPPORTED_COMMAND),
        ("E2 1.8.0()", ErrorText.UNSUPPORTED_COMMAND),
        ("P0 (1)", ErrorText.UNSUPPORTED_COMMAND),
        ("R9 1.8.0()", ErrorText.UNSUPPORTED_COMMAND),
        ("X1 1.8.0()", ErrorText.UNSUPPORTED_COMMAND),
        ("r1 1.8.0()", ErrorText.UNSUPPORTED_COMMAND),
        ("R1", ErrorText.MALFORMED_VALUE),
        ("R1 1.8.0", ErrorText.MALFORMED_VALUE),
        ("R1 1.8.0(()", ErrorText.MALFORMED_VALUE),
        ("W1 1.8.0(22/11/26)", ErrorText.MALFORMED_VALUE),
        ("P1 (1)(2)", ErrorText.MALFORMED_VALUE),
        ("P1 12345678", ErrorText.MALFORMED_VALUE),
        ("W1 " + "1" * 17 + "(1)", ErrorText.MALFORMED_VALUE),
        ("W1 1.8.0(" + "1" * 129 + ")", ErrorText.MALFORMED_VALUE),
    ],
)
def test_what_is_no_command_is_refused_by_the_end_itself(text: str, refusal: ErrorText, new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    assert list(meter.receive_data(command(text), 0.0)) == []
    assert meter.data_to_send() == error(refusal)
    assert meter.serve(command("R1 1.8.0()")) == Data("1.8.0(0)").to_bytes()


def test_a_block_too_long_for_a_command_is_broken(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    assert meter.serve(b"\x01W1\x02" + b"1" * 2000) == NAK
    assert meter.serve(b"\x03?" + command("R1 1.8.0()")) == Data("1.8.0(0)").to_bytes()


def test_a_refusal_may_say_anything_short(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    list(meter.receive_data(command("R1 9.9.9()"), 0.0))
    with pytest.raises(LocalProtocolError, match="at most 32"):
        meter.refuse("E" * 33)
    with pytest.raises(LocalProtocolError, match="not allowed"):
        meter.refuse("(no)")
    meter.refuse("ERROR")
    assert meter.data_to_send() == Data("(ERROR)").to_bytes()


def test_an_answer_nobody_asked_for_is_our_own_fault(new_end: Any, command: Any) -> None:
    meter = new_end().signed_on()
    for act in (
        meter.acknowledge,
        meter.give_operand,
        lambda: meter.refuse(ErrorText.BUSY),
        lambda: meter.reply([]),
        lambda: meter.readout([]),
    ):
        with pytest.raises(LocalProtocolError, match="waits for a command"):
            act()
    list(meter.receive_data(command("R1 1.8.0()"), 0.0))
    with pytest.raises(LocalProtocolError, match="reads a register"):
        meter.acknowledge()
    meter.reply([DataSet("1.8.0", "1")])
    assert meter.data_to_send() == Data("1.8.0(1)").to_bytes()


def test_answers_that_fail_leave_the_question_open(new_end: Any) -> None:
    meter = new_end()
    meter.serve(REQUEST)
    list(meter.receive_data(READOUT, 0.0))
    with pytest.raises(LocalProtocolError):
        meter.readout([DataSet("1.8.0", "1" * 40)])
    meter.readout(meter.DATA_SETS)
    assert meter.data_to_send() == READOUT_DATA


def test_what_no_client_could_call() -> None:
    with pytest.raises(LocalProtocolError, match="device address"):
        MeterEnd(Identification("PLN", "STS-1"), "04176-855916")
