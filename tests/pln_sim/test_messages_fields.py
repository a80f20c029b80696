"""`pln-sim message fields`: what is printed of each message is what reads and builds it."""

import json
from pathlib import Path

import pytest

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "gateway_streams.json").read_text())["streams"]
STREAMS = [row["stream"] for row in VECTORS]
NETWORK = """\
2800 Network Management Request, SWITCHING to GATEWAY, 47 bytes

byte  field  name                        type    padding      unit  default           sent     meaning
   0                                     n    4                     2800              always   Message Type Identifier
   4  1                                  h   16                     0010000001010000  always   Bit Map
  20  12     local_time                  n   14                                       always   CCYYMMDDhhmmss, local, no zone
  34  40     action_code                 n    3                                       always   What is asked for
  37  48                                 n    3                     007               always   Length of Additional Private Data
  40  48:1   switcher_id                 an   7  zero left                            always   The switching's code, given by PLN
"""  # noqa: E501


@pytest.fixture
def explained(pln_sim, tmp_path):
    """What `message explain --json` says of a stream."""

    def explain(stream):
        (tmp_path / "stream").write_text(stream)
        return json.loads(pln_sim("message", "explain", tmp_path / "stream", "--json").stdout)

    return explain


def fields_of(pln_sim, mti):
    result = pln_sim("message", "fields", mti, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def test_the_messages_are_listed(pln_sim):
    lines = pln_sim("message", "fields").stdout.splitlines()
    assert lines[0].split() == ["type", "message", "sender", "receiver", "bytes", "bit", "map"]
    types = [line[:4] for line in lines[1:]]
    assert types == ["2800", "2810", "2100", "2110", "2200", "2210", "2220", "2230", "2221", "2231"]
    assert "120 or 152  5032004102010000 or 5030004102010000" in lines[4]
    objects = [json.loads(line) for line in pln_sim("message", "fields", "--json").stdout.splitlines()]
    assert [each["mti"] for each in objects] == types
    assert (objects[5]["answers"], objects[5]["lengths"]) == ("2200", [192, 337])


def test_one_message_is_printed_byte_for_byte(pln_sim):
    result = pln_sim("message", "fields", "2800")
    assert (result.exit_code, result.stdout, result.stderr) == (0, NETWORK, "")


@pytest.mark.parametrize("mti", ["2800", "2810", "2100", "2110", "2200", "2210", "2220", "2230", "2221", "2231"])
def test_the_rows_leave_no_byte_out(pln_sim, mti):
    lines = pln_sim("message", "fields", mti).stdout.splitlines()
    rows = [(int(line[:4]), int(line[45:47])) for line in lines[3:]]
    end = 0
    for position, length in rows:
        assert position == end
        end = position + length
    assert end == fields_of(pln_sim, mti)["lengths"][-1]


@pytest.mark.parametrize("stream", STREAMS, ids=[row["id"] for row in VECTORS])
def test_they_are_the_fields_of_the_published_messages(pln_sim, explained, stream):
    explanation = explained(stream)
    listed = fields_of(pln_sim, explanation["mti"])
    is_successful = explanation["fields"].get("response_code", {}).get("text") == "0000"
    there = {name: field for name, field in listed["fields"].items() if is_successful or not field["only_if_successful"]}
    assert list(there) == list(explanation["fields"])
    for name, field in explanation["fields"].items():
        shared = field.keys() & there[name].keys()
        assert {"field", "title", "type", "length", "padding", "position", "unit", "meaning"} <= shared
        assert {key: field[key] for key in shared} == {key: there[name][key] for key in shared}
    assert explanation["length"] in listed["lengths"]
    assert explanation["bit_map"] in listed["bit_maps"]


def test_defaults_and_what_only_a_successful_reply_has(pln_sim):
    fields = fields_of(pln_sim, "2210")["fields"]
    assert (fields["pan"]["default"], fields["pan"]["only_if_successful"]) == ("53502", False)
    assert (fields["token"]["default"], fields["token"]["only_if_successful"]) == (None, True)
    assert fields["stamp_duty"]["decimals_in"] == "stamp_duty_minor_unit"
