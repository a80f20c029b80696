"""Clients that others wrote, or that know nothing of this project: iec62056-21-dzg, a bare pyserial script, socat."""

import os
import select
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
import serial.rfc2217
from iec62056_21_dzg.client import Iec6205621Client
from iec62056_21_dzg.messages import CommandMessage, DataSet
from iec62056_21_dzg.transports import SerialTransport, TcpTransport

from firmware_proto.error_text import ErrorText
from firmware_proto.links.link import Manner, Parity
from firmware_proto.links.pseudo_terminal import PtyLink
from firmware_proto.links.serial_port import SerialLink

GATEWAY, TOKEN_RESULT = "0-0:19.40.0", "0-0:96.50.3"


class PtyTransport(SerialTransport):  # type: ignore[misc]
    """Opens its port anew for every rate, as the library does, but with the eight bits that a pty has."""

    def connect(self, baudrate: int = 300) -> None:
        self.port = serial.Serial(self.port_name, baudrate, timeout=self.timeout)

    def switch_baudrate(self, baud: int) -> None:
        self.disconnect()
        self.connect(baud)


@pytest.fixture(params=["tcp", "pty"])
def client(request: pytest.FixtureRequest, house: Any) -> Iterator[Iec6205621Client]:
    link = None if request.param == "tcp" else PtyLink()
    with house.port(link) as name:
        if link is None:
            host, _, port = name.removeprefix("socket://").rpartition(":")
            transport = TcpTransport((host, int(port)), timeout=10)
        else:
            transport = PtyTransport(name, timeout=10)
        client = Iec6205621Client(transport, device_address="12345678911")
        client.connect()
        yield client
        client.disconnect()


def test_readout(client: Iec6205621Client) -> None:
    data = {each.address: (each.value, each.unit) for each in client.standard_readout().data if each.address}
    # The library takes the first character of an identity for a mode E sign, whatever it is.
    assert (client.manufacturer_id, client.identification) == ("PLn", "ETER-EMU 1.0")
    assert (data["0-0:96.1.0"], data["1-0:1.8.0"]) == (("12345678911", None), ("0.0000", "kWh"))


def test_a_token(client: Iec6205621Client, house: Any, credit_token: Any) -> None:
    """P1 is sent as a message: the library's own call puts one maker's algorithm over every password."""
    request = client.access_programming_mode()
    assert (request.command, request.command_type) == ("P", "0")
    client.transport.send(CommandMessage("P", "1", DataSet(value="00000000")).to_bytes())
    assert client._recv_ack() == "\x06"
    client.write_single_value(GATEWAY, credit_token(7, amount=25))
    assert client.read_single_value(TOKEN_RESULT).value == "Accept"
    assert (client.read_single_value("0-0:19.10.0").value, client.read_single_value("9.9.9").value) == (
        "2.5000",
        ErrorText.UNKNOWN_REGISTER,
    )
    client.send_break()
    assert house.meter().state.credit.balance == 25 * 360_000


BARE_SCRIPT = """
import sys, serial
with serial.serial_for_url(sys.argv[1], baudrate=300, timeout=5) as port:
    port.write(b"/?!\\r\\n")
    print(port.read_until(b"\\n"))
    port.write(b"\\x06050\\r\\n")
    port.flush()
    port.baudrate = 9600
    readout = port.read_until(b"!\\r\\n\\x03") + port.read(1)
    port.write(b"\\x06")
    print(len(readout), b"1-0:1.8.0(0.0000*kWh)" in readout)
"""


def run_bare_script(port: str) -> str:
    done = subprocess.run([sys.executable, "-c", BARE_SCRIPT, port], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


@pytest.mark.parametrize("is_real_baud", [False, True])
def test_a_bare_pyserial_script(house: Any, is_real_baud: bool) -> None:
    """At a real rate the sign-on takes a second, and a script that forgot to change its own would hear noise."""
    with house.port(PtyLink(), Manner(is_real_baud=is_real_baud)) as name:
        assert run_bare_script(name).splitlines() == ["b'/PLn5METER-EMU 1.0\\r\\n'", "265 True"]


class PortOfPty(serial.Serial):
    """A pty has no modem lines, which a device server asks for."""

    cts = dsr = ri = cd = True

    def _update_rts_state(self) -> None:
        pass

    _update_dtr_state = _update_break_state = _update_rts_state


class DeviceServer:
    """A serial device server, as pyserial has one: a port behind TCP, whose settings the client makes (RFC 2217)."""

    def __init__(self, port: serial.Serial) -> None:
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.name = f"rfc2217://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join(5)

    def __enter__(self) -> "DeviceServer":
        return self

    def _serve(self) -> None:
        with self._listener, self._listener.accept()[0] as connection, connection.makefile("wb", buffering=0) as writer:
            manager = serial.rfc2217.PortManager(self._port, writer)
            while True:
                ready, _, _ = select.select([connection, self._port], [], [])
                if self._port in ready:
                    connection.sendall(b"".join(manager.escape(self._port.read(self._port.in_waiting))))
                if connection in ready:
                    if not (data := connection.recv(1024)):
                        return
                    self._port.write(b"".join(manager.filter(data)))


@pytest.mark.filterwarnings("ignore:set(Daemon|Name)\\(\\) is deprecated:DeprecationWarning")
def test_through_a_serial_device_server(house: Any, client_at: Any) -> None:
    with (
        house.port(PtyLink(), Manner(reaction_time=0.1)) as name,
        PortOfPty(name, 300) as port,
        DeviceServer(port) as server,
        client_at(server.name, has_parity=False) as client,
    ):
        assert client.read("0-0:96.1.0")[0].value == "12345678911"
        assert port.baudrate == 9600


@pytest.fixture
def null_modem(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two serial ports with the lines crossed, made by socat."""
    if shutil.which("socat") is None:
        assert not os.environ.get("CI"), "CI needs socat"
        pytest.skip("socat is not installed")
    ends = [str(tmp_path / name) for name in ("near", "far")]
    with subprocess.Popen(
        ["socat", "-d", "-d", *(f"pty,raw,echo=0,link={end}" for end in ends)], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        while "starting data transfer loop" not in process.stderr.readline():
            assert process.poll() is None
        yield ends[0], ends[1]
        process.terminate()


def test_a_serial_port_through_socat(house: Any, null_modem: tuple[str, str], credit_token: Any, client_at: Any) -> None:
    near, far = null_modem
    with house.port(SerialLink(near), Manner(parity=Parity.EIGHT_NONE)) as name:
        assert name == near
        assert run_bare_script(far).splitlines()[1] == "265 True"
        with client_at(far, answer_time=5.0) as client:
            client.write(GATEWAY, credit_token(9))
            assert client.read(TOKEN_RESULT)[0].value == "Accept"


def test_a_serial_port_that_is_gone_ends_the_serving(house: Any, tmp_path: Path, script: Path) -> None:
    """As when an adapter is pulled out: one line, exit code 1."""
    if shutil.which("socat") is None:
        assert not os.environ.get("CI"), "CI needs socat"
        pytest.skip("socat is not installed")
    end = tmp_path / "port"
    with subprocess.Popen(["socat", "-d", "-d", f"pty,raw,echo=0,link={end}", "-"], stdin=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as socat:  # fmt: skip
        assert socat.stderr
        while "starting data transfer loop" not in socat.stderr.readline():
            assert socat.poll() is None
        command = [str(script), "--home", str(house.path.parent), "serve", "--serial", str(end), "--format", "8N1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serve:
            assert serve.stdout
            assert serve.stdout.readline() == f"listening on {end}\n"
            socat.terminate()
            _, words = serve.communicate(timeout=60)
    assert serve.returncode == 1
    assert words.splitlines()[-1].startswith(f"meter-emu: {end} is lost: ")
