"""The session in docs/iec-62056-21.md, byte for byte, at a meter that is new on its day."""

import re
import socket
from pathlib import Path

from firmware_proto.links.tcp import TcpLink
from meter_emu.testing.server_thread import ServerThread

PAGE = Path(__file__).parents[2] / "docs" / "iec-62056-21.md"
NOW = 1_795_336_200
CONTROLS = {"SOH": 1, "STX": 2, "ETX": 3, "ACK": 6, "LF": 10, "CR": 13}


def as_bytes(shown: str) -> bytes:
    """What a line of the page stands for: in <> a control character, or a byte in hexadecimal."""
    parts = re.split(r"<(\w+)>", shown)
    named = (bytes([CONTROLS[name] if name in CONTROLS else int(name, 16)]) for name in parts[1::2])
    return parts[0].encode() + b"".join(byte + text.encode() for byte, text in zip(named, parts[2::2], strict=True))


def received(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (piece := client.recv(size - len(data))):
        data += piece
    return data


def test_the_session_on_the_page_is_real(meter_emu, home):
    meter_emu("install", "12345678911", "--at", "2026-11-22T08:30")
    block = next(block for block in re.findall(r"^```text\n(.*?)^```$", PAGE.read_text(), re.M | re.S) if "> /?!" in block)
    with ServerThread(home / "meters.db", TcpLink("127.0.0.1", 0), lambda: NOW) as server:
        host, _, port = server.name.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=60) as client:
            for line in block.splitlines():
                expected = as_bytes(line[2:])
                if line.startswith(">"):
                    client.sendall(expected)
                else:
                    assert received(client, len(expected)) == expected, line
    assert block.count("\n") == 13
    assert meter_emu("status", "--json", "--at", "2026-11-22T08:30").json["credit_kwh"] == "32.5"
