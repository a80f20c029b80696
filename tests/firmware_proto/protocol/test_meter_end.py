"""The meter's end, spoken to in bytes: sessions, time, repeats, bad clients, many meters on one line."""

import random
import tracemalloc
from collections.abc import Iterator

import pytest

from firmware_proto.data_set import DataSet
from firmware_proto.error_text import ErrorText
from firmware_proto.errors import LocalProtocolError
from firmware_proto.protocol import (
    SEVEN_EVEN,
    BaudChange,
    Identification,
    MeterEnd,
    MeterEvent,
    MeterState,
    Mode,
    OperandRequested,
    PasswordGiven,
    ReadoutRequested,
    ReadRequested,
    Send,
    SessionEnded,
    SignedOn,
    Timing,
    WriteRequested,
)
from firmware_proto.protocol.characters import ACK, NAK
from firmware_proto.protocol.messages import Command, Data
from firmware_proto.protocol.states import METER_OWES, METER_TABLE

ADDRESS = "04176855916"
MODE_C = Identification("PLN", "STS-1", baud=9600)
AT_ONCE = Timing(reaction_minimum=0)
REQUEST = b"/?!\r\n"
READOUT, PROGRAMMING = b"\x06050\r\n", b"\x06051\r\n"
IDENTIFICATION = b"/PLN5STS-1\r\n"
DATA_SETS = [DataSet("0.0.0", ADDRESS), DataSet("1.8.0", "001234.5", "kWh")]
READOUT_DATA = Data("0.0.0(04176855916)\r\n1.8.0(001234.5*kWh)\r\n!\r\n").to_bytes()
LOG = [DataSet("P.98", str(number)) for number in range(20)]
BREAK = b"\x01B0\x03q"


def new_meter(identification: Identification = MODE_C, timing: Timing = AT_ONCE, **options: bool) -> MeterEnd:
    return MeterEnd(identification, ADDRESS, timing=timing, **options)


def command(text: str, *, is_last: bool = True) -> bytes:
    head, _, data = text.partition(" ")
    return Command(head[0], head[1], data or None, is_last).to_bytes()


def error(text: ErrorText) -> bytes:
    return Data(f"({text})").to_bytes()


def serve(meter: MeterEnd, data: bytes, now: float = 0.0) -> bytes:
    """Hand over bytes; the device does as it is told; what the meter says."""
    answer(meter, meter.receive_data(data, now))
    return meter.data_to_send()


def answer(meter: MeterEnd, events: Iterator[MeterEvent]) -> None:
    for event in events:
        match event:
            case ReadoutRequested():
                meter.readout(DATA_SETS)
            case OperandRequested():
                meter.give_operand("00000000")
            case ReadRequested("P.98"):
                meter.reply(LOG)
            case ReadRequested(address, argument):
                meter.reply([DataSet(address, argument or "0")])
            case PasswordGiven() | WriteRequested():
                meter.acknowledge()


def signed_on(meter: MeterEnd, now: float = 0.0) -> MeterEnd:
    """The meter in programming mode."""
    assert serve(meter, REQUEST, now) == IDENTIFICATION
    assert serve(meter, PROGRAMMING, now) == command("P0 (00000000)")
    return meter


WHOLE_SESSION = b"".join(
    [
        REQUEST,
        PROGRAMMING,
        command("P1 (12345678)"),
        command("R1 1.8.0()"),
        command("W5 0-0:19.40.0(12345678901234567890)"),
        command("R6 P.98(from;to)(10)"),
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
        command("P0 (00000000)"),
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
def test_a_session_however_it_is_cut(size: int) -> None:
    meter = new_meter()
    pieces = [WHOLE_SESSION[begin : begin + size] for begin in range(0, len(WHOLE_SESSION), size)]
    assert b"".join(serve(meter, piece) for piece in pieces) == WHOLE_ANSWER
    assert meter.state is MeterState.WAITING


def test_a_session_split_anywhere() -> None:
    for cut in range(len(WHOLE_SESSION)):
        meter = new_meter()
        assert serve(meter, WHOLE_SESSION[:cut]) + serve(meter, WHOLE_SESSION[cut:]) == WHOLE_ANSWER


def test_a_session_with_parity() -> None:
    meter = MeterEnd(MODE_C, ADDRESS, timing=AT_ONCE, character_format=SEVEN_EVEN)
    answer_ = serve(meter, SEVEN_EVEN.encode(WHOLE_SESSION))
    assert SEVEN_EVEN.decode(answer_) == WHOLE_ANSWER
    assert serve(meter, REQUEST) == b"", "without parity bits half of the characters are wrong"


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_on_a_line_that_gives_back_what_is_sent_the_meter_passes_over_its_own_words(size: int) -> None:
    """P0, a NAK and B0 are ones that it would hear, were they a client's."""
    meter, said = new_meter(), b""
    broken = command("R1 1.8.0()")[:-1] + b"?"
    for message in (REQUEST, PROGRAMMING, broken, command("R1 1.8.0()"), command("X1 1()"), broken, NAK, BREAK, REQUEST):
        answered = serve(meter, message)
        for begin in range(0, len(answered), size):
            assert serve(meter, answered[begin : begin + size]) == b""
        said += answered
    data = Data("1.8.0(0)").to_bytes()
    error = Data("(ERR01)").to_bytes()
    assert said == IDENTIFICATION + command("P0 (00000000)") + NAK + data + error + NAK + error + IDENTIFICATION


def test_a_client_that_begins_with_the_meters_own_words_is_heard() -> None:
    meter = new_meter()
    assert serve(meter, REQUEST) == IDENTIFICATION
    assert serve(meter, IDENTIFICATION[:1]) == b""
    assert serve(meter, REQUEST[1:]) == IDENTIFICATION


def test_what_the_device_is_told() -> None:
    meter = new_meter()
    told = []
    for event in meter.receive_data(WHOLE_SESSION, 0.0):
        told.append(event)
        answer(meter, iter([event]))
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


def test_the_line_changes_its_rate_around_the_session() -> None:
    meter = new_meter(timing=Timing())
    list(meter.receive_data(REQUEST, 10.0))
    assert meter.steps_to_take() == [Send(IDENTIFICATION, 10.2)]
    answer(meter, meter.receive_data(b"\x06040\r\n", 11.0))
    assert meter.steps_to_take() == [BaudChange(4800), Send(READOUT_DATA, 11.2)]
    assert meter.baud == 4800
    list(meter.receive_data(ACK, 12.0))
    assert meter.steps_to_take() == [BaudChange(300)]


def test_a_small_third_letter_promises_quick_reactions() -> None:
    meter = new_meter(Identification("PLn", "STS-1"), timing=Timing())
    list(meter.receive_data(REQUEST, 10.0))
    assert meter.steps_to_take() == [Send(b"/PLn0STS-1\r\n", 10.02)]


def test_a_client_is_left_time_to_reopen_its_port_and_only_there() -> None:
    meter = new_meter(Identification("PLn", "STS-1", baud=9600), timing=Timing(reopening=0.3))
    answer(meter, meter.receive_data(REQUEST, 10.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [10.02]
    answer(meter, meter.receive_data(PROGRAMMING, 11.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [11.3]
    answer(meter, meter.receive_data(command("R1 1.8.0()"), 12.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [12.02]


def test_in_mode_b_the_time_to_reopen_begins_when_the_identification_is_out() -> None:
    meter = new_meter(Identification("PLn", "STS-1", Mode.B, 2400), timing=Timing(reopening=0.3))
    answer(meter, meter.receive_data(REQUEST, 10.0))
    assert [step.not_before for step in meter.steps_to_take() if isinstance(step, Send)] == [
        10.02,
        pytest.approx(10.02 + len(b"/PLnCSTS-1\r\n") * 10 / 300 + 0.3),
    ]


def test_waiting_begins_when_the_last_character_is_out() -> None:
    """At 300 baud a readout takes long; the client can only answer then. Where it answers sooner, the line has no line time."""
    meter = new_meter(timing=Timing())
    serve(meter, REQUEST, 10.0)
    serve(meter, b"\x06000\r\n", 11.0)
    assert meter.deadline == pytest.approx(11.2 + len(READOUT_DATA) * 10 / 300 + 1.5)
    serve(meter, NAK, 11.3)
    assert meter.deadline == pytest.approx(11.5 + len(READOUT_DATA) * 10 / 300 + 1.5)


def test_what_comes_before_the_answer_went_out_is_noise() -> None:
    """A doubled NAK brings one repeat, since the line is half duplex."""
    meter = new_meter(timing=Timing())
    serve(meter, REQUEST, 1.0)
    serve(meter, PROGRAMMING, 2.0)
    list(meter.receive_data(NAK * 2, 10.0))
    assert meter.steps_to_take() == [Send(command("P0 (00000000)"), 10.2)]
    list(meter.receive_data(NAK + command("R1 1.8.0()"), 10.1))
    assert meter.steps_to_take() == []
    list(meter.receive_data(NAK, 10.3))
    assert meter.steps_to_take() == [Send(command("P0 (00000000)"), 10.5)]


@pytest.mark.parametrize("option", ["150", "060", "070", "0E0", "052", "055"])
def test_an_option_the_meter_does_not_offer_ends_the_session_in_silence(option: str) -> None:
    meter = new_meter()
    serve(meter, REQUEST)
    assert serve(meter, b"\x06" + option.encode() + b"\r\n") == b""
    assert meter.state is MeterState.WAITING
    assert meter.steps_to_take() == []


def test_the_makers_own_readouts() -> None:
    meter = new_meter()
    serve(meter, REQUEST)
    assert list(meter.receive_data(b"\x06057\r\n", 0.0)) == [ReadoutRequested("7")]


def test_mode_a_reads_out_by_itself_at_300_baud() -> None:
    meter = new_meter(Identification("PLN", "STS-1", Mode.A))
    answer(meter, meter.receive_data(REQUEST, 0.0))
    assert [step for step in meter.steps_to_take() if isinstance(step, BaudChange)] == []
    assert serve(meter, NAK) == READOUT_DATA
    assert serve(meter, ACK) == b""
    assert meter.state is MeterState.WAITING


def test_mode_a_stays_at_the_rate_it_began_with() -> None:
    meter = MeterEnd(Identification("PLN", "STS-1", Mode.A), ADDRESS, timing=AT_ONCE, initial_baud=9600)
    answer(meter, meter.receive_data(REQUEST, 0.0))
    assert [step for step in meter.steps_to_take() if isinstance(step, BaudChange)] == []


def test_mode_b_changes_over_by_itself() -> None:
    meter = new_meter(Identification("PLN", "STS-1", Mode.B, 2400))
    answer(meter, meter.receive_data(REQUEST, 0.0))
    identified, change, readout = meter.steps_to_take()
    assert isinstance(identified, Send)
    assert isinstance(readout, Send)
    assert (identified.data, change, readout.data) == (b"/PLNCSTS-1\r\n", BaudChange(2400), READOUT_DATA)


@pytest.mark.parametrize(
    "address", ["", "04176855916", "4176855916", "00000000004176855916", "00000000000000000000004176855916"]
)
def test_the_device_address_calls_the_meter(address: str) -> None:
    assert serve(new_meter(), f"/?{address}!\r\n".encode()) == IDENTIFICATION


@pytest.mark.parametrize(
    "request_",
    [b"/?04176855917!\r\n", b"/?41768559160!\r\n", b"/?0!\r\n", b"/?4-1!\r\n", b"/?!\n", b"/?\r\n", b"/!\r\n", b"?!\r\n"],
)
def test_another_address_or_no_request_is_met_with_silence(request_: bytes) -> None:
    meter = new_meter()
    assert serve(meter, request_) == b""
    assert meter.state is MeterState.WAITING
    assert serve(meter, REQUEST) == IDENTIFICATION


def test_wake_up_characters_are_passed_over() -> None:
    assert serve(new_meter(), bytes(70) + REQUEST) == IDENTIFICATION


def test_of_several_meters_on_a_line_only_the_called_one_speaks() -> None:
    names = ["04176855916", "07022752971", "01325938973"]
    meters = {name: MeterEnd(MODE_C, name, timing=AT_ONCE, answers_without_address=False) for name in names}

    def say(data: bytes) -> dict[str, bytes]:
        said = {name: serve(meter, data) for name, meter in meters.items()}
        spoken = {name: text for name, text in said.items() if text}
        for name, text in spoken.items():
            for other in set(names) - {name}:
                assert serve(meters[other], text) == b"", "everyone hears everyone"
        return spoken

    assert say(REQUEST) == {}
    for name in names:
        assert list(say(f"/?{name}!\r\n".encode())) == [name]
        assert list(say(PROGRAMMING)) == [name]
        assert say(command("P1 (1)")) == {name: ACK}
        assert say(command("R1 1.8.0()")) == {name: Data("1.8.0(0)").to_bytes()}
    assert [meter.state for meter in meters.values()] == [MeterState.WAITING, MeterState.WAITING, MeterState.PROGRAMMING]
    assert [meter.baud for meter in meters.values()] == [300, 300, 9600]


STATES: dict[MeterState, list[bytes]] = {
    MeterState.IDENTIFIED: [REQUEST],
    MeterState.READ_OUT: [REQUEST, READOUT],
    MeterState.PROGRAMMING: [REQUEST, PROGRAMMING],
    MeterState.PART_SENT: [REQUEST, PROGRAMMING, command("R6 P.98()")],
}
"""The states in which the client has the word, and how to get there."""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "last_words", [b"", b"/", b"\x01", b"\x01R1\x021.8.0(", b"\x01W1\x02x(1)\x03", b"\x06", b"\x060", b"/?0417"]
)
def test_a_client_that_vanishes_is_forgotten(state: MeterState, last_words: bytes) -> None:
    """Whatever it said last, the meter is back within the time of inactivity and hears the next client at 300 baud."""
    meter = new_meter(timing=Timing())
    now = 0.0
    for message in STATES[state]:
        now += 1.0
        serve(meter, message, now)
    assert meter.state is state
    serve(meter, last_words, now + 1.0)
    while (deadline := meter.deadline) is not None:
        assert deadline <= now + 70
        answer(meter, meter.advance(deadline - 0.001))
        assert meter.state is not MeterState.WAITING
        answer(meter, meter.advance(deadline))
    assert meter.state is MeterState.WAITING
    assert meter.baud == 300
    assert serve(meter, REQUEST, now + 100) == IDENTIFICATION


@pytest.mark.parametrize("state", STATES)
def test_a_request_begins_a_new_session_in_any_state(state: MeterState) -> None:
    meter = new_meter()
    for message in STATES[state]:
        serve(meter, message)
    events = list(meter.receive_data(b"\x01R1\x02half" + REQUEST, 0.0))
    assert events == [SessionEnded("the client signed on anew"), SignedOn("")]
    assert (meter.state, meter.baud) == (MeterState.IDENTIFIED, 300)


@pytest.mark.parametrize("state", STATES)
def test_the_meter_can_end_a_session_in_any_state(state: MeterState) -> None:
    meter = new_meter()
    for message in STATES[state]:
        serve(meter, message)
    meter.break_off()
    assert (meter.data_to_send(), meter.state, meter.baud) == (BREAK, MeterState.WAITING, 300)
    assert meter.next_event() == SessionEnded("the meter ended it")
    meter.break_off()
    assert meter.data_to_send() == b""


def test_commands_before_the_sign_on_are_not_heard() -> None:
    meter = new_meter()
    assert serve(meter, command("P1 (1)") + command("R1 1.8.0()") + ACK + NAK + READOUT + BREAK) == b""
    assert meter.state is MeterState.WAITING


def test_a_readout_is_repeated_on_request_but_not_for_ever() -> None:
    meter = new_meter()
    serve(meter, REQUEST)
    assert serve(meter, READOUT) == READOUT_DATA
    for _ in range(3):
        assert serve(meter, NAK) == READOUT_DATA
    assert serve(meter, NAK) == b""
    assert meter.state is MeterState.WAITING


@pytest.mark.parametrize("storm", [NAK, b"\x01R1\x021.8.0()\x03?"], ids=["NAK", "wrong BCC"])
def test_a_storm_ends_the_session_and_nothing_more(storm: bytes) -> None:
    meter = signed_on(new_meter())
    said = [serve(meter, storm) for _ in range(1000)]
    assert said[3:5] == [BREAK, b""]
    assert not any(said[4:])
    assert meter.state is MeterState.WAITING
    assert serve(meter, REQUEST) == IDENTIFICATION


def test_a_storm_in_one_piece() -> None:
    meter = signed_on(new_meter())
    assert serve(meter, NAK * 1000) == command("P0 (00000000)") * 3 + BREAK


def test_a_good_command_forgives_the_bad_ones() -> None:
    meter = signed_on(new_meter())
    for _ in range(10):
        assert serve(meter, b"\x01R1\x021.8.0()\x03?" * 3) == NAK * 3
        assert serve(meter, command("R1 1.8.0()")) == Data("1.8.0(0)").to_bytes()


def test_the_last_answer_is_repeated_and_nothing_done_twice() -> None:
    meter = signed_on(new_meter())
    assert serve(meter, command("W1 0-0:19.40.0(12345678901234567890)")) == ACK
    assert list(meter.receive_data(NAK, 0.0)) == []
    assert meter.data_to_send() == ACK


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
def test_what_is_no_command_is_refused_by_the_end_itself(text: str, refusal: ErrorText) -> None:
    meter = signed_on(new_meter())
    assert list(meter.receive_data(command(text), 0.0)) == []
    assert meter.data_to_send() == error(refusal)
    assert serve(meter, command("R1 1.8.0()")) == Data("1.8.0(0)").to_bytes()


@pytest.mark.parametrize("text", ["R1 1.8.0()", "P1 (1)", "R6 P.98()"])
def test_only_what_is_written_comes_in_parts(text: str) -> None:
    meter = signed_on(new_meter())
    assert serve(meter, command(text, is_last=False)) == error(ErrorText.MALFORMED_VALUE)


def test_a_block_too_long_for_a_command_is_broken() -> None:
    meter = signed_on(new_meter())
    assert serve(meter, b"\x01W1\x02" + b"1" * 2000) == NAK
    assert serve(meter, b"\x03?" + command("R1 1.8.0()")) == Data("1.8.0(0)").to_bytes()


def test_parts_are_repeated_on_request() -> None:
    meter = signed_on(new_meter())
    first = serve(meter, command("R6 P.98()(10)"))
    assert serve(meter, NAK) == first
    second = serve(meter, ACK)
    assert second == Data("\r\n".join(map(str, LOG[10:]))).to_bytes()
    assert serve(meter, NAK) == second
    assert serve(meter, ACK) == b""
    assert meter.state is MeterState.PROGRAMMING


@pytest.mark.parametrize(
    ("asked", "parts"), [("", 3), ("()", 3), ("(1)", 20), ("(0)", 20), ("(20)", 1), ("(999999)", 1), ("(x)", 3)]
)
def test_the_client_says_how_long_parts_are(asked: str, parts: int) -> None:
    meter = signed_on(new_meter())
    said = [serve(meter, command(f"R3 P.98(){asked}"))]
    while meter.state is MeterState.PART_SENT:
        said.append(serve(meter, ACK))
    assert [chr(part[-2]) for part in said] == ["\x04"] * (parts - 1) + ["\x03"]


def test_an_empty_log_is_one_part() -> None:
    meter = signed_on(new_meter())
    list(meter.receive_data(command("R6 P.98()"), 0.0))
    meter.reply([])
    assert meter.data_to_send() == Data("").to_bytes()


def test_a_value_is_written_in_parts() -> None:
    meter = signed_on(new_meter())
    for part in ("1.0.0(1)\r\n", "1.0.1(2)\r\n"):
        assert serve(meter, command(f"W3 {part}", is_last=False)) == ACK
    assert list(meter.receive_data(command("W3 1.0.2(3)"), 0.0)) == [
        WriteRequested((DataSet("1.0.0", "1"), DataSet("1.0.1", "2"), DataSet("1.0.2", "3")), "3")
    ]


def test_parts_without_end_are_refused() -> None:
    meter = signed_on(new_meter())
    part = command("W3 1.0.0(" + "1" * 100 + ")\r\n", is_last=False)
    said = [serve(meter, part) for _ in range(100)]
    assert set(said) == {ACK, error(ErrorText.MALFORMED_VALUE)}
    assert list(meter.receive_data(command("W3 1.0.2(3)"), 0.0))


def test_a_refusal_may_say_anything_short() -> None:
    meter = signed_on(new_meter())
    list(meter.receive_data(command("R1 9.9.9()"), 0.0))
    with pytest.raises(LocalProtocolError, match="at most 32"):
        meter.refuse("E" * 33)
    with pytest.raises(LocalProtocolError, match="not allowed"):
        meter.refuse("(no)")
    meter.refuse("ERROR")
    assert meter.data_to_send() == Data("(ERROR)").to_bytes()


def test_an_answer_nobody_asked_for_is_our_own_fault() -> None:
    meter = signed_on(new_meter())
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


def test_answers_that_fail_leave_the_question_open() -> None:
    meter = new_meter()
    serve(meter, REQUEST)
    list(meter.receive_data(READOUT, 0.0))
    with pytest.raises(LocalProtocolError):
        meter.readout([DataSet("1.8.0", "1" * 40)])
    meter.readout(DATA_SETS)
    assert meter.data_to_send() == READOUT_DATA


def test_what_no_client_could_call() -> None:
    with pytest.raises(LocalProtocolError, match="device address"):
        MeterEnd(Identification("PLN", "STS-1"), "04176-855916")


@pytest.mark.parametrize("state", [MeterState.WAITING, *STATES])
def test_minutes_of_garbage_leave_the_meter_as_it_was(state: MeterState) -> None:
    """Ten minutes at 19200 baud: over a megabyte. What was a session ends by itself; memory does not grow."""
    meter = new_meter(timing=Timing())
    for message in STATES.get(state, []):
        serve(meter, message)
    noise = random.Random(7)
    starts = b"/\x01\x02\x06\x15\x03\x04?!"
    tracemalloc.start()
    try:
        for tenth in range(6000):
            chunk = noise.randbytes(180) + bytes(noise.choices(starts, k=12))
            now = 1.0 + tenth / 10
            answer(meter, meter.receive_data(chunk, now))
            answer(meter, meter.advance(now))
            meter.steps_to_take()
            if tenth == 100:
                before, _ = tracemalloc.get_traced_memory()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 16 * 1024
    assert meter.state is MeterState.WAITING
    assert serve(meter, REQUEST, 700.0) == IDENTIFICATION


def test_what_comes_while_the_device_is_busy_is_bounded() -> None:
    meter = signed_on(new_meter())
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
