"""The client's end, answered in bytes: what it takes for an answer, what it repeats, and what it never does twice."""

from typing import Any

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.errors import LocalProtocolError, RemoteProtocolError
from firmware_proto.protocol import (
    Accepted,
    BaudChange,
    BrokenOff,
    ClientEnd,
    ClientState,
    DataReceived,
    Identification,
    Identified,
    Mode,
    OperandReceived,
    Refused,
    Send,
    Timing,
)
from firmware_proto.protocol.block_check import block_check
from firmware_proto.protocol.messages import Command, Data

REQUEST = b"/?!\r\n"
BREAK = b"\x01B0\x03q"
OPERAND = Command("P", "0", "(00000000)").to_bytes()
ENERGY = Data("1.8.0(12.5*kWh)").to_bytes()
READ_ENERGY = Command("R", "1", "1.8.0()").to_bytes()
WRITE = Command("W", "1", "1.0.0(1)").to_bytes()


@pytest.fixture
def client() -> ClientEnd:
    return ClientEnd(timing=Timing(reaction_minimum=0))


@pytest.fixture
def programming(client: ClientEnd) -> ClientEnd:
    """A client in programming mode at the time 1."""
    client.sign_on(now=0.0)
    assert hear(client, b"/PLN5STS-1\r\n") == [Identified(Identification("PLN", "STS-1", baud=9600))]
    client.enter_programming(now=0.5)
    assert hear(client, OPERAND, 1.0) == [OperandReceived("00000000")]
    client.steps_to_take()
    return client


def hear(client: ClientEnd, data: bytes, now: float = 0.5) -> list[Any]:
    return list(client.receive_data(data, now))


def let_time_pass(client: ClientEnd) -> None:
    assert client.deadline is not None
    assert list(client.advance(client.deadline)) == []


def test_a_readout(client: ClientEnd) -> None:
    client.sign_on("04176855916", now=10.0)
    assert client.data_to_send() == b"/?04176855916!\r\n"
    assert hear(client, b"/PLN5STS-1\r\n", 11.0) == [Identified(Identification("PLN", "STS-1", baud=9600))]
    client.request_readout(now=11.0)
    assert client.steps_to_take() == [Send(b"\x06050\r\n", 11.0), BaudChange(9600)]
    readout = Data("0.0.0(1)\r\n1.8.0(12.5*kWh)\r\n!\r\n").to_bytes()
    assert hear(client, readout, 12.0) == [DataReceived((DataSet("0.0.0", "1"), DataSet("1.8.0", "12.5", "kWh")))]
    assert client.steps_to_take() == [Send(b"\x06", 12.0), BaudChange(300)]
    assert (client.state, client.deadline) == (ClientState.IDLE, None)


def test_a_readout_byte_by_byte(client: ClientEnd) -> None:
    client.sign_on(now=0.0)
    hear(client, b"/PLN5STS-1\r\n")
    client.request_readout(now=0.5)
    told = []
    for at, code in enumerate(Data("1.8.0(12.5*kWh)\r\n" * 500 + "!\r\n").to_bytes()):
        told += hear(client, bytes([code]), 1.0 + at / 960)
    assert told == [DataReceived((DataSet("1.8.0", "12.5", "kWh"),) * 500)]


@pytest.mark.parametrize(("line", "mode", "baud"), [(b"/ABCMeter\r\n", Mode.A, 300), (b"/ABCEMeter\r\n", Mode.B, 9600)])
def test_older_modes_read_out_by_themselves(client: ClientEnd, line: bytes, mode: Mode, baud: int) -> None:
    client.sign_on(now=0.0)
    assert hear(client, line) == [Identified(Identification("ABC", "Meter", mode, baud))]
    assert client.baud == baud
    with pytest.raises(LocalProtocolError):
        client.request_readout(now=1.0)
    assert hear(client, Data("1.8.0(1)\r\n!\r\n").to_bytes(), 1.0) == [DataReceived((DataSet("1.8.0", "1"),))]


def test_a_lower_rate_may_be_chosen(client: ClientEnd) -> None:
    client.sign_on(now=0.0)
    hear(client, b"/PLN5STS-1\r\n")
    with pytest.raises(LocalProtocolError, match="offers 9600 baud, or 300"):
        client.enter_programming(baud=19200, now=0.5)
    client.data_to_send()
    client.enter_programming(baud=300, now=0.5)
    assert client.steps_to_take() == [Send(b"\x06001\r\n", 0.5)]


@pytest.mark.parametrize("maker", ["PLN", "PLn"])
def test_the_maker_says_how_long_to_wait_before_speaking(maker: str) -> None:
    client = ClientEnd()
    client.sign_on(now=0.0)
    hear(client, f"/{maker}5STS-1\r\n".encode(), 10.0)
    client.steps_to_take()
    client.request_readout(now=10.0)
    step = client.steps_to_take()[0]
    assert isinstance(step, Send)
    assert step.not_before == (10.02 if maker == "PLn" else 10.2)


def test_passwords_and_refusals(programming: ClientEnd) -> None:
    programming.give_password(1, "wrong", now=1.0)
    assert programming.data_to_send() == Command("P", "1", "(wrong)").to_bytes()
    assert hear(programming, Data("(ERR08)").to_bytes(), 1.0) == [Refused("ERR08")]
    programming.give_password(2, "right", now=1.0)
    assert programming.data_to_send() == Command("P", "2", "(right)").to_bytes()
    assert hear(programming, b"\x06", 1.0) == [Accepted()]


@pytest.mark.parametrize("level", [0, 3])
def test_there_are_two_passwords(programming: ClientEnd, level: int) -> None:
    with pytest.raises(LocalProtocolError, match=f"no command P{level}"):
        programming.give_password(level, "1", now=1.0)


def test_a_password_is_not_quoted(programming: ClientEnd) -> None:
    with pytest.raises(LocalProtocolError) as caught:
        programming.give_password(1, "geheim!", now=1.0)
    assert "geheim" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("answer", ["1.8.0(12.5*kWh)", "(12.5*kWh)", "1-0:1.8.0*255(12.5*kWh)"])
def test_meters_name_the_register_as_they_like(programming: ClientEnd, answer: str) -> None:
    programming.read("1.8.0", now=1.0)
    assert [len(event.data_sets) for event in hear(programming, Data(answer).to_bytes(), 1.0)] == [1]


def test_the_answer_of_another_register_is_no_answer(programming: ClientEnd) -> None:
    programming.read("2.8.0", now=1.0)
    assert hear(programming, ENERGY, 1.0) == []
    assert hear(programming, Data("2.8.0(0)").to_bytes(), 1.0) == [DataReceived((DataSet("2.8.0", "0"),))]


def test_what_came_before_the_question_is_no_answer(programming: ClientEnd) -> None:
    assert hear(programming, b"\x02(1", 1.0) == []
    programming.read("1.8.0", now=1.0)
    assert hear(programming, ENERGY, 1.0) == [DataReceived((DataSet("1.8.0", "12.5", "kWh"),))]


def test_reading_in_parts(programming: ClientEnd) -> None:
    programming.read("P.98", "from;to", type="6", lines_per_part=1, now=1.0)
    assert programming.data_to_send() == Command("R", "6", "P.98(from;to)(1)").to_bytes()
    assert hear(programming, Data("P.98(1)", is_last=False).to_bytes(), 1.0) == [
        DataReceived((DataSet("P.98", "1"),), is_last=False)
    ]
    assert programming.data_to_send() == b"\x06"
    assert hear(programming, b"\x02P.98(2)\x03?", 1.0) == []
    assert programming.data_to_send() == b"\x15"
    assert hear(programming, Data("P.98(2)").to_bytes(), 1.0) == [DataReceived((DataSet("P.98", "2"),))]
    assert programming.data_to_send() == b""
    assert programming.state is ClientState.PROGRAMMING


def test_many_parts_may_each_need_a_repeat(programming: ClientEnd) -> None:
    programming.read("P.98", type="6", now=1.0)
    for number in range(10):
        for _ in range(3):
            assert hear(programming, b"\x02P.98(?)\x04?", 1.0) == []
        assert len(hear(programming, Data(f"P.98({number})", is_last=False).to_bytes(), 1.0)) == 1


def test_a_part_that_does_not_come_ends_the_session(programming: ClientEnd) -> None:
    """Whether the part or its acknowledgement was lost cannot be known: going on might leave a hole."""
    programming.read("P.98", type="6", now=1.0)
    hear(programming, Data("P.98(1)", is_last=False).to_bytes(), 1.0)
    programming.steps_to_take()
    with pytest.raises(RemoteProtocolError, match="session is over"):
        let_time_pass(programming)
    assert programming.data_to_send() == BREAK
    assert programming.state is ClientState.IDLE


def test_a_silent_meter_is_asked_four_times(client: ClientEnd) -> None:
    client.sign_on(now=0.0)
    for _ in range(3):
        assert client.data_to_send() == REQUEST
        let_time_pass(client)
    assert client.data_to_send() == REQUEST
    with pytest.raises(RemoteProtocolError, match="did not answer"):
        let_time_pass(client)
    assert (client.state, client.deadline, client.data_to_send()) == (ClientState.IDLE, None, b"")


def test_a_silent_register_is_asked_four_times_and_the_session_ended(programming: ClientEnd) -> None:
    programming.read("1.8.0", now=1.0)
    for _ in range(3):
        assert programming.data_to_send() == READ_ENERGY
        let_time_pass(programming)
    assert programming.data_to_send() == READ_ENERGY
    with pytest.raises(RemoteProtocolError):
        let_time_pass(programming)
    assert programming.data_to_send() == BREAK
    assert programming.baud == 300


def test_a_late_second_answer_is_not_taken_for_the_next(programming: ClientEnd) -> None:
    programming.read("1.8.0", now=1.0)
    let_time_pass(programming)
    programming.steps_to_take()
    moment = 3.0
    assert hear(programming, ENERGY, moment) == [DataReceived((DataSet("1.8.0", "12.5", "kWh"),))]
    programming.read("1.8.0", "yesterday", now=moment)
    (step,) = programming.steps_to_take()
    assert isinstance(step, Send)
    assert step.not_before == moment + 1.5
    assert hear(programming, ENERGY, moment + 0.1) == []
    assert hear(programming, Data("1.8.0(11.0*kWh)").to_bytes(), moment + 2) == [
        DataReceived((DataSet("1.8.0", "11.0", "kWh"),))
    ]


def test_a_write_without_answer_is_not_repeated(programming: ClientEnd) -> None:
    programming.write("1.0.0", "1", now=1.0)
    assert programming.data_to_send() == WRITE
    with pytest.raises(RemoteProtocolError, match="may have written the value or not"):
        let_time_pass(programming)
    assert programming.data_to_send() == b""
    assert programming.state is ClientState.PROGRAMMING, "so that the register can be read"
    programming.read("1.0.0", now=10.0)
    assert hear(programming, Data("1.0.0(1)").to_bytes(), 11.0) == [DataReceived((DataSet("1.0.0", "1"),))]


def test_a_write_is_repeated_when_the_meter_asks_for_it(programming: ClientEnd) -> None:
    programming.write("1.0.0", "1", now=1.0)
    for _ in range(3):
        assert programming.data_to_send() == WRITE
        assert hear(programming, b"\x15", 1.0) == []
    assert programming.data_to_send() == WRITE
    with pytest.raises(RemoteProtocolError, match="too often"):
        hear(programming, b"\x15", 1.0)
    assert programming.data_to_send() == BREAK


def test_an_error_text_that_lost_a_bit_is_no_acknowledgement(programming: ClientEnd) -> None:
    """STX and ACK differ in one bit."""
    programming.write("1.0.0", "1", now=1.0)
    assert hear(programming, b"\x06" + Data("(ERR04)").to_bytes()[1:], 1.0) == []
    assert programming.state is ClientState.WRITING


def test_an_answer_that_comes_slowly_is_waited_for(programming: ClientEnd) -> None:
    programming.read("1.8.0", now=1.0)
    for at, code in enumerate(ENERGY[:-1]):
        assert list(programming.advance(2.0 + at)) == []
        assert hear(programming, bytes([code]), 2.0 + at) == []
    assert hear(programming, ENERGY[-1:], 1.0 + len(ENERGY)) == [DataReceived((DataSet("1.8.0", "12.5", "kWh"),))]


def test_an_endless_answer_is_not_waited_for(programming: ClientEnd) -> None:
    def babble() -> None:
        for second in range(2, 3600):
            hear(programming, b"\x021.8.0(12.5*kWh)(", float(second))
            list(programming.advance(float(second)))

    programming.read("1.8.0", now=1.0)
    with pytest.raises(RemoteProtocolError):
        babble()
    assert programming.state is ClientState.IDLE


@pytest.mark.parametrize("rubbish", ["no data set", "1.8.0(1)(", "1.8.0(1)\r\n\r\n", "(" + "1" * 129 + ")"])
def test_data_that_are_none_are_asked_for_again(programming: ClientEnd, rubbish: str) -> None:
    programming.read("1.8.0", now=1.0)
    programming.steps_to_take()
    for _ in range(3):
        assert hear(programming, Data(rubbish).to_bytes(), 1.0) == []
        assert programming.data_to_send() == b"\x15"
    assert hear(programming, ENERGY, 1.0) == [DataReceived((DataSet("1.8.0", "12.5", "kWh"),))]


@pytest.mark.parametrize(
    "rubbish", [Data("1.8.0(1)\r\n"), Data("1.8.0\r\n!\r\n"), Data("1.8.0(1)\r\n!\r\n", is_last=False), Data("(ERR07)")]
)
def test_a_readout_that_is_none_is_asked_for_again_and_then_given_up(client: ClientEnd, rubbish: Data) -> None:
    client.sign_on(now=0.0)
    hear(client, b"/PLN5STS-1\r\n")
    client.request_readout(now=0.5)
    client.steps_to_take()
    for _ in range(3):
        assert hear(client, rubbish.to_bytes(), 1.0) == []
        assert client.data_to_send() == b"\x15"
    with pytest.raises(RemoteProtocolError, match="too often"):
        hear(client, rubbish.to_bytes(), 1.0)
    assert (client.state, client.baud) == (ClientState.IDLE, 300)


@pytest.mark.parametrize("rubbish", [b"\x01P0\x0200000000\x03", b"\x01P0\x03", b"\x01operand\x03"])
def test_an_operand_that_is_none_is_asked_for_again(client: ClientEnd, rubbish: bytes) -> None:
    client.sign_on(now=0.0)
    hear(client, b"/PLN5STS-1\r\n")
    client.enter_programming(now=0.5)
    client.steps_to_take()
    assert hear(client, rubbish + block_check(rubbish[1:]), 1.0) == []
    assert client.data_to_send() == b"\x15"
    assert hear(client, OPERAND, 1.0) == [OperandReceived("00000000")]


def test_a_broken_answer_to_a_write_leaves_it_open(programming: ClientEnd) -> None:
    """A repeat request might be answered with what the meter said before the write."""
    programming.write("1.0.0", "1", now=1.0)
    programming.steps_to_take()
    with pytest.raises(RemoteProtocolError, match="came broken: it may have written the value or not"):
        hear(programming, b"\x02(ERR04)\x03?", 1.0)
    assert programming.data_to_send() == b""
    assert programming.state is ClientState.PROGRAMMING


def test_a_second_identification_or_operand_says_nothing_new(programming: ClientEnd) -> None:
    assert hear(programming, b"/XYZ5STS-1\r\n" + OPERAND + ENERGY + b"\x06\x15", 1.0) == []
    assert programming.identification is not None
    assert programming.identification.maker == "PLN"
    assert programming.steps_to_take() == []


def test_the_meter_may_end_the_session(programming: ClientEnd) -> None:
    programming.give_password(1, "wrong", now=1.0)
    assert hear(programming, BREAK, 1.0) == [BrokenOff()]
    assert (programming.state, programming.baud, programming.deadline) == (ClientState.IDLE, 300, None)


def test_a_new_sign_on_ends_the_old_session(programming: ClientEnd) -> None:
    programming.sign_on("7", now=2.0)
    assert programming.steps_to_take() == [Send(BREAK, 2.0), BaudChange(300), Send(b"/?7!\r\n", 2.0)]


def test_what_does_not_fit_the_state_is_our_own_fault(client: ClientEnd) -> None:
    for act in (
        lambda: client.request_readout(now=0.0),
        lambda: client.enter_programming(now=0.0),
        lambda: client.give_password(1, "1", now=0.0),
        lambda: client.read("1.8.0", now=0.0),
        lambda: client.write("1.8.0", "1", now=0.0),
    ):
        with pytest.raises(LocalProtocolError, match="has no meter"):
            act()
    client.break_off(now=0.0)
    with pytest.raises(LocalProtocolError, match="device address"):
        client.sign_on("1" * 33, now=0.0)
    assert client.data_to_send() == b""
    assert client.state is ClientState.IDLE


def test_echoes_of_its_own_words_are_no_answers(client: ClientEnd) -> None:
    """An optical head reflects what is sent."""
    client.sign_on(now=0.0)
    assert hear(client, REQUEST + b"/PLN5STS-1\r\n") == [Identified(Identification("PLN", "STS-1", baud=9600))]
    client.enter_programming(now=0.5)
    assert hear(client, b"\x06051\r\n" + OPERAND) == [OperandReceived("00000000")]
    client.read("1.8.0", now=1.0)
    assert len(hear(client, READ_ENERGY + ENERGY, 1.0)) == 1


def test_where_a_line_takes_no_time_a_call_takes_none_and_is_repeated_once() -> None:
    client = ClientEnd(timing=Timing(reaction_minimum=0, has_line_time=False))
    client.sign_on("07022752971", now=0.0)
    assert client.deadline == 1.5
    assert list(client.advance(1.5)) == []
    assert client.deadline == 3.0
    with pytest.raises(RemoteProtocolError, match="meter 07022752971 did not answer"):
        list(client.advance(3.0))
    assert client.data_to_send() == b"/?07022752971!\r\n" * 2
