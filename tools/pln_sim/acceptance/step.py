"""Step: one message of a case, and what must come back. Values that differ from gateway to gateway are named, not written:
``$unknown_meter`` is whatever the plan says.

>>> step = inquiry("0015", meter_number="$unknown_meter")
>>> step.title, step.expected
('2100 Inquiry Request', '0015 ERROR - Unknown Meter SN')
>>> raw(b"HELLO").expected
'the message itself, unchanged'
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from pln_sim.gateway.messages import ActionCode, Mti, ResponseCode


class Way(Enum):
    """What can come back other than a response."""

    ECHO = "the message itself, unchanged"
    SILENCE = "no reply"
    CUT = "the end of the connection, without a reply"
    NO_MESSAGE = "bytes that are no message"


class Delivery(Enum):
    """How a message is sent."""

    WHOLE = "in one piece"
    SPLIT = "in two TCP segments"
    DOUBLE = "on two connections at once"


_CODE = re.compile(r"\b[0-9]{4}\b")


@dataclass(frozen=True)
class Step:
    """A message: ``mti`` with ``texts`` where it is to differ from a right one, or else the ``raw`` bytes."""

    expect: str | Way
    """A response code, or what else is to come."""
    mti: Mti | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    delivery: Delivery = Delivery.WHOLE
    is_cut_short: bool = False
    """The last character is left out."""
    is_second: bool = False
    """Sent on a connection of the second switching's own."""
    is_fresh: bool = False
    """Sent on a new connection that is not signed on."""

    @property
    def title(self) -> str:
        """What is sent, in words."""
        if self.mti is None:
            return "improper bytes"
        short = ", cut short" if self.is_cut_short else ""
        how = f", {self.delivery.value}" if self.delivery is not Delivery.WHOLE else ""
        action = self.texts.get("action_code")
        named = f" ({_ACTIONS.get(action, action)})" if action else ""
        return f"{self.mti} {self.mti.meaning}{named}{short}{how}"

    @property
    def expected(self) -> str:
        """What is to come back, in words."""
        if isinstance(self.expect, Way):
            return self.expect.value
        if self.delivery is Delivery.DOUBLE:
            return f"{words(ResponseCode.SUCCESSFUL)} once, {words(self.expect)} once"
        return words(self.expect)


def words(code: str) -> str:
    """A response code with the document's words for it.

    >>> words("0011"), words("ABCD")
    ('0011 ERROR - Need to sign-on', 'ABCD, which is no response code')
    """
    try:
        return f"{code} {ResponseCode(code).meaning}"
    except ValueError:
        return f"{code}, which is no response code"


def brief(said: str) -> str:
    """The same in one word, for a table.

    >>> brief("0011 ERROR - Need to sign-on"), brief(Way.ECHO.value), brief("0000 successful once, 0098 ERROR once")
    ('0011', 'echo', '0000 + 0098')
    """
    ways = {way.value: way.name.lower().replace("_", " ") for way in Way}
    return ways.get(said) or " + ".join(_CODE.findall(said)) or said


def network(expect: str | Way, action: str, *, is_fresh: bool = False, **texts: str) -> Step:
    """A 2800."""
    return Step(expect, Mti.NETWORK_REQUEST, {"action_code": action, **texts}, is_fresh=is_fresh)


def inquiry(expect: str | Way = "0000", **texts: str) -> Step:
    """A 2100."""
    return Step(expect, Mti.INQUIRY_REQUEST, texts)


def purchase(expect: str | Way = "0000", **texts: str) -> Step:
    """A 2200 with the reference of the inquiry before."""
    return Step(expect, Mti.PURCHASE_REQUEST, texts)


def advice(expect: str | Way = "0000", **texts: str) -> Step:
    """A 2220."""
    return Step(expect, Mti.ADVICE_REQUEST, texts)


def repeat(expect: str | Way = "0000", **texts: str) -> Step:
    """A 2221."""
    return Step(expect, Mti.ADVICE_REPEAT_REQUEST, texts)


def raw(stream: bytes) -> Step:
    """Bytes that are no message."""
    return Step(Way.ECHO, raw=stream)


_ACTIONS = {action.value: action.meaning for action in ActionCode}
