"""A switching that shares no line of code with us: messages by bare pyiso8583, a raw socket, and a meter that takes the token.

Its specification is written down by hand from attachment A (tests/vectors/iso8583_specification.json).
It sends byte by byte, and many messages in one segment.
"""

import json
from pathlib import Path

import iso8583
import pytest

from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import decode

END = b"\xff"
METER = "14100000109"
REFERENCE = slice(31, 63)
TOKEN = slice(220, 240)
ENERGY = slice(210, 220)
SPECIFICATION = json.loads((Path(__file__).parents[2] / "vectors" / "iso8583_specification.json").read_text())
OF_2110 = SPECIFICATION | {"15": SPECIFICATION["h"]}
"""Its bit map announces a field that is not there."""
ORDER = {"2": "53502", "4": "3600" + "50000".zfill(12), "12": "20261122120000", "26": "6015", "32": "0110000"}


def sign_on():
    return built({"t": "2800", "12": "20261122120000", "40": "001", "48": "10000D3"})


def inquiry(trace):
    return built(ORDER | {"t": "2100", "11": f"{trace:012}", "48": f"10000D3{METER}" + "0" * 13})


def purchase(mti, trace, reference):
    private = f"10000D3{METER}" + "0" * 13 + reference + "FOREIGN".ljust(32)
    return built(ORDER | {"t": mti, "11": f"{trace:012}", "48": private})


def built(elements):
    stream, _ = iso8583.encode(dict(elements), SPECIFICATION)
    return bytes(stream)


def understood(stream):
    elements, _ = iso8583.decode(stream, OF_2110 if stream[:4] == b"2110" else SPECIFICATION)
    return elements


class Foreigner:
    """A raw socket."""

    def __init__(self, connection):
        self.socket = connection
        self._rest = b""

    def send(self, *streams, piece=None):
        data = b"".join(stream + END for stream in streams)
        for start in range(0, len(data), piece or len(data)):
            self.socket.sendall(data[start : start + (piece or len(data))])

    def reply(self):
        while END not in self._rest:
            data = self.socket.recv(7)
            assert data, "the gateway closed the connection"
            self._rest += data
        stream, _, self._rest = self._rest.partition(END)
        return understood(stream)


@pytest.fixture
def foreigner(gateway):
    with gateway.connect() as connection:
        yield Foreigner(connection)


@pytest.mark.parametrize("piece", [None, 1, 3])
def test_a_whole_purchase(foreigner, piece):
    foreigner.send(sign_on(), piece=piece)
    signed_on = foreigner.reply()
    assert (signed_on["t"], signed_on["39"], signed_on["40"]) == ("2810", "0000", "001")
    foreigner.send(inquiry(1), piece=piece)
    inquired = foreigner.reply()
    assert (inquired["t"], inquired["39"], inquired["11"]) == ("2110", "0000", f"{1:012}")
    reference = inquired["48"][REFERENCE]
    foreigner.send(purchase("2200", 2, reference), piece=piece)
    sold = foreigner.reply()
    assert (sold["t"], sold["39"], len(sold["48"])) == ("2210", "0000", 240)
    foreigner.send(purchase("2220", 3, reference), piece=piece)
    foreigner.send(purchase("2221", 4, reference), piece=piece)
    told = [foreigner.reply(), foreigner.reply()]
    assert [(reply["t"], reply["39"], reply["48"]) for reply in told] == [(mti, "0000", sold["48"]) for mti in ("2230", "2231")]
    keys = KeyStore.empty()
    token = decode(sold["48"][TOKEN], keys.key_of(keys.card(Drn(METER))).decoder_key.cipher())
    assert token["amount"] * 10 == int(sold["48"][ENERGY])


def test_many_in_one_segment(foreigner):
    traces = range(1, 31)
    foreigner.send(sign_on(), *map(inquiry, traces))
    assert foreigner.reply()["39"] == "0000"
    inquired = [foreigner.reply() for _ in traces]
    assert [int(reply["11"]) for reply in inquired] == list(traces)
    references = [reply["48"][REFERENCE] for reply in inquired]
    assert len(set(references)) == len(references)
    both = [
        purchase(mti, trace, reference) for trace, reference in zip(traces, references, strict=True) for mti in ("2200", "2220")
    ]
    foreigner.send(*both, piece=4000)
    replies = [foreigner.reply() for _ in both]
    assert [reply["t"] for reply in replies] == ["2210", "2230"] * len(traces)
    assert {reply["39"] for reply in replies} == {"0000"}
    tokens = [reply["48"][TOKEN] for reply in replies]
    assert tokens[::2] == tokens[1::2]
    assert len(set(tokens)) == len(traces)
