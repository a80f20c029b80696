"""A client that others wrote, iec62056-21-dzg, talks to the meter's end over a transport made of memory."""

from typing import Any

import pytest
from iec62056_21_dzg.client import Iec6205621Client
from iec62056_21_dzg.messages import CommandMessage, DataSet
from iec62056_21_dzg.transports import BaseTransport

from firmware_proto.error_text import ErrorText
from firmware_proto.protocol import EIGHT_NONE, Identification, MeterEnd, MeterState, Timing

ADDRESS = "04176855916"


class MemoryTransport(BaseTransport):  # type: ignore[misc]
    """Hands the client's bytes to the meter at once, and gives out what the meter said."""

    TRANSPORT_REQUIRES_ADDRESS = False

    def __init__(self, meter: MeterEnd, device: Any) -> None:
        super().__init__(timeout=1)
        self._meter, self._device = meter, device
        self._waiting = b""
        self.bauds: list[int] = []

    def _send(self, data: bytes) -> None:
        for event in self._meter.receive_data(data, 0.0):
            self._device.answer(self._meter, event)
        self._waiting += self._meter.data_to_send()

    def _recv(self, chars: int) -> bytes:
        taken, self._waiting = self._waiting[:chars], self._waiting[chars:]
        assert taken, "the client waits for something the meter does not say"
        return taken

    def switch_baudrate(self, baud: int) -> None:
        self.bauds.append(baud)


class Client(Iec6205621Client):  # type: ignore[misc]
    REACTION_TIME = SHORT_REACTION_TIME = 0.0


@pytest.fixture
def client(new_bench: Any) -> Client:
    meter = MeterEnd(
        Identification("PLN", "\\STS-1", baud=9600), ADDRESS, timing=Timing(reaction_minimum=0), character_format=EIGHT_NONE
    )
    client = Client(MemoryTransport(meter, new_bench().device))
    client.meter = meter
    return client


def in_programming_mode(client: Client) -> Client:
    request = client.access_programming_mode()
    assert (request.command, request.command_type, request.data_set.value) == ("P", "0", "00000000")
    return client


def send_password(client: Client, password: str) -> None:
    """As the library does, without the algorithm of one maker that it always applies."""
    client.transport.send(CommandMessage("P", "1", DataSet(value=password)).to_bytes())


def test_readout(client: Client) -> None:
    readout = client.standard_readout()
    assert client.identification == "STS-1"
    assert client.manufacturer_id == "PLN"
    assert client.transport.bauds == [9600]
    assert [(data.address, data.value, data.unit) for data in readout.data] == [
        ("0.0.0", ADDRESS, None),
        ("1.8.0", "001234.5", "kWh"),
        ("2.8.0", "000000.0", "kWh"),
        ("0-0:19.40.0", "0", None),
    ]


def test_readout_by_address(client: Client) -> None:
    client.device_address = ADDRESS
    assert len(client.standard_readout().data) == 4


def test_programming_mode(client: Client) -> None:
    in_programming_mode(client)
    send_password(client, "right")
    assert client._recv_ack() == "\x06"
    client.write_single_value("0-0:19.40.0", "12345678901234567890")
    assert client.read_single_value("0-0:19.40.0").value == "12345678901234567890"
    client.send_break()
    assert client.meter.state is MeterState.WAITING


def test_refusals(client: Client) -> None:
    in_programming_mode(client)
    send_password(client, "wrong")
    assert client.read_response().data[0].value == ErrorText.WRONG_PASSWORD
    assert client.read_single_value("9.9.9").value == ErrorText.UNKNOWN_REGISTER


def test_partial_blocks(client: Client) -> None:
    in_programming_mode(client)
    client.transport.send(CommandMessage("R", "6", DataSet(value="", address="P.98")).to_bytes())
    assert [data.value for data in client.read_response().data] == [f"2611220830{i:02}" for i in range(20)]
