"""Streams: a message as the bytes between two closing bytes. Where a stream matches no pattern of the table, pyiso8583 tells
what is wrong with it.

``read`` and ``write`` look at the form alone: message type, bit map, lengths, printable characters. ``parse`` and ``build``
also want every value to keep the table's rule. A gateway reads first, for its answer to a bad value is a response:

>>> message = read(b"280000100000010100002008050207230010100710000D3")
>>> message.fault
InvalidValue('2800 field 40 action_code at byte 34: 101 is none of 001, 002, 301')
>>> write(message.reply(ResponseCode.INVALID_MESSAGE))
b'2810001000000301000020080502072300003010100710000D3'
>>> read(b"280000100000010100002008050207230000100610000D3")
Traceback (most recent call last):
    ...
pln_sim.gateway.messages.errors.ImproperMessage: 2800 field 48 at byte 37: has length 006, not 007
"""

import re
from collections.abc import Mapping
from typing import Any

from iso8583 import DecodeError, decode

from pln_sim.gateway.messages.codes import Mti, ResponseCode
from pln_sim.gateway.messages.errors import ImproperMessage, Place, UnbuildableMessage
from pln_sim.gateway.messages.layout import HEAD_LENGTH, MTI_LENGTH, Layout, announced
from pln_sim.gateway.messages.message import Message
from pln_sim.gateway.messages.table import LAYOUTS, RESPONSE_CODE

_UNPRINTABLE = re.compile(rb"[^ -~]")
_LAYOUT_OF_TEXT = {layout.mti.value: layout for layout in LAYOUTS.values()}


def read(stream: bytes) -> Message:
    """The message in ``stream``, without its closing byte. ImproperMessage if it has not the form of one."""
    text = stream.decode("latin-1")
    layout = _LAYOUT_OF_TEXT.get(text[:MTI_LENGTH])
    match = layout.patterns[_is_successful(layout, text)].fullmatch(text) if layout else None
    if layout is None or match is None:
        raise _fault_of(stream)
    bit_map, *texts = match.groups()
    return Message(layout, tuple(texts), bit_map)


def write(message: Message) -> bytes:
    """The stream of ``message``, without its closing byte, whatever its values say. UnbuildableMessage if it is not ASCII."""
    layout = message.layout
    text = layout.templates[message.is_successful] % (message.bit_map, *message.texts)
    if not text.isascii():
        field = next(field for field, said in zip(layout.fields, message.texts, strict=False) if not said.isascii())
        raise UnbuildableMessage("is not ASCII", layout.place(field))
    return text.encode()


def parse(stream: bytes) -> Message:
    """The message in ``stream``. ImproperMessage if it has not the form of one, InvalidValue if a value breaks a rule."""
    message = read(stream)
    if fault := message.fault:
        raise fault
    return message


def build(message: Message) -> bytes:
    """The stream of ``message``. UnbuildableMessage if a value breaks the table's rule."""
    if fault := message.fault:
        raise UnbuildableMessage(fault.why, fault.place) from fault
    return write(message)


def _is_successful(layout: Layout, text: str) -> bool:
    start = layout.positions.get(RESPONSE_CODE.name)
    return start is not None and text[start : start + RESPONSE_CODE.length] == ResponseCode.SUCCESSFUL


def _fault_of(stream: bytes) -> ImproperMessage:
    """What is wrong with the form of a stream, of which something is."""
    if unprintable := _UNPRINTABLE.search(stream):
        return ImproperMessage(f"{unprintable[0][0]:#04x} is not printable ASCII", Place(position=unprintable.start()))
    text = stream.decode("ascii")
    layout = _LAYOUT_OF_TEXT.get(text[:MTI_LENGTH])
    if layout is None:
        return ImproperMessage(f"{text[:MTI_LENGTH]!r} is no message type of the document", Place(name="mti", position=0))
    bit_map = text[MTI_LENGTH:HEAD_LENGTH]
    if bit_map not in layout.bit_maps:
        return ImproperMessage(_bit_map_fault(layout, bit_map), Place(layout.mti, name="bit_map", position=MTI_LENGTH))
    # pyiso8583 takes any length up to the longest, and +7 for 07. Where the stream ends too early, it says so.
    for element, (position, wanted) in layout.prefixes[_is_successful(layout, text)].items():
        prefix = text[position : position + len(wanted)]
        if prefix != wanted and len(prefix) == len(wanted):
            return ImproperMessage(f"has length {prefix}, not {wanted}", Place(layout.mti, element.number, position=position))
    try:
        decode(stream, _SPECS[layout.mti])
    except DecodeError as error:
        return ImproperMessage(error.msg.lower(), Place(layout.mti, int(error.field), position=error.pos))
    return ImproperMessage("has not the form of the table", Place(layout.mti))


def _bit_map_fault(layout: Layout, bit_map: str) -> str:
    wanted = " or ".join(layout.bit_maps)
    try:
        numbers = announced(bit_map)
    except ValueError:
        return f"must be {wanted}, not {bit_map!r}"
    more = [number for number in numbers if number not in layout.numbers]
    less = [number for number in layout.numbers if number not in numbers]
    faults = [f"announces field {number}, which it does not carry" for number in more]
    faults += [f"lacks field {number}" for number in less]
    return f"must be {wanted}, not {bit_map}: {'; '.join(faults[:3])}"


def _spec(layout: Layout) -> Mapping[str, Mapping[str, Any]]:
    """What pyiso8583 needs to know of a message; its bit map is hexadecimal text here."""

    def entry(length: int, length_digits: int = 0) -> Mapping[str, Any]:
        return {"data_enc": "ascii", "len_enc": "ascii", "len_type": length_digits, "max_len": length, "desc": ""}

    spec = {"h": entry(0), "t": entry(MTI_LENGTH), "p": entry(HEAD_LENGTH - MTI_LENGTH), "1": entry(0)}
    if layout.announced_in_vain is not None:
        # A field of no length: its bit is there, and nothing else.
        spec[str(layout.announced_in_vain)] = entry(0)
    for element, fields in layout.parts[True].items():
        spec[str(element.number)] = entry(sum(field.length for field in fields), element.length_digits)
    return spec


_SPECS: Mapping[Mti, Mapping[str, Mapping[str, Any]]] = {mti: _spec(layout) for mti, layout in LAYOUTS.items()}
