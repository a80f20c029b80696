"""Meters in a store, plugged into links, and clients on raw sockets."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from firmware_proto.bench import Bench, Line
from firmware_proto.client import Client, PortSettings
from firmware_proto.links.link import Link, Manner
from firmware_proto.links.tcp import TcpLink
from firmware_proto.protocol import EIGHT_NONE, Timing
from firmware_proto.protocol.messages import Command
from meter_emu.meter import KeyRegister, Meter, State
from meter_emu.store import FILE_NAME, Entry, Store
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.testing.server_thread import ServerThread

NOW = 1_795_336_200
PATIENCE = 20
"""Seconds after which a test fails instead of hanging."""
REQUEST, SELECT_READOUT, SELECT_PROGRAMMING, ACK, NAK = b"/?!\r\n", b"\x06050\r\n", b"\x06051\r\n", b"\x06", b"\x15"
BREAK = Command("B", "0").to_bytes()
GATEWAY = "0-0:19.40.0"


def command(letter: str, type_: str, data: str) -> bytes:
    return Command(letter, type_, data).to_bytes()


class Peer:
    """A client that says what a test says, byte by byte if it likes."""

    def __init__(self, port: str) -> None:
        host, _, number = port.removeprefix("socket://").rpartition(":")
        self.socket = socket.create_connection((host, int(number)), timeout=PATIENCE)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, count: int) -> bytes:
        """Exactly so many bytes, or fewer if the other side hangs up."""
        data = b""
        while len(data) < count and (piece := self.socket.recv(count - len(data))):
            data += piece
        return data

    def line(self) -> bytes:
        """Up to a line end."""
        data = b""
        while not data.endswith(b"\n") and (piece := self.socket.recv(1)):
            data += piece
        return data

    def block(self) -> bytes:
        """From STX or SOH to the check character; an ACK or NAK alone is one too."""
        data = self.receive(1)
        if data in (ACK, NAK, b""):
            return data
        while not data.endswith((b"\x03", b"\x04")) and (piece := self.socket.recv(1)):
            data += piece
        return data + self.receive(1)

    def sign_on(self, address: str = "") -> bytes:
        self.send(f"/?{address}!\r\n".encode())
        return self.line()

    def enter_programming(self, address: str = "", password: str = "00000000", level: int = 1) -> None:
        assert self.sign_on(address).startswith(b"/PLn5")
        self.send(SELECT_PROGRAMMING)
        assert self.block().startswith(b"\x01P0")
        self.send(command("P", str(level), f"({password})"))
        assert self.block() == ACK

    def ask(self, letter: str, type_: str, data: str) -> str:
        """The text between STX and ETX of the answer, or ACK."""
        self.send(command(letter, type_, data))
        answer = self.block()
        return "ACK" if answer == ACK else answer[1:-2].decode()


class House:
    """A store with meters, and its ports."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.world = NOW
        self._keys = KeyStore.empty()

    def install(self, *drns: str) -> None:
        with Store(self.path) as store:
            for drn in drns:
                card = self._keys.card(Drn(drn))
                key = KeyRegister.install(card, self._keys.key_of(card).decoder_key)
                store.install(Meter(State(drn=card.drn, clock=NOW, key=key)), Entry(NOW, "installed", {}))

    def meter(self, drn: str = "12345678911") -> Meter:
        with Store(self.path) as store:
            return store.load(Drn(drn))

    @contextmanager
    def port(self, link: Link | None = None, manner: Manner | None = None) -> Iterator[str]:
        """The meters at a link; the name of the port."""
        with ServerThread(self.path, link or TcpLink("127.0.0.1", 0), lambda: self.world, manner) as server:
            yield f"socket://{server.name}" if link is None else server.name


@pytest.fixture
def house(tmp_path: Path) -> House:
    """One meter, 12345678911."""
    house = House(tmp_path)
    house.install("12345678911")
    return house


@pytest.fixture
def port(house: House) -> Iterator[str]:
    """It listens on TCP."""
    with house.port() as name:
        yield name


@pytest.fixture
def peer(port: str) -> Iterator[Peer]:
    with Peer(port) as peer:
        yield peer


@pytest.fixture(scope="session")
def new_peer() -> type[Peer]:
    return Peer


@pytest.fixture(scope="session")
def client_at() -> Callable[..., Any]:
    """``client_at(port)``: our own client in programming mode, as a context manager."""

    @contextmanager
    def at(port: str, address: str = "", level: int = 1, password: str = "00000000", **settings: Any) -> Iterator[Client]:
        with Client(PortSettings(port, **settings)) as client:
            client.sign_on(address)
            client.enter_programming()
            client.give_password(level, password)
            yield client

    return at


@pytest.fixture(scope="session")
def new_house() -> type[House]:
    return House


@pytest.fixture(scope="session")
def script() -> Path:
    """The installed meter-emu of this environment."""
    return Path(sys.executable).with_name("meter-emu")


@pytest.fixture
def store(house: Any) -> Iterator[Store]:
    with Store(house.path, 0.05) as store:
        yield store


@pytest.fixture
def line(store: Store, house: Any) -> Line:
    """A line without a link, so that minutes pass as one wishes."""
    return Bench(store, store.drns(), lambda: house.world).new_line(Timing(reaction_minimum=0), EIGHT_NONE)
