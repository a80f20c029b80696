"""Message, the value that reading ends in and building starts from: a layout and the text of each of its fields.

The texts are kept as they stand on the wire, so a message that was read is rebuilt byte for byte, and a response can give
back what was asked "identical to same field in request message", right or wrong. Values are worked out when asked for.

>>> from pln_sim.gateway.messages import table
>>> request = Message.of(Mti.NETWORK_REQUEST, local_time=datetime(2008, 5, 2, 7, 23), action_code="001", switcher_id="10000D3")
>>> request[table.LOCAL_TIME].isoformat(), request.text(table.LOCAL_TIME), request[table.ACTION_CODE].meaning
('2008-05-02T07:23:00', '20080502072300', 'sign-on')
>>> response = request.reply(ResponseCode.SUCCESSFUL)
>>> response.mti, response.is_successful, response[table.SWITCHER_ID]
(<Mti.NETWORK_RESPONSE: '2810'>, True, '10000D3')
>>> Message.of(Mti.NETWORK_REQUEST, local_time=datetime(2008, 5, 2), action_code="101", switcher_id="10000D3")
Traceback (most recent call last):
    ...
pln_sim.gateway.messages.errors.UnbuildableMessage: 2800 field 40 action_code at byte 34: 101 is none of 001, 002, 301
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pln_sim.gateway.messages.amount import Amount
from pln_sim.gateway.messages.codes import Mti, ResponseCode
from pln_sim.gateway.messages.errors import InvalidValue, Place, UnbuildableMessage
from pln_sim.gateway.messages.field import BadText, Field, T
from pln_sim.gateway.messages.layout import Layout
from pln_sim.gateway.messages.table import FIELDS, LAYOUT_OF_REPLY_TO, LAYOUTS, MINOR_UNITS, RESPONSE_CODE

_SUCCESS = (ResponseCode.SUCCESSFUL.value,)
Value = str | int | Amount | datetime | date
"""What a field can mean."""


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A message. ``texts`` are those of the layout's fields in order, each of its field's length; ``bit_map`` is one of the
    layout's. UnbuildableMessage if they are not.
    """

    layout: Layout
    texts: tuple[str, ...]
    bit_map: str

    def __post_init__(self) -> None:
        lengths = self.layout.lengths[self.is_successful]
        if self.bit_map not in self.layout.bit_maps or list(map(len, self.texts)) != lengths:
            raise UnbuildableMessage("bit map or texts do not fit the message", Place(self.mti))

    @classmethod
    def of(cls, mti: Mti, **values: Value) -> "Message":
        """A message from the values of its fields, by name. Minor units come from the amounts; what the document always
        sets may be left out. UnbuildableMessage for a missing or foreign field or a value its field cannot hold.
        """
        return cls._checked(mti, {}, values)

    @classmethod
    def of_texts(cls, mti: Mti, texts: Mapping[str, str], bit_map: str | None = None) -> "Message":
        """A message from the texts of its fields, by name, whatever they say; short ones are padded.

        UnbuildableMessage for a missing or foreign field, a text that does not fit, a bit map of another message.
        """
        layout = LAYOUTS[mti]
        fields = layout.fields_if(_tells_success(layout, texts))
        if bit_map not in (None, *layout.bit_maps):
            raise UnbuildableMessage(f"has bit map {' or '.join(layout.bit_maps)}, not {bit_map!r:.50}", Place(mti))
        return cls(layout, tuple(field.fill(texts[field.name]) for field in fields), bit_map or layout.bit_maps[0])

    @classmethod
    def _checked(cls, mti: Mti, texts: dict[str, str], values: Mapping[str, Value]) -> "Message":
        """A message from texts as they stand and values for the other fields. UnbuildableMessage if it has a fault."""
        layout = LAYOUTS[mti]
        spelled = {**layout.defaults, **texts}
        for name, value in values.items():
            if name not in layout.index:
                raise UnbuildableMessage(f"has no {name}", Place(mti))
            field = FIELDS[name]
            if field in MINOR_UNITS:
                raise UnbuildableMessage(f"takes {name} from its amount", Place(mti))
            spelled.update(field.spell(value))
        message = cls(layout, layout.in_order[_tells_success(layout, spelled)](spelled), layout.bit_maps[0])
        if fault := message.fault:
            raise UnbuildableMessage(fault.why, fault.place) from fault
        return message

    @property
    def mti(self) -> Mti:
        """Which message it is."""
        return self.layout.mti

    @property
    def is_successful(self) -> bool:
        """Whether the response code is 0000. A request has none and is not."""
        place = self.layout.index.get(RESPONSE_CODE.name)
        return place is not None and self.texts[place : place + 1] == _SUCCESS

    def __contains__(self, field: Field[T]) -> bool:
        return self.layout.index.get(field.name, len(self.texts)) < len(self.texts)

    def __getitem__(self, field: Field[T]) -> T:
        """What ``field`` means. InvalidValue if its text breaks the table's rule, KeyError if the message has no such field."""
        text = self.text(field) if field.decimals_in is None else self.text(field.decimals_in) + self.text(field)
        return self._value(field, text)

    def text(self, field: Field[T]) -> str:
        """The text of ``field`` as it stands on the wire, padding and all; KeyError if the message has no such field."""
        try:
            return self.texts[self.layout.index[field.name]]
        except IndexError:
            raise KeyError(field.name) from None

    @property
    def fault(self) -> InvalidValue | None:
        """The first value that breaks the table's rule; None for a message without fault.

        A refusal gives back what it refuses, so what it has from the request is not judged again.
        """
        layout, is_successful = self.layout, self.is_successful
        given_back = LAYOUTS[layout.answers].index if layout.answers and not is_successful else {}
        # Most messages are without fault: a look at all characters at once leaves few fields to decode.
        match = layout.sound[is_successful].fullmatch("".join(self.texts))
        said = zip(layout.judged[is_successful], match.groups(), strict=True) if match else self._said()
        for field, text in said:
            try:
                if field.name not in given_back:
                    self._value(field, text)
            except InvalidValue as fault:
                return fault
        return None

    def reply(self, code: ResponseCode, **values: Value) -> "Message":
        """The response to this request: what the two have in common is given back, the rest comes from ``values``.

        UnbuildableMessage if this is no request, or as for ``of``.
        """
        if self.mti not in LAYOUT_OF_REPLY_TO:
            raise UnbuildableMessage("is no request, so nothing replies to it", Place(self.mti))
        layout = LAYOUT_OF_REPLY_TO[self.mti]
        shared = dict(zip(self.layout.index, self.texts, strict=True))
        return self._checked(layout.mti, shared, values | {RESPONSE_CODE.name: code})

    def _said(self) -> Iterator[tuple[Field[Any], str]]:
        """Each field with what its ``decode`` takes."""
        in_front = ""
        for field, text in zip(self.layout.fields, self.texts, strict=False):
            yield field, text if field.decimals_in is None else in_front + text
            in_front = text

    def _value(self, field: Field[T], text: str) -> T:
        try:
            value = field.decode(text)
        except BadText as bad:
            raise InvalidValue(str(bad), self.layout.place(field, bad.offset)) from None
        if field is RESPONSE_CODE and value not in self.layout.codes:
            raise InvalidValue(f"{value} is no response code of this message", self.layout.place(field))
        return value

    def with_honest_bit_map(self) -> "Message":
        """The same with a bit map that announces no field it lacks. Only an Inquiry Response knows another."""
        return replace(self, bit_map=self.layout.bit_maps[-1])

    def __repr__(self) -> str:
        """Neither token nor reference: a message that is logged by chance gives nothing away."""
        code = f", {self.text(RESPONSE_CODE)}" if RESPONSE_CODE in self else ""
        return f"Message({self.mti} {self.layout.title}{code})"


def _tells_success(layout: Layout, texts: Mapping[str, str]) -> bool:
    """Whether the message that has these texts, by name, is a successful one. UnbuildableMessage if a field is missing or
    foreign."""
    is_successful = texts.get(RESPONSE_CODE.name) == ResponseCode.SUCCESSFUL
    names = layout.names[is_successful]
    if texts.keys() == names:
        return is_successful
    for name in texts:
        if name not in names:
            reason = " unless the response code is 0000" if name in layout.index else ""
            raise UnbuildableMessage(f"has no {name!r:.50}{reason}", Place(layout.mti))
    missing = [field.name for field in layout.fields_if(is_successful) if field.name not in texts]
    raise UnbuildableMessage(f"needs {', '.join(missing)}", Place(layout.mti))
