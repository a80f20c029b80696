"""The meter on a wire: `meter-emu serve` over TCP, where characters take no time, beside an echo server of the same frames.

Both are processes of their own; the client here says the same bytes to either and waits for as many back.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from comparison import ROUNDS, Work, line, rate

from firmware_proto.protocol.messages import Command
from meter_emu.meter import KeyRegister, Meter, State
from meter_emu.meter.clock import seconds_of
from meter_emu.shell.console import now
from meter_emu.store import FILE_NAME, Entry, Store
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import Token, TokenType, encode

METERS = 1000
AIM, MOST_KIB = ">= 0.15", 64
TIMES = 300
SELECT_READOUT, SELECT_PROGRAMMING, ACK = b"\x06050\r\n", b"\x06051\r\n", b"\x06"
BREAK = Command("B", "0").to_bytes()
PASSWORD = Command("P", "1", "(00000000)").to_bytes()
RESULT = Command("R", "1", "0-0:96.50.3()").to_bytes()
ECHO = "echo server, same frames"
ALL_ROUNDS = ROUNDS + 1
Frame = tuple[bytes, int]
"""What the client says, and how many bytes come back."""


def main() -> None:
    drns = [Drn(f"{10_000_000_000 + number:011d}") for number in range(METERS)]
    keys = KeyStore.empty()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        install(Path(one), keys, drns[:1])
        install(Path(many), keys, drns)
        with served(Path(one)) as (address, number, seconds_of_one):
            readouts("readout, one meter", address, drns[:1])
            tokens(address, keys, drns[0])
            memory_of_one = resident(number)
        with served(Path(many)) as (address, number, seconds_of_many):
            readouts(f"readout, {METERS} meters in turn", address, drns)
            memory_of_many = resident(number)
    each = (memory_of_many - memory_of_one) / (METERS - 1)
    line(f"memory of one of {METERS} meters", f"{each:.1f} KiB", "the aim", f"{MOST_KIB} KiB", each / MOST_KIB, "<= 1")
    line(
        f"start-up with {METERS} meters",
        f"{seconds_of_many * 1000:.0f} ms",
        "with one",
        f"{seconds_of_one * 1000:.0f} ms",
        seconds_of_many / seconds_of_one,
        "",
    )


def install(home: Path, keys: KeyStore, drns: Sequence[Drn]) -> None:
    at = seconds_of(now())
    with Store(home / FILE_NAME) as store:
        for drn in drns:
            card = keys.card(drn)
            key = KeyRegister.install(card, keys.key_of(card).decoder_key)
            store.install(Meter(State(drn=drn, clock=at, key=key)), Entry(at, "installed", {}))


def readouts(name: str, address: str, drns: Sequence[Drn]) -> None:
    """Sign-on, option select, readout, acknowledgement; the last of them is not answered."""
    with Peer(address) as peer:
        sizes = [peer.measure(said) for said in (request(drns[0]), SELECT_READOUT)]
        peer.say((ACK, 0))
        conversations = cycle([[*zip((request(drn), SELECT_READOUT), sizes, strict=True), (ACK, 0)] for drn in drns])
        with echoed(next(conversations)) as echo, Peer(echo) as other:
            rate(name, work(peer, conversations), ECHO, work(other, conversations), AIM)


def tokens(address: str, keys: KeyStore, drn: Drn) -> None:
    """Whole conversations from sign-on to break, each with one token that is on the disk before it is acknowledged; then
    tokens alone, one after the other in one session."""
    cipher = keys.key_of(keys.card(drn)).decoder_key.cipher()
    tids = iter(range(1000, 10**6))

    def write() -> Frame:
        token = encode(Token.build(TokenType.ELECTRICITY_CREDIT, rnd=0, tid=next(tids), amount=1), cipher)
        return Command("W", "1", f"0-0:19.40.0({token})").to_bytes(), len(ACK)

    with Peer(address) as peer:
        opening = [(said, peer.measure(said)) for said in (request(drn), SELECT_PROGRAMMING, PASSWORD)]
        peer.say(write())
        result = (RESULT, peer.measure(RESULT))
        whole = [[*opening, write(), result, (BREAK, 0)] for _ in range(TIMES * ALL_ROUNDS)]
        alone = [[write()] for _ in range(TIMES * ALL_ROUNDS)]
        peer.say((BREAK, 0))
        with echoed(whole[0]) as echo, Peer(echo) as other:
            rate("token, from sign-on to break", work(peer, iter(whole)), ECHO, work(other, cycle(whole)), AIM)
        for frame in opening:
            peer.say(frame)
        with echoed(alone[0], commits=True) as echo, Peer(echo) as other:
            name = f"{ECHO}, a commit each"
            rate("token, in an open session", work(peer, iter(alone)), name, work(other, cycle(alone)), "")


def request(drn: Drn) -> bytes:
    return f"/?{drn}!\r\n".encode()


def work(peer: "Peer", conversations: Iterator[Sequence[Frame]]) -> Work:
    def act() -> int:
        for _ in range(TIMES):
            for frame in next(conversations):
                peer.say(frame)
        return TIMES

    return act


class Peer:
    """A client on a socket."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def say(self, frame: Frame) -> None:
        said, left = frame
        self._socket.sendall(said)
        while left:
            left -= len(self._socket.recv(left)) or sys.exit("the other side hung up")

    def measure(self, said: bytes) -> int:
        """How many bytes come back, asked once and with patience."""
        self._socket.sendall(said)
        count = len(self._socket.recv(65536))
        self._socket.settimeout(0.02)
        try:
            while True:
                count += len(self._socket.recv(65536))
        except TimeoutError:
            self._socket.settimeout(60)
        return count


@contextmanager
def served(home: Path) -> Iterator[tuple[str, int, float]]:
    """Where the meters of a home listen, the number of the process, and the seconds until they did."""
    began = time.perf_counter()
    command = [str(Path(sys.executable).with_name("meter-emu")), "--home", str(home), "serve", "--tcp", "127.0.0.1:0"]
    with process(command) as (address, number):
        yield address, number, time.perf_counter() - began


@contextmanager
def echoed(frames: Sequence[Frame], *, commits: bool = False) -> Iterator[str]:
    """Where an echo server of these frames listens."""
    sizes = [f"{len(said)},{answered}" for said, answered in frames]
    with tempfile.TemporaryDirectory() as folder:
        arguments = [f"{folder}/bare.db", *sizes] if commits else sizes
        with process([sys.executable, str(Path(__file__).with_name("echo.py")), *arguments]) as (address, _):
            yield address


@contextmanager
def process(command: list[str]) -> Iterator[tuple[str, int]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ) as running:
        assert running.stdout
        yield running.stdout.readline().removeprefix("listening on ").strip(), running.pid
        running.terminate()


def resident(process_number: int) -> float:
    """KiB of memory that a process has now."""
    status = Path(f"/proc/{process_number}/status").read_text()
    return float(next(row for row in status.splitlines() if row.startswith("VmRSS")).split()[1])
