"""`pln-sim message`: explain prints any stream, build makes the same bytes again, errors are one line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pln_sim.cli.group import pln_sim as group
from pln_sim.gateway.messages import parse, table

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gateway_streams.json").read_text())["streams"]
STREAMS = {row["id"]: row["stream"].encode("ascii") for row in VECTORS}
SIGN_ON = STREAMS["network management sign-on request"]
PURCHASED = STREAMS["purchase ok response"]
EXPLAINED = """\
2800 Network Management Request, SWITCHING to GATEWAY, 47 bytes

byte  field  name                                         type    text                  meaning
   0         Message Type Identifier                      n    4  2800                  Network Management Request
   4  1      Bit Map                                      h   16  0010000001010000      fields 12, 40, 48
  20  12     Date & Time, Local Transaction               n   14  20080502072300        2008-05-02 07:23:00
  34  40     Action Code                                  n    3  001                   sign-on
  37  48     Length of Additional Private Data            n    3  007                   7 characters
  40  48:1   Switcher ID                                  an   7  10000D3
"""


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "stream"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_the_round_trip_is_exact(pln_sim, file, stream):
    explained = pln_sim("message", "explain", file(stream), "--json")
    assert (explained.exit_code, explained.stderr) == (0, "")
    built = pln_sim("message", "build", file(explained.stdout_bytes))
    assert (built.exit_code, built.stderr, built.stdout_bytes) == (0, "", stream)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\xff", b"\xff\n", b"\xff\r\n"])
def test_what_closes_the_stream_is_put_up_with(pln_sim, file, end):
    result = pln_sim("message", "explain", file(SIGN_ON + end))
    assert (result.exit_code, result.stdout) == (0, EXPLAINED)


def test_every_field_is_shown_with_what_it_means(pln_sim, file):
    lines = pln_sim("message", "explain", file(PURCHASED)).stdout.splitlines()
    shown = {line[6:11].strip(): line[13:].rstrip() for line in lines[3:]}
    assert shown["39"].endswith("0000                  successful")
    assert shown["26"].endswith("6015                  Kiosk")
    assert shown["4:3"].endswith("Rp 500.000")
    assert shown["15"].endswith("2008-05-02")
    assert shown["48:8"].endswith('"SUBSCRIBER NAME          "  SUBSCRIBER NAME')
    assert shown["48:10"].endswith("450 VA")
    assert shown["48:20"].endswith("Rp 248.500,00")
    assert shown["48:24"].endswith("233,00 kWh")
    assert shown["48:25"].endswith("0123 4567 8901 2345 6789")
    assert {f"48:{place}" for place in range(1, 26)} < set(shown)
    assert not any(line != line.rstrip() for line in lines)


def test_the_field_that_2110_announces_in_vain_is_pointed_out(pln_sim, file):
    lines = pln_sim("message", "explain", file(STREAMS["inquiry ok response"])).stdout
    assert "fields 2, 4, 11, 12, 15, 26, 32, 39, 48; there is no field 15" in lines


def test_json_has_everything(pln_sim, file):
    value = json.loads(pln_sim("message", "explain", file(PURCHASED), "--json").stdout)
    assert (value["mti"], value["title"], value["sender"], value["length"]) == ("2210", "Purchase Response", "GATEWAY", 337)
    assert value["fault"] is None
    assert value["fields"]["stamp_duty"] == {
        "field": "48:14",
        "title": "Stamp Duty (SD)",
        "type": "n",
        "length": 10,
        "padding": "zero left-padding",
        "position": 250,
        "text": "0000300000",
        "value": "3000.00",
        "unit": "Rp",
        "note": "Rp 3.000,00",
        "meaning": "Stamp duty",
    }
    assert value["fields"]["power_category"]["value"] == 450
    assert value["fields"]["local_time"]["value"] == "2008-05-02T07:23:00"


class TestInvalidValue:
    """Shown whole, told in one line, exit 1; built with a warning."""

    STREAM = SIGN_ON.replace(b"2300001007", b"2300101007")

    def test_explain(self, pln_sim, file):
        result = pln_sim("message", "explain", file(self.STREAM))
        assert result.exit_code == 1
        assert "Action Code                                  n    3  101                   101 is none of 001" in result.stdout
        fault = "2800 field 40 action_code at byte 34: 101 is none of 001, 002, 301"
        assert result.stderr == f"pln-sim: invalid value, response code 0030: {fault}\n"

    def test_round_trip(self, pln_sim, file):
        explained = pln_sim("message", "explain", file(self.STREAM), "--json")
        assert explained.exit_code == 1
        value = json.loads(explained.stdout)
        assert (value["fault"]["field"], value["fault"]["position"]) == ("action_code", 34)
        assert (value["fields"]["action_code"]["value"], value["fields"]["action_code"]["text"]) == (None, "101")
        built = pln_sim("message", "build", file(explained.stdout_bytes))
        assert (built.exit_code, built.stdout_bytes) == (0, self.STREAM)
        assert built.stderr.startswith("warning: invalid value, response code 0030: 2800 field 40")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello\n", "at byte 0: 'hell' is no message type"),
        (SIGN_ON[:-1], "2800 field 48 at byte 40: field data is 6 bytes, expecting 7"),
        (SIGN_ON + b" ", "at byte 47: extra data"),
        (SIGN_ON + b"\xff" + SIGN_ON, "at byte 47: 0xff is not printable"),
        (b"2" * 100_000, "no message type"),
        (bytes(range(256)), "at byte 0: 0x00 is not printable"),
    ],
)
@pytest.mark.parametrize("option", [(), ("--json",)])
def test_an_improper_stream_is_one_line_with_its_position(pln_sim, file, content, words, option):
    complaint = pln_sim.complaint("message", "explain", file(content), *option, exit_code=1)
    assert complaint.startswith("pln-sim: improper message: ")
    assert words in complaint


@pytest.mark.parametrize(("command", "expected"), [("explain", "one message"), ("build", "JSON, as `message explain --json`")])
@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_file_is_told_what_was_expected(pln_sim, file, command, expected, content):
    complaint = pln_sim.complaint("message", command, file(content), exit_code=1)
    assert f"is empty: expected {expected}" in complaint
    piped = CliRunner().invoke(group, ["message", command, "-"], input=content)
    assert piped.exit_code == 1


class TestBuild:
    def built(self, pln_sim, file, value):
        return pln_sim("message", "build", file(json.dumps(value).encode()))

    def test_a_message_written_by_hand(self, pln_sim, file):
        fields = {"local_time": "20080502072300", "action_code": "001", "switcher_id": {"text": "10000D3"}}
        result = self.built(pln_sim, file, {"mti": "2800", "fields": fields})
        assert (result.exit_code, result.stdout_bytes) == (0, SIGN_ON)

    def test_ready_to_be_sent(self, pln_sim, file):
        fields = {"local_time": "20080502072300", "action_code": "001", "switcher_id": "10000D3"}
        result = pln_sim("message", "build", file(json.dumps({"mti": "2800", "fields": fields}).encode()), "--frame")
        assert result.stdout_bytes == SIGN_ON + b"\xff"

    def test_what_the_document_always_sets_may_be_left_out(self, pln_sim, file):
        fields = {
            "amount_minor_unit": "0", "amount": "50000", "trace_number": "000000000001", "local_time": "20261122100000",
            "merchant_category": "6015", "bank_code": "0110000", "switcher_id": "10000D3", "meter_number": "12345678911",
        }  # fmt: skip
        result = self.built(pln_sim, file, {"mti": "2100", "fields": fields})
        assert (result.exit_code, result.stderr) == (0, "")
        read = parse(result.stdout_bytes)
        assert [read.text(field) for field in (table.PAN, table.CURRENCY, table.SUBSCRIBER_ID)] == ["53502", "360", "0" * 12]
        fields["currency"] = "840"
        assert "must be 360, not 840" in self.built(pln_sim, file, {"mti": "2100", "fields": fields}).stderr

    def test_all_that_is_missing_is_named(self, pln_sim, file):
        complaint = pln_sim.complaint("message", "build", file(b'{"mti": "2800", "fields": {"switcher_id": "1"}}'), exit_code=1)
        assert complaint.endswith("2800: needs local_time, action_code")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"{", "no JSON"),
            (b"\xff\xfe\xfd", "no JSON"),
            (b"[" * 100_000, "no JSON"),
            (b"9" * 5000, "no JSON: a number is too long"),
            (b"[]", "must be a JSON object"),
            (b"{}", "mti must be one of 2800, 2810"),
            (b'{"mti": ["2800"], "fields": {}}', "mti must be one of"),
            (b'{"mti": "2800"}', "fields must be a JSON object"),
            (b'{"mti": "2800", "fields": {}}', "2800: needs local_time"),
            (b'{"mti": "2800", "fields": {"action_code": 1}}', "'action_code' must be a string"),
            (b'{"mti": "2800", "fields": {"token": "1"}}', "2800: has no 'token'"),
            (b'{"mti": "2800", "bit_map": 5, "fields": {"local_time": "", "action_code": "", "switcher_id": ""}}', "bit map"),
        ],
    )
    def test_no_message(self, pln_sim, file, content, words):
        assert words in pln_sim.complaint("message", "build", file(content), exit_code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain",),
        ("build",),
        ("explain", "-", "more"),
        ("explain", "--what", "-"),
        ("mend", "-"),
        ("fields", "2300"),
        ("fields", ""),
        ("fields", "2200", "2210"),
    ],
)
def test_wrong_usage(pln_sim, arguments):
    pln_sim.complaint("message", *arguments)


@pytest.mark.parametrize("end", [b"", b"\xff"])
def test_standard_input(end):
    result = CliRunner().invoke(group, ["message", "explain", "-"], input=SIGN_ON + end)
    assert (result.exit_code, result.stdout) == (0, EXPLAINED)
