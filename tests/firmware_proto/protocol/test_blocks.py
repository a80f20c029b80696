"""What stands on the line: data sets, check characters, parity, and messages out of characters however they are cut."""

from functools import reduce
from operator import xor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_proto.data_set import LONGEST_LINE, DataSet, format_block, format_lines, parse_block
from firmware_proto.error_text import LONGEST_ERROR_TEXT, ErrorText
from firmware_proto.errors import LocalProtocolError, ProtocolError, RemoteProtocolError
from firmware_proto.protocol import SEVEN_EVEN, Identification, Mode
from firmware_proto.protocol.block_check import block_check
from firmware_proto.protocol.message_reader import ClientReader, MeterReader
from firmware_proto.protocol.messages import (
    BREAK,
    Acknowledgement,
    Broken,
    Command,
    Data,
    Message,
    OptionSelect,
    RepeatRequest,
    Request,
)

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


def text_without(forbidden: str, longest: int) -> st.SearchStrategy[str]:
    return st.text(sorted(set(PRINTABLE) - set(forbidden)), max_size=longest)


DATA_SETS = st.builds(
    DataSet, address=text_without("()/!", 16), value=text_without("()*/!", 128), unit=text_without("()/!", 16)
)

CAPTURED = [
    (Request(), b"/?!\r\n"),
    (OptionSelect("0", "5", "1"), b"\x06051\r\n"),
    (OptionSelect("0", "0", "0"), b"\x06000\r\n"),
    (Command("P", "1", "()"), b"\x01P1\x02()\x03\x61"),
    (Command("P", "1", "(00000000)"), b"\x01P1\x02(00000000)\x03\x61"),
    (Command("R", "1", "00000034()"), b"\x01R1\x0200000034()\x03\x64"),
    (Command("R", "1", "00000000()"), b"\x01R1\x0200000000()\x03\x63"),
    (BREAK, b"\x01B0\x03\x71"),
]
"""Messages of clients with the check characters that were seen on the wires of real meters."""


@pytest.mark.parametrize(("message", "data"), CAPTURED)
def test_messages_as_seen_on_real_lines(message: Any, data: bytes) -> None:
    assert message.to_bytes() == data
    reader = MeterReader()
    reader.receive(data)
    assert reader.next_message(option_select=True) == message


def test_a_real_meters_operand() -> None:
    reader = ClientReader()
    reader.receive(b"\x01P0\x02(00000000)\x03\x60")
    assert reader.next_message() == Command("P", "0", "(00000000)")
    reader.receive(b"\x01P0\x02(00000000)\x03\x61")
    assert reader.next_message() == Broken()


@given(st.binary(max_size=5000))
def test_the_check_character_is_the_exclusive_or_of_all(block: bytes) -> None:
    assert block_check(block) == bytes([reduce(xor, block, 0)])


def test_the_check_character_of_the_longest_block() -> None:
    block = bytes(range(1, 256)) * 300
    assert block_check(block) == bytes([reduce(xor, block, 0)])


@given(st.binary(max_size=50).map(lambda data: bytes(code & 0x7F for code in data)), st.data())
def test_parity_finds_every_single_wrong_bit(data: bytes, draw: st.DataObject) -> None:
    sent = SEVEN_EVEN.encode(data)
    assert SEVEN_EVEN.decode(sent) == data
    assert all(code.bit_count() % 2 == 0 for code in sent)
    if data:
        at = draw.draw(st.integers(0, len(data) - 1))
        turned = sent[:at] + bytes([sent[at] ^ 1 << draw.draw(st.integers(0, 7))]) + sent[at + 1 :]
        assert SEVEN_EVEN.decode(turned) == data[:at] + b"\x1a" + data[at + 1 :]


@given(st.lists(DATA_SETS, max_size=20))
def test_data_sets_come_back_as_they_went(data_sets: list[DataSet]) -> None:
    assert parse_block("\r\n".join(format_lines(data_sets))) == tuple(data_sets)
    for data_set in data_sets:
        assert DataSet.parse(str(data_set)) == data_set


@given(st.lists(st.builds(DataSet, text_without("()/!", 16), text_without("()*/!", 32), text_without("()/!", 16)), max_size=20))
def test_no_line_of_a_readout_is_too_long(data_sets: list[DataSet]) -> None:
    block = format_block(data_sets)
    assert parse_block(block) == tuple(data_sets)
    assert all(len(line) <= LONGEST_LINE for line in block.split("\r\n"))
    assert block == "" or block.endswith(")\r\n")


@given(st.text(max_size=60))
def test_any_text_is_data_sets_or_the_peers_fault(text: str) -> None:
    fault = None
    try:
        data_sets = parse_block(text)
    except RemoteProtocolError as error:
        fault = error
    if fault is not None:
        assert fault.position is not None
        assert 0 <= fault.position <= len(text)
    else:
        assert text.replace("\r\n", "").replace("*)", ")") == "".join(map(str, data_sets))


@pytest.mark.parametrize(
    ("text", "position"), [("1.8.0", 0), ("1.8.0(1)\r\n2.8.0", 10), ("a(1)\r\nb(2)\r\n(3)\r\nc(4", 17), ("a(1)b(2)c", 8)]
)
def test_the_place_of_a_fault_is_told(text: str, position: int) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_block(text)
    assert caught.value.position == position


@pytest.mark.parametrize("text", ["", "1.8.0", "1.8.0(1", "1.8.0(1)(2)", "1.8.0(1)\r\n", "(1*2*3*4"])
def test_what_is_no_single_data_set(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match="is not a data set"):
        DataSet.parse(text)


@pytest.mark.parametrize(
    ("address", "value", "unit", "field"),
    [
        ("1" * 17, "", "", "address"),
        ("", "1" * 129, "", "value"),
        ("", "1", "k" * 17, "unit"),
        ("1(8", "", "", "address"),
        ("1/8", "", "", "address"),
        ("", "1*2", "", "value"),
        ("", "1!", "", "value"),
        ("", "1\n", "", "value"),
        ("", "\N{DEGREE SIGN}", "", "value"),
        ("", "1", "m/s", "unit"),
        ("1.8.0\n", "", "", "address"),
    ],
)
def test_what_no_data_set_holds(address: str, value: str, unit: str, field: str) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        DataSet(address, value, unit)
    assert caught.value.field == field


def test_a_readout_takes_no_long_value() -> None:
    with pytest.raises(LocalProtocolError, match="at most 32"):
        format_block([DataSet("1.8.0", "1" * 33)])


def test_error_texts_are_short_and_no_data_set_refuses_them() -> None:
    for text in ErrorText:
        assert len(text) <= LONGEST_ERROR_TEXT
        assert text.meaning
        assert DataSet.parse(f"({text})").value == text.value


MESSAGES_TO_METERS = st.lists(
    st.one_of(
        st.builds(Request, st.text("0123456789abcXYZ ", max_size=32)),
        st.just(Acknowledgement()),
        st.just(RepeatRequest()),
        st.builds(Command, st.sampled_from("PWRB"), st.sampled_from("0123456789"), DATA_SETS.map(str), st.booleans()),
        st.just(BREAK),
    ),
    max_size=8,
)
MESSAGES_TO_CLIENTS = st.lists(
    st.one_of(
        st.builds(
            Identification,
            st.sampled_from(["PLN", "ISk"]),
            text_without("/!\\", 16),
            st.just(Mode.C),
            st.sampled_from([300, 9600]),
        ),
        st.just(RepeatRequest()),
        st.builds(Data, DATA_SETS.map(str), st.booleans()),
        st.builds(Command, st.just("P"), st.just("0"), st.just("(0)")),
        st.just(BREAK),
    ),
    max_size=8,
)


def read_all(reader: Any, pieces: list[bytes]) -> list[Message]:
    messages = []
    for piece in pieces:
        reader.receive(piece)
        while message := reader.next_message():
            messages.append(message)
    return messages


@pytest.mark.parametrize(("new_reader", "strategy"), [(MeterReader, MESSAGES_TO_METERS), (ClientReader, MESSAGES_TO_CLIENTS)])
@given(draw=st.data())
def test_messages_do_not_care_how_they_are_cut(new_reader: Any, strategy: Any, draw: st.DataObject) -> None:
    messages = draw.draw(strategy)
    data = b"".join(message.to_bytes() for message in messages)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=6)))
    pieces = [data[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert read_all(new_reader(), [data]) == messages
    assert read_all(new_reader(), pieces) == messages
    assert read_all(new_reader(), [data[i : i + 1] for i in range(len(data))]) == messages


@pytest.mark.parametrize("new_reader", [MeterReader, ClientReader])
@given(noise=st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([b"/", b"\x01", b"\x02", b"\x03", b"\x06", b"/?"]))))
def test_noise_never_raises(new_reader: Any, noise: list[bytes]) -> None:
    reader = new_reader()
    for piece in noise:
        reader.receive(piece)
        while reader.next_message(option_select=len(piece) % 2 == 0):
            pass


@given(
    noise=st.lists(
        st.one_of(st.binary(max_size=30), st.sampled_from([b"/", b"\x01", b"/?", b"/?!\r", b"\x01R1\x02", b"\x01W1\x02x("]))
    )
)
def test_a_request_is_heard_whatever_came_before(noise: list[bytes]) -> None:
    """Even in the middle of a command, as when a client was cut off in one and begins anew."""
    reader = MeterReader()
    read_all(reader, noise)
    found = read_all(reader, [b"/?04176855916!\r\n"])
    # One check character may be what the noise lacked: then the first of its characters is gone.
    if b"\x03" not in b"".join(noise)[-1:] and b"\x04" not in b"".join(noise)[-1:]:
        assert Request("04176855916") in found


@pytest.mark.parametrize(
    "identification",
    [
        Identification("PLN", "STS-1", baud=9600),
        Identification("ISk", "\\2MT382-1000", baud=19200),
        Identification("XYZ", "an old one", Mode.B, 2400),
        Identification("XYZ", "Old", Mode.A),
        Identification("ABC", "", Mode.A),
    ],
)
def test_identifications_come_back_as_they_went(identification: Identification) -> None:
    line = identification.to_bytes().decode()
    assert Identification.parse(line.removesuffix("\r\n")) == identification


@pytest.mark.parametrize(
    ("maker", "identity", "mode", "baud", "field"),
    [
        ("PL", "x", Mode.C, 300, "maker"),
        ("P1N", "x", Mode.C, 300, "maker"),
        ("PLN", "x" * 17, Mode.C, 300, "identity"),
        ("PLN", "a/b", Mode.C, 300, "identity"),
        ("PLN", "a!", Mode.C, 300, "identity"),
        ("PLN", "5x", Mode.A, 300, "identity"),
        ("PLN", "Ex", Mode.A, 300, "identity"),
        ("PLN", "x", Mode.C, 1201, "baud"),
        ("PLN", "x", Mode.B, 300, "baud"),
        ("PLN", "x", Mode.A, 9600, "baud"),
    ],
)
def test_what_no_meter_may_call_itself(maker: str, identity: str, mode: Mode, baud: int, field: str) -> None:
    with pytest.raises(ProtocolError) as caught:
        Identification(maker, identity, mode, baud)
    assert caught.value.field == field
