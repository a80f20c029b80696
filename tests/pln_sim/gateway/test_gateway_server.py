"""The gateway as a process, through raw sockets: framing, faults, stalled and broken peers, signals."""

import json
import re
import signal
import socket
import time
import urllib.request

import pytest

from pln_sim.gateway.messages import Mti, read, table, write

INQUIRY, PURCHASE = Mti.INQUIRY_REQUEST, Mti.PURCHASE_REQUEST
ADVICE, REPEAT = Mti.ADVICE_REQUEST, Mti.ADVICE_REPEAT_REQUEST
METER = "14100000109"
LOST, LOST_TWICE, LATE = "99000300014", "99000300022", "99000300048"
CUT_BEFORE, CUT_AFTER, SLOW, GARBAGE = "99000300055", "99000300063", "99000300071", "99000300089"
SHORT_SECONDS = 0.1
KILLED_BEFORE_REPLY = """
import os, signal
from pln_sim.cli.main import main
from pln_sim.gateway.connection import Connection

deliver = Connection._deliver

def struck(connection, reply, fault):
    if reply.startswith(b"2210"):
        os.kill(os.getpid(), signal.SIGKILL)
    deliver(connection, reply, fault)

Connection._deliver = struck
main()
"""
TOLD_BEFORE_REPLY = """
import sys, time
from pln_sim.cli.main import main
from pln_sim.gateway.desk import Desk

answer = Desk.answer

def slow(desk, request, *others):
    if request.mti == "2200":
        print("working", flush=True)
        time.sleep(0.3)
    return answer(desk, request, *others)

Desk.answer = slow
main()
"""


def is_open(peer, helpers):
    return peer.ask(helpers.sign_on(action="301")).is_successful


def test_buying_over_a_socket(shared, helpers):
    peer = shared.peer().sign_on()
    reference = peer.inquire(meter=METER)
    sold = peer.ask(helpers.request(PURCHASE, reference=reference, meter=METER))
    assert sold.is_successful
    assert helpers.opened(sold[table.TOKEN], METER)["amount"] * 10 == sold[table.ENERGY].in_units(2)


def test_byte_by_byte(shared, helpers):
    peer = shared.peer()
    for byte in write(helpers.sign_on()) + b"\xff":
        peer.socket.sendall(bytes((byte,)))
    assert read(peer.stream()).is_successful


def test_many_messages_in_one_segment(shared, helpers):
    peer = shared.peer()
    traces = [f"{number:012}" for number in range(20)]
    peer.send(helpers.sign_on(), *(helpers.request(INQUIRY, meter=METER, trace_number=trace) for trace in traces))
    assert read(peer.stream()).is_successful
    replies = [read(peer.stream()) for _ in traces]
    assert [reply[table.TRACE_NUMBER] for reply in replies] == traces
    assert len({reply[table.PLN_REFERENCE] for reply in replies}) == len(traces)


def test_each_connection_is_signed_on_by_itself(shared, helpers):
    one, other = shared.peer().sign_on(), shared.peer()
    assert other.ask(helpers.request(INQUIRY, meter=METER))[table.RESPONSE_CODE] == "0011"
    other.sign_on("10000D4")
    assert one.ask(helpers.request(INQUIRY, meter=METER)).is_successful
    reference = one.inquire(meter=METER)
    theirs = {"switcher_id": "10000D4", "bank_code": "0010000", "meter": METER, "reference": reference}
    assert other.ask(helpers.request(PURCHASE, **theirs))[table.RESPONSE_CODE] == "0097"
    assert one.ask(helpers.request(PURCHASE, reference=reference, meter=METER)).is_successful


@pytest.mark.parametrize(
    "improper", [b"", b"garbage", b"\x00\xfe\r\n", b"2200", b"9" * 4096, b"2810001000000301000020080502072300"]
)
def test_improper_messages_come_back_as_they_were(shared, helpers, improper):
    peer = shared.peer()
    peer.send(improper)
    assert peer.stream() == improper
    assert is_open(peer, helpers)


def test_response_type_from_a_peer_comes_back(shared, helpers):
    peer = shared.peer()
    peer.send(helpers.sign_on())
    reply = peer.stream()
    peer.send(reply)
    assert peer.stream() == reply


def test_oversized_message_closes_its_connection_alone(shared, helpers):
    peer, other = shared.peer(), shared.peer()
    peer.socket.sendall(b"2" * 5000)
    assert peer.stream() is None
    assert is_open(other, helpers)


def test_lost_reply_then_advice(shared, helpers):
    peer = shared.peer().sign_on()
    order = {"meter": LOST, "reference": peer.inquire(meter=LOST)}
    peer.send(helpers.request(PURCHASE, **order))
    told = peer.ask(helpers.request(ADVICE, **order))
    assert (told.mti, told.is_successful) == ("2230", True)


def test_lost_reply_and_lost_advice_then_repeat(shared, helpers):
    peer = shared.peer().sign_on()
    order = {"meter": LOST_TWICE, "reference": peer.inquire(meter=LOST_TWICE)}
    peer.send(helpers.request(PURCHASE, **order), helpers.request(ADVICE, **order), helpers.request(REPEAT, **order))
    told = read(peer.stream())
    assert (told.mti, told.is_successful) == ("2231", True)


def test_late_reply_is_overtaken(shared, helpers):
    peer = shared.peer().sign_on()
    order = {"meter": LATE, "reference": peer.inquire(meter=LATE)}
    peer.send(helpers.request(PURCHASE, **order), helpers.request(ADVICE, **order))
    first, second = read(peer.stream()), read(peer.stream())
    assert (first.mti, second.mti) == ("2230", "2210")
    assert first[table.TOKEN] == second[table.TOKEN]


@pytest.mark.parametrize(("meter", "code"), [(CUT_BEFORE, "0096"), (CUT_AFTER, "0000")])
def test_connection_cut_before_or_after_the_commit(shared, helpers, meter, code):
    peer = shared.peer().sign_on()
    order = {"meter": meter, "reference": peer.inquire(meter=meter)}
    peer.send(helpers.request(PURCHASE, **order))
    assert peer.stream() is None
    again = shared.peer().sign_on()
    assert again.ask(helpers.request(ADVICE, **order))[table.RESPONSE_CODE] == code


def test_garbage_then_advice(shared, helpers):
    peer = shared.peer().sign_on()
    order = {"meter": GARBAGE, "reference": peer.inquire(meter=GARBAGE)}
    peer.send(helpers.request(PURCHASE, **order))
    with pytest.raises(ValueError, match=r".+"):
        read(peer.stream())
    assert peer.ask(helpers.request(ADVICE, **order)).is_successful


def test_stalled_peers_lose_their_connection_alone(start, helpers):
    gateway = start("--read-timeout", str(SHORT_SECONDS), "--seed", "1")
    stalled, trickling, resting = gateway.peer(), gateway.peer(), gateway.peer()
    assert is_open(resting, helpers)
    stalled.socket.sendall(b"28")
    deadline = time.monotonic() + 20
    trickling.socket.settimeout(SHORT_SECONDS / 10)
    ended = False
    while not ended and time.monotonic() < deadline:
        try:
            trickling.socket.sendall(b"2")
            ended = trickling.socket.recv(1) == b""
        except TimeoutError:
            pass
        except ConnectionError:
            ended = True
    assert ended
    assert stalled.stream() is None
    assert is_open(resting, helpers)


def test_connection_too_many_is_refused(start, helpers):
    gateway = start("--connections", "1")
    first, second = gateway.peer(), gateway.peer()
    assert is_open(first, helpers)
    assert second.stream() is None
    assert is_open(first, helpers)


def test_a_peer_that_does_not_read_loses_its_connection_alone(start, helpers):
    gateway = start("--read-timeout", "1")
    greedy, other = gateway.peer(), gateway.peer()
    greedy.socket.settimeout(SHORT_SECONDS)
    is_taken = True
    while is_taken:  # until its window is full of echoes, and the gateway takes no more of it
        try:
            greedy.socket.sendall((b"A" * 4000 + b"\xff") * 10)
        except TimeoutError:
            is_taken = False
        assert is_open(other, helpers)
    gateway.wait_for('why="too slow"')
    assert is_open(other, helpers)


def test_slow_bytes(start, helpers):
    gateway = start()
    peer = gateway.peer().sign_on()
    order = {"meter": SLOW, "reference": peer.inquire(meter=SLOW)}
    peer.send(helpers.request(PURCHASE, **order))
    assert len(peer.socket.recv(4096)) < 50  # the start of it
    other = gateway.peer().sign_on()
    assert other.ask(helpers.request(ADVICE, **order)).is_successful


def test_sigterm_finishes_what_is_under_way(start, helpers):
    gateway = start(program=("-c", TOLD_BEFORE_REPLY))
    buyer, resting = gateway.peer().sign_on(), gateway.peer()
    assert is_open(resting, helpers)
    order = {"meter": METER, "reference": buyer.inquire(meter=METER)}
    buyer.send(helpers.request(PURCHASE, **order))
    assert gateway.process.stdout.readline() == "working\n"
    gateway.process.send_signal(signal.SIGTERM)
    assert read(buyer.stream()).is_successful
    assert (buyer.stream(), resting.stream()) == (None, None)
    assert gateway.process.wait(20) == 0
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", gateway.port))


def test_killed_between_commit_and_reply(start, helpers):
    gateway = start(program=("-c", KILLED_BEFORE_REPLY))
    peer = gateway.peer().sign_on()
    order = {"meter": METER, "reference": peer.inquire(meter=METER)}
    peer.send(helpers.request(PURCHASE, **order))
    assert peer.stream() is None
    assert gateway.process.wait(20) == -signal.SIGKILL
    again = start().peer().sign_on()
    told = [again.ask(helpers.request(mti, **order)) for mti in (ADVICE, REPEAT)]
    assert len({reply[table.TOKEN] for reply in told}) == 1
    helpers.opened(told[0][table.TOKEN], METER)
    assert again.ask(helpers.request(PURCHASE, **order))[table.RESPONSE_CODE] == "0098"
    another = {"meter": METER, "reference": again.inquire(meter=METER)}
    assert again.ask(helpers.request(PURCHASE, **another))[table.TOKEN] != told[0][table.TOKEN]


def test_killed_before_the_purchase_arrives(start, helpers):
    gateway = start()
    order = {"meter": METER, "reference": gateway.peer().sign_on().inquire(meter=METER)}
    gateway.kill()
    again = start().peer().sign_on()
    assert again.ask(helpers.request(ADVICE, **order))[table.RESPONSE_CODE] == "0096"
    assert again.ask(helpers.request(PURCHASE, **order))[table.RESPONSE_CODE] == "0098"


@pytest.mark.parametrize("seen", [0, 7])
def test_killed_amid_many_purchases(start, helpers, seen):
    gateway = start()
    buyers = [gateway.peer().sign_on() for _ in range(4)]
    order = {"meter": METER, "paid": 5000}
    orders = [[order | {"reference": buyer.inquire(**order)} for _ in range(5)] for buyer in buyers]
    for buyer, mine in zip(buyers, orders, strict=True):
        buyer.send(*(helpers.request(PURCHASE, **order) for order in mine))
    replies = [read(buyers[number % 4].stream()) for number in range(seen)]
    gateway.kill()
    again = start().peer().sign_on()
    told = [again.ask(helpers.request(ADVICE, **order)) for mine in orders for order in mine]
    tokens = {reply[table.PLN_REFERENCE]: reply[table.TOKEN] for reply in told if reply.is_successful}
    assert len(set(tokens.values())) == len(tokens)
    assert {reply[table.RESPONSE_CODE] for reply in told} <= {"0000", "0096"}
    assert all(tokens[reply[table.PLN_REFERENCE]] == reply[table.TOKEN] for reply in replies)
    for order in (order for mine in orders for order in mine):
        assert again.ask(helpers.request(PURCHASE, **order))[table.RESPONSE_CODE] == "0098"


def test_log_is_key_value_and_tells_no_token(start, helpers):
    gateway = start()
    peer = gateway.peer().sign_on()
    order = {"meter": METER, "reference": peer.inquire(meter=METER)}
    sold = peer.ask(helpers.request(PURCHASE, **order))
    token = sold[table.TOKEN].encode()
    # Parts of it where a type, a bit map and a length ought to be.
    begun = (b"\nlevel=INFO event=forged ", b"", b"2200", b"2800001000000101000020080502072300001999")
    improper = [beginning + token for beginning in begun]
    peer.send(*improper)
    assert [peer.stream() for _ in improper] == improper
    assert gateway.terminate() == 0
    lines = [line for line in gateway.log.splitlines() if not line.startswith("note: ")]
    assert lines
    assert all(re.fullmatch(r'at=\S+ level=\S+ event=\S+( \w+=([\w.,:/+@\[\]-]+|"([^"\\]|\\.)*"))*', line) for line in lines)
    assert any("event=answered" in line and "mti=2200 code=0000" in line and f"meter={METER}" in line for line in lines)
    # Where it was wrong is told, what stood there is not.
    echoed = [line.partition(" where=")[2] for line in lines if "event=echoed" in line]
    assert echoed == ['"at byte 0"', '"mti at byte 0"', '"2200 bit_map at byte 4"', '"2800 field 48 at byte 37"']
    assert sold[table.TOKEN] not in gateway.log
    assert order["reference"] not in gateway.log
    assert "forged" not in gateway.log


def test_faults_by_rate_can_be_repeated(start, helpers):
    seen = []
    for _ in range(2):
        gateway = start("--fault", "garbage=0.5", "--seed", "7")
        peer = gateway.peer().sign_on()
        peer.send(*(helpers.request(INQUIRY, meter=METER) for _ in range(12)))
        seen.append([peer.stream().startswith(b"2110") for _ in range(12)])
        gateway.kill()
    assert seen[0] == seen[1]
    assert len(set(seen[0])) == 2


def test_metrics(start, helpers):
    gateway = start("--metrics", "127.0.0.1:0", "--honest-bit-map")
    peer = gateway.peer().sign_on()
    peer.send(helpers.request(INQUIRY, meter=METER))
    assert peer.stream().startswith(b"21105030004102010000")
    address = gateway.said[0].removeprefix("metrics on ")
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=20) as page:
        text = page.read().decode()
    assert 'pln_sim_gateway_answers_total{mti="2100",code="0000"} 1' in text.splitlines()
    assert "pln_sim_gateway_connections 1" in text.splitlines()


@pytest.mark.parametrize("address", ["0.0.0.0:0", "192.0.2.1:63100", "gateway.example:63100", "[::]:0"])
def test_other_machines_are_kept_out_unless_told(pln_sim, address):
    assert "--allow-remote" in pln_sim.complaint("gateway", "--listen", address)
    assert "loopback" in pln_sim.complaint("gateway", "--metrics", address)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--listen", "63100"),
        ("--listen", "127.0.0.1:65536"),
        ("--fault", "lost-reply"),
        ("--fault", "lost-replies=0.1"),
        ("--fault", "lost-reply=nan"),
        ("--fault", "lost-reply=1.1"),
        ("--fault", "lost-reply=0.6", "--fault", "garbage=0.5"),
        ("--late-seconds", "nan"),
        ("--read-timeout", "nan"),
        ("--idle-timeout", "nan"),
        ("--idle-timeout", "inf"),
    ],
)
def test_wrong_options_are_one_line(pln_sim, arguments):
    pln_sim.complaint("gateway", *arguments)


def test_list_of_test_meters(pln_sim):
    result = pln_sim("gateway", "--list-test-meters")
    assert result.exit_code == 0
    assert f"{LOST}  2200: the request is carried out, and no reply is ever sent" in result.stdout.splitlines()
    listed = [json.loads(line) for line in pln_sim("gateway", "--list-test-meters", "--json").stdout.splitlines()]
    assert len(listed) == len(result.stdout.splitlines())


def test_port_in_use_and_foreign_database_are_one_line(start, pln_sim, tmp_path):
    gateway = start()
    database = tmp_path / "other.db"
    complaint = pln_sim.complaint("gateway", "--listen", f"127.0.0.1:{gateway.port}", "--db", database, exit_code=1)
    assert str(gateway.port) in complaint
    database.write_bytes(b"no database at all, but long enough to be looked at " * 10)
    assert "vending database" in pln_sim.complaint("gateway", "--listen", "127.0.0.1:0", "--db", database, exit_code=1)
