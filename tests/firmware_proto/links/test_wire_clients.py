"""Clients that vanish, come in numbers or never listen; passwords; several meters on a line."""

import os
import socket
import threading
from typing import Any

import pytest

from firmware_proto.bench import Bench
from firmware_proto.client import PortLost
from firmware_proto.links.link import Manner
from firmware_proto.links.pseudo_terminal import PtyLink
from firmware_proto.protocol import EIGHT_NONE, Timing
from firmware_proto.protocol.characters import ACK
from firmware_proto.protocol.messages import Command
from meter_emu.store import Store
from meter_emu.sts.numbers import Drn

GATEWAY = "0-0:19.40.0"
SELECT_PROGRAMMING = b"\x06051\r\n"
PASSWORD = Command("P", "1", "(00000000)").to_bytes()
READ = Command("R", "1", "0-0:96.1.0()").to_bytes()
SESSION = b"/?!\r\n" + SELECT_PROGRAMMING + PASSWORD + READ


@pytest.mark.parametrize("length", range(1, len(SESSION) + 1, 3))
def test_one_that_vanishes_anywhere_leaves_the_meter_as_it_was(
    house: Any, peer: Any, port: str, new_peer: Any, length: int
) -> None:
    before = house.meter()
    peer.send(SESSION[:length])
    peer.socket.close()
    with new_peer(port) as other:
        other.enter_programming()
        assert other.ask("R", "1", "0-0:96.1.0()") == "0-0:96.1.0(12345678911)"
    assert house.meter() == before


def test_one_that_vanishes_on_a_pty_is_no_trouble_to_the_next(house: Any, client_at: Any) -> None:
    with house.port(PtyLink(), Manner(reaction_time=0.05)) as name:
        descriptor = os.open(name, os.O_RDWR | os.O_NOCTTY)
        os.write(descriptor, b"/?!\r\n\x06050\r\n")
        os.close(descriptor)
        with client_at(name) as client:
            assert client.read("0-0:96.1.0")[0].value == "12345678911"


def test_of_two_on_a_pty_the_second_is_told(house: Any, client_at: Any) -> None:
    with house.port(PtyLink(), Manner(reaction_time=0.0)) as name, client_at(name) as one:
        with pytest.raises(PortLost, match="another program has it open"), client_at(name):
            pass
        assert one.read("0-0:96.1.0")[0].value == "12345678911"


def test_two_on_one_port_have_a_session_each(port: str, client_at: Any, new_peer: Any, credit_token: Any) -> None:
    with client_at(port) as one, new_peer(port) as other:
        assert other.sign_on().startswith(b"/PLn5")
        one.write(GATEWAY, credit_token(1))
        other.send(SELECT_PROGRAMMING)
        assert other.block().startswith(b"\x01P0")
        assert other.ask("R", "1", "0-0:96.50.0()") == "(ERR03)"
        other.send(PASSWORD)
        assert other.block() == ACK
        assert other.ask("R", "1", "0-0:96.50.0()") == "0-0:96.50.0(1)"
        assert one.read("0-0:96.50.0")[0].value == "1"


def test_one_token_from_two_at_once_counts_once(port: str, client_at: Any, credit_token: Any, house: Any) -> None:
    together = threading.Barrier(8)

    def enter() -> None:
        with client_at(port) as client:
            together.wait()
            client.write(GATEWAY, credit_token(5, amount=10))

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = house.meter().state
    assert (state.last_token.number, state.credit.balance) == (8, 10 * 360_000)


def test_one_more_than_there_is_room_for_is_closed(port: str, new_peer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firmware_proto.links.tcp.MOST_CONNECTIONS", 1)
    with new_peer(port) as one:
        assert one.sign_on()
        with new_peer(port) as two:
            assert two.receive(1) == b""
        assert one.sign_on()


def test_one_that_stops_sending_still_gets_its_answer(peer: Any) -> None:
    peer.send(b"/?!\r\n")
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.receive(100) == b"/PLn5METER-EMU 1.0\r\n"


def test_one_that_never_reads_fills_no_memory(peer: Any, port: str, new_peer: Any) -> None:
    peer.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        peer.send(b"/?!\r\n" * 10_000_000)
    with new_peer(port) as other:
        assert other.sign_on()


def test_wrong_ones_are_counted_for_good(peer: Any, house: Any) -> None:
    peer.enter_programming()
    for number in range(3):
        assert peer.ask("P", "2", "(wrong)") == "(ERR08)"
        assert house.meter().state.access.service.wrong == number + 1
    assert peer.ask("P", "2", "(11111111)") == "(ERR07)"
    house.world += 10
    assert peer.ask("P", "2", "(11111111)") == "ACK"
    assert house.meter().state.access.service.wrong == 0


def test_a_right_one_writes_nothing(peer: Any, house: Any) -> None:
    with Store(house.path) as store:
        before = store.version()
        peer.enter_programming()
        assert store.version() == before


def test_the_higher_level_stays_until_the_session_ends(peer: Any) -> None:
    peer.enter_programming(password="11111111", level=2)
    assert peer.ask("P", "1", "(00000000)") == "ACK"
    assert peer.ask("W", "1", "0-0:96.60.0(450)") == "ACK"
    peer.enter_programming()
    assert peer.ask("W", "1", "0-0:96.60.0(0)") == "(ERR03)"


DRNS = ("04176855916", "07022752971", "12345678911")


def test_the_address_selects(house: Any, new_peer: Any) -> None:
    house.install(*DRNS[:2])
    with house.port() as name, new_peer(name) as peer:
        for drn in DRNS:
            peer.enter_programming(drn)
            assert peer.ask("R", "1", "0-0:96.1.0()") == f"0-0:96.1.0({drn})"


def test_without_an_address_none_speaks(house: Any) -> None:
    house.install(*DRNS[:2])
    with Store(house.path) as store:
        line = Bench(store, store.drns(), lambda: house.world).new_line(Timing(reaction_minimum=0), EIGHT_NONE)
        assert line.receive_data(b"/?!\r\n/?99999999999!\r\n", 0.0) == []


def test_a_meter_that_is_installed_meanwhile_is_there(peer: Any, house: Any) -> None:
    assert peer.sign_on()
    house.install("04176855916")
    peer.send(b"/?!\r\n")
    # Two are there now: without an address none may answer, so what comes is the answer to the next call.
    assert peer.sign_on("04176855916")
    peer.enter_programming("04176855916")
    assert peer.ask("R", "1", "0-0:96.1.0()") == "0-0:96.1.0(04176855916)"
    peer.enter_programming("12345678911")


def test_a_meter_that_is_given_another_brand_says_so(peer: Any, house: Any) -> None:
    assert peer.sign_on() == b"/PLn5METER-EMU 1.0\r\n"
    with Store(house.path) as store:
        store.change(Drn("12345678911"), lambda meter: (meter._replace(state=meter.state._replace(profile="hexing")), [], None))
    assert peer.sign_on() == b"/HEx5METER-EMU 1.0\r\n"


def test_only_the_chosen_meters_are_there(house: Any) -> None:
    house.install("04176855916")
    with Store(house.path) as store:
        bench = Bench(store, [Drn("04176855916")], lambda: house.world)
        line = bench.new_line(Timing(reaction_minimum=0), EIGHT_NONE)
        house.install("07022752971")
        for address, count in {"": 1, "04176855916": 1, "12345678911": 0, "07022752971": 0}.items():
            assert len(line.receive_data(f"/?{address}!\r\n".encode(), 0.0)) == count
