"""What can be wrong with a message: one family, whose members say whose fault it is and what follows from it.

The document knows two kinds of bad messages. An improper one is sent back "exact as sent by SWITCHING without further
processing" (section 4, Failed Flow); any other gets a response code (attachment A). Every error knows where it happened.

>>> try:
...     raise InvalidValue("must be digits, not 'A'", Place("2100", 48, 2, "meter_number", 92))
... except MessageError as error:
...     print(error)
...     print(error.mti, error.field, error.subfield, error.name, error.position)
2100 field 48:2 meter_number at byte 92: must be digits, not 'A'
2100 48 2 meter_number 92
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Where in a stream: message type, ISO field, sub-field, the table's name for it, byte (0 = first). None = not known."""

    mti: str | None = None
    field: int | None = None
    subfield: int | None = None
    name: str | None = None
    position: int | None = None

    def __str__(self) -> str:
        number = f"{self.field}:{self.subfield}" if self.subfield else self.field
        words = (
            self.mti,
            f"field {number}" if self.field else None,
            self.name,
            f"at byte {self.position}" if self.position is not None else None,
        )
        return " ".join(word for word in words if word)


class MessageError(ValueError):
    """Any message that cannot be taken or made. Never raised itself. ``why`` is the fault without the place."""

    def __init__(self, why: str, place: Place | None = None) -> None:
        place = place or Place()
        super().__init__(f"{place}: {why}" if str(place) else why)
        self.why = why
        self.place = place
        self.mti = place.mti
        self.field = place.field
        self.subfield = place.subfield
        self.name = place.name
        self.position = place.position


class ImproperMessage(MessageError):
    """The peer's bytes are none of the document's messages. The gateway sends them back as they came."""


class OversizedMessage(MessageError):
    """The peer sent more bytes than any message has without closing it. The connection is not worth keeping."""


class InvalidValue(MessageError):
    """The peer's message is one of the document's, but a value in it breaks the table's rule: response code 0030."""


class UnbuildableMessage(MessageError):
    """Our own doing: values that make no message of the document."""
