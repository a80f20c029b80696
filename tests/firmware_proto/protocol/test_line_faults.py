"""Both ends over a line that drops, doubles, turns over, loses and delays: no wrong data, no exception but one, always a way
back to a new session."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from firmware_proto.data_set import DataSet
from firmware_proto.protocol import (
    EIGHT_NONE,
    SEVEN_EVEN,
    Accepted,
    BrokenOff,
    ClientState,
    DataReceived,
    Identified,
    MeterState,
    OperandReceived,
    Refused,
)

TOKENS = [str(i) * 20 for i in range(1, 10)]
ACTIONS = st.lists(
    st.one_of(
        st.sampled_from([("read", "1.8.0"), ("read", "2.8.0"), ("read", "9.9.9"), ("parts",), ("readout",), ("sign on",)]),
        st.tuples(st.just("write"), st.sampled_from(TOKENS)),
        st.tuples(st.just("password"), st.sampled_from(["right", "wrong"])),
    ),
    max_size=6,
)


def sign_on(bench: Any) -> None:
    bench.client.sign_on("04176855916", now=bench.now)
    bench.run()
    if bench.client.state is ClientState.IDENTIFIED:
        bench.client.enter_programming(now=bench.now)
        bench.run()


def said(events: list[Any]) -> list[Any]:
    """Without the meter's ending the session, which it may at any time."""
    return [event for event in events if event != BrokenOff()]


def check_read(bench: Any, address: str) -> None:
    bench.client.read(address, now=bench.now)
    known = address in bench.device.registers
    right = [DataSet(address, bench.device.registers[address], bench.device.units[address])] if known else None
    for event in said(bench.run()):
        if known:
            assert event == DataReceived(tuple(right or ()))
        else:
            assert event == Refused("ERR02")


def check_parts(bench: Any) -> None:
    bench.client.read("P.98", type="6", lines_per_part=6, now=bench.now)
    failures = len(bench.failures)
    events = said(bench.run())
    assert all(isinstance(event, DataReceived) for event in events)
    got = [data_set for event in events for data_set in event.data_sets]
    assert got == bench.device.log[: len(got)]
    if bench.client.state is ClientState.PROGRAMMING and len(bench.failures) == failures:
        assert got == bench.device.log
        assert [event.is_last for event in events] == [False, False, False, True]


def check_write(bench: Any, token: str) -> None:
    before = len(bench.device.writes)
    bench.client.write("0-0:19.40.0", token, now=bench.now)
    failures = len(bench.failures)
    heard = bench.run()
    events = said(heard)
    done = bench.device.writes[before:]
    assert done in ([], [("0-0:19.40.0", token)])
    assert events in ([], [Accepted()])
    if events:
        assert done
    assert heard or len(bench.failures) == failures + 1


def check_password(bench: Any, password: str) -> None:
    bench.client.give_password(1, password, now=bench.now)
    for event in said(bench.run()):
        assert event == (Accepted() if password == "right" else Refused("ERR08"))


def check_readout(bench: Any) -> None:
    bench.client.sign_on(now=bench.now)
    bench.run()
    if bench.client.state is not ClientState.IDENTIFIED:
        return
    bench.client.request_readout(now=bench.now)
    for event in said(bench.run()):
        assert event == DataReceived(tuple(bench.device.readout()))


@given(
    seed=st.integers(0, 2**32),
    share=st.sampled_from([0.05, 0.2, 0.5, 1.0]),
    has_parity=st.booleans(),
    actions=ACTIONS,
)
@example(seed=0, share=0.0, has_parity=True, actions=[("parts",), ("write", TOKENS[0]), ("password", "wrong"), ("readout",)])
def test_a_bad_line_loses_sessions_but_tells_no_lies(
    new_bench: Any, bad_line: Any, seed: int, share: float, has_parity: bool, actions: list[Any]
) -> None:
    """Without parity a message comes in one piece: there one wrong bit in the first character can look like ACK."""
    bench = new_bench(
        character_format=SEVEN_EVEN if has_parity else EIGHT_NONE, fault=bad_line(seed, share=share, cuts=has_parity)
    )
    checks = {"read": check_read, "parts": check_parts, "write": check_write, "password": check_password}
    sign_on(bench)
    for name, *arguments in actions:
        if name == "readout":
            check_readout(bench)
        elif name == "sign on":
            sign_on(bench)
        elif bench.client.state is ClientState.PROGRAMMING:
            checks[name](bench, *arguments)
    assert bench.client.deadline is None

    bench.fault = None
    bench.run(seconds=200)
    assert bench.meter.state is MeterState.WAITING
    failures = len(bench.failures)
    bench.client.sign_on(now=bench.now)
    assert bench.run() == [Identified(bench.meter.identification)]
    bench.client.enter_programming(now=bench.now)
    assert bench.run() == [OperandReceived("00000000")]
    check_read(bench, "1.8.0")
    check_parts(bench)
    check_write(bench, "12345678901234567890")
    assert len(bench.failures) == failures


def test_without_faults_nothing_fails(new_bench: Any) -> None:
    """The same checks are not empty on a good line."""
    bench = new_bench()
    sign_on(bench)
    check_read(bench, "1.8.0")
    assert len(bench.heard) == 1
    check_parts(bench)
    assert len(bench.heard) == 4
    check_password(bench, "wrong")
    assert bench.heard == [Refused("ERR08")]
    check_write(bench, TOKENS[0])
    check_readout(bench)
    assert bench.heard
    assert not bench.failures
