"""However the line cuts the bytes, at any rate, with any parity, the meter answers right; garbage is nothing to it."""

import random
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_proto.bench import Bench, Line
from firmware_proto.links.link import Manner, Parity
from firmware_proto.links.pseudo_terminal import PtyLink
from firmware_proto.protocol import EIGHT_NONE, Send, Step, Timing
from firmware_proto.protocol.characters import ACK, NAK, STX
from firmware_proto.protocol.messages import BREAK, Command
from meter_emu.store import Store

GATEWAY = "0-0:19.40.0"
PATIENCE = 20
SELECT_PROGRAMMING = b"\x06051\r\n"
PASSWORD = Command("P", "1", "(00000000)").to_bytes()
READ = Command("R", "1", "0-0:96.1.0()").to_bytes()
SESSION = b"/?!\r\n" + SELECT_PROGRAMMING + PASSWORD + READ
ANSWERS = b"/PLn5METER-EMU 1.0\r\n\x01P0\x02()\x03`" + ACK + b"\x020-0:96.1.0(12345678911)\x03"


def said(steps: list[Step]) -> bytes:
    return b"".join(step.data for step in steps if isinstance(step, Send))


@pytest.fixture(scope="module")
def split_line(tmp_path_factory: Any, new_house: Any) -> Iterator[Line]:
    house = new_house(tmp_path_factory.mktemp("split"))
    house.install("12345678911")
    with Store(house.path) as store:
        yield Bench(store, store.drns(), lambda: house.world).new_line(Timing(reaction_minimum=0), EIGHT_NONE)


def test_all_at_once(line: Line) -> None:
    assert said(line.receive_data(SESSION, 0.0)).startswith(ANSWERS)


def test_one_at_a_time(peer: Any) -> None:
    for byte in SESSION:
        peer.send(bytes((byte,)))
    assert peer.receive(len(ANSWERS)) == ANSWERS


@given(cuts=st.lists(st.integers(0, len(SESSION)), max_size=6))
def test_split_anywhere(split_line: Line, cuts: list[int]) -> None:
    split_line.receive_data(BREAK.to_bytes(), 0.0)
    borders = [0, *sorted(cuts), len(SESSION)]
    answers = b"".join(said(split_line.receive_data(SESSION[i:j], 0.0)) for i, j in pairwise(borders))
    assert answers.startswith(ANSWERS)


def test_a_wrong_check_character_is_asked_for_again(peer: Any, house: Any, credit_token: Any) -> None:
    peer.enter_programming()
    write = Command("W", "1", f"{GATEWAY}({credit_token(3)})").to_bytes()
    peer.send(write[:-1] + bytes((write[-1] ^ 1,)))
    assert peer.block() == NAK
    assert house.meter().state.last_token.number == 0
    peer.send(write)
    assert peer.block() == ACK
    assert house.meter().state.last_token.number == 1


def test_a_storm_of_repeat_requests_ends_the_session_and_no_more(peer: Any) -> None:
    peer.enter_programming()
    peer.send(NAK * 1000)
    assert b"B0" in b"".join(iter(peer.block, BREAK.to_bytes())) + BREAK.to_bytes()
    assert peer.sign_on().startswith(b"/PLn5")


def test_parity_in_software(house: Any, client_at: Any) -> None:
    with house.port(None, Manner(parity=Parity.SEVEN_EVEN)) as name, client_at(name, has_parity=True) as client:
        assert client.read("0-0:96.1.0")[0].value == "12345678911"


def test_minutes_of_it(line: Line, house: Any) -> None:
    """An hour of a line at 9600 baud, with what looks like messages in between."""
    before, randomness = house.meter(), random.Random(5)
    likely = [b"/?", STX, b"\x01W1\x02", b"\x06051\r\n", b"/?!\r\n", NAK, b"\x03", b"("]
    peak = 0
    tracemalloc.start()
    for number in range(3600):
        noise = randomness.randbytes(200) + randomness.choice(likely) * randomness.randrange(3) + randomness.randbytes(760)
        line.receive_data(noise, number * 1.0)
        if number == 60:
            tracemalloc.reset_peak()
            peak = tracemalloc.get_traced_memory()[0]
    grown = tracemalloc.get_traced_memory()[1] - peak
    tracemalloc.stop()
    assert grown < 100_000
    assert house.meter() == before
    assert said(line.receive_data(b"\r\n/?!\r\n", 4000.0)) == b"/PLn5METER-EMU 1.0\r\n"


def test_over_tcp(peer: Any) -> None:
    peer.send(random.Random(6).randbytes(1_000_000).replace(b"/?", b"//") + b"\r\n")
    assert peer.sign_on().startswith(b"/PLn5")


def test_characters_take_their_time(house: Any, new_peer: Any) -> None:
    """Counted in bytes, not in seconds: the answer to the sign-on comes in more than one piece."""
    with house.port(None, Manner(is_real_baud=True, initial_baud=1200)) as name, new_peer(name) as peer:
        peer.send(b"/?!\r\n")
        pieces = []
        while not b"".join(pieces).endswith(b"\n"):
            pieces.append(peer.socket.recv(100))
        assert len(pieces) > 3


def test_another_rate_than_the_ports_is_noise(house: Any) -> None:
    import serial

    with house.port(PtyLink(), Manner(0.0, is_real_baud=True, initial_baud=9600)) as name:
        with serial.Serial(name, 4800, timeout=PATIENCE) as port:
            port.write(b"/?!\r\n")
            assert set(port.read(20)) == {0x7F}
        with serial.Serial(name, 9600, timeout=PATIENCE) as port:
            port.write(b"/?!\r\n")
            assert port.read_until(b"\n").startswith(b"/PLn5")
            # The rate it began at is the one it comes back to.
            port.write(b"\x06050\r\n")
            assert port.read_until(b"!\r\n\x03").startswith(STX)
            port.write(ACK + b"/?!\r\n")
            assert port.read_until(b"/PLn5METER-EMU 1.0\r\n").endswith(b"\r\n")
