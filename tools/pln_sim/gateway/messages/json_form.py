"""A message as a JSON object and back. The texts of the fields say everything; all else is there to be read.

>>> from pln_sim.gateway.messages.explain import explain
>>> from pln_sim.gateway.messages.stream import read, write
>>> stream = b"280000100000010100002008050207230000100710000D3"
>>> value = to_json(explain(read(stream)))
>>> value["fields"]["action_code"]["text"], value["fields"]["action_code"]["note"]
('001', 'sign-on')
>>> write(from_json(value)) == stream
True
>>> from_json({"mti": "2800", "fields": {"local_time": "20080502072300", "action_code": "301", "switcher_id": "10000D3"}})
Message(2800 Network Management Request)
"""

from datetime import date
from typing import Any

from pln_sim.gateway.messages.codes import Mti
from pln_sim.gateway.messages.errors import UnbuildableMessage
from pln_sim.gateway.messages.explain import Explanation, Row
from pln_sim.gateway.messages.field import Field
from pln_sim.gateway.messages.message import Message, Value
from pln_sim.gateway.messages.table import LAYOUTS


def to_json(explanation: Explanation) -> dict[str, Any]:
    """All of an explanation as plain values. Amounts are decimal strings, times ISO 8601."""
    message, fault = explanation.message, explanation.fault
    return {
        "mti": message.mti.value,
        "title": message.layout.title,
        "sender": message.layout.sender,
        "receiver": message.layout.receiver,
        "length": explanation.length,
        "bit_map": message.bit_map,
        "fields": {row.field.name: _row_json(row, row.field) for row in explanation.rows if row.field},
        "fault": fault and {"field": fault.name, "position": fault.position, "message": str(fault)},
    }


def from_json(value: Any) -> Message:
    """The message that an object of the form above stands for. ``mti`` and ``fields`` are needed; a field is its text, or an
    object with its ``text``; short texts are padded, and what the document always sets may be left out. What they say is not
    judged. UnbuildableMessage for anything else.
    """
    if not isinstance(value, dict):
        raise UnbuildableMessage("a message must be a JSON object")
    if value.get("mti") not in list(Mti):
        raise UnbuildableMessage(f"mti must be one of {', '.join(Mti)}, not {value.get('mti')!r:.50}")
    fields = value.get("fields")
    if not isinstance(fields, dict):
        raise UnbuildableMessage("fields must be a JSON object")
    texts = {}
    for name, field in fields.items():
        text = field.get("text") if isinstance(field, dict) else field
        if not isinstance(text, str):
            raise UnbuildableMessage(f"field {name!r:.50} must be a string, or an object with a string called text")
        texts[name] = text
    mti = Mti(value["mti"])
    return Message.of_texts(mti, {**LAYOUTS[mti].defaults, **texts}, value.get("bit_map"))


def field_json(field: Field[Any], position: int) -> dict[str, Any]:
    """What a field is, and the byte at which it starts."""
    return {
        "field": field.number,
        "title": field.title,
        "type": field.kind.letters,
        "length": field.length,
        "padding": field.padding.value or None,
        "position": position,
    }


def _row_json(row: Row, field: Field[Any]) -> dict[str, Any]:
    return field_json(field, row.position) | {
        "text": row.text,
        "value": _plain(row.value),
        "unit": field.unit or None,
        "note": row.note or None,
        "meaning": field.meaning,
    }


def _plain(value: Value | None) -> str | int | None:
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, int) else str(value)
