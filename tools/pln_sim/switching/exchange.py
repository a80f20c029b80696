"""Exchange, one request and what came back: is it the reply to this very request, and what does it decide?

"Every request message will be responded by an appropriate reply" (section 2), which gives back what the request said
(attachment A). So a reply is the one with the type that answers, and the trace number, the meter and the PLN reference
of the request; a network reply has no trace number and gives back time, action and switcher. "When the SWITCHING sends
improper message, GATEWAY will send the exact message as sent" (section 4): an echo is a failure. Anything else, such as a
reply that comes after its time, is dropped.

>>> request = read(b"280000100000010100002008050207230000100710000D3")
>>> judge(request, b"2810001000000301000020080502072300000000100710000D3").event
<Event.ACCEPTED: 'accepted'>
>>> refusal = judge(request, b"2810001000000301000020080502072300003200100710000D3")
>>> refusal.event, refusal.code
(<Event.REFUSED: 'refused'>, '0032')
>>> judge(request, b"280000100000010100002008050207230000100710000D3").event
<Event.ECHOED: 'echoed'>
>>> judge(request, b"2810001000000301000020080502072259000000100710000D3")
Happened(event=<Event.FOREIGN: 'foreign'>, code=None, answer=None, why='no reply to this request: another local_time')
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pln_sim.gateway.messages import ImproperMessage, InvalidValue, Message, Mti, ResponseCode, read, table, write
from pln_sim.gateway.messages.field import Field


class Event(Enum):
    """What can happen to a purchase."""

    READY = "ready"
    """A signed-on connection is there."""
    UNREACHABLE = "unreachable"
    """There is none, or the sign-on was refused."""
    ACCEPTED = "accepted"
    """The reply with response code 0000."""
    REFUSED = "refused"
    """The reply with a response code that is the last word."""
    UNSURE = "unsure"
    """The reply, but it leaves open whether a token was sold."""
    ECHOED = "echoed"
    """The request itself came back."""
    FOREIGN = "foreign"
    """Something else came."""
    SILENT = "silent"
    """The wait is over."""
    LOST = "lost"
    """The connection is gone."""
    RESUMED = "resumed"
    """The client was killed, and is back."""


_ADVICE_LAST_WORDS = frozenset({ResponseCode.NOT_FOUND})
_NOT_THE_LAST_WORD = {
    ResponseCode.OTHER,
    ResponseCode.TIMEOUT,
    ResponseCode.NOT_FOUND,
    # Also what a used reference gets: the first use may have been sold.
    ResponseCode.INVALID_REFERENCE,
}
LAST_WORDS: Mapping[Mti, frozenset[ResponseCode]] = {
    Mti.NETWORK_REQUEST: frozenset(ResponseCode),
    Mti.INQUIRY_REQUEST: frozenset(ResponseCode),
    Mti.PURCHASE_REQUEST: frozenset(ResponseCode) - _NOT_THE_LAST_WORD,
    Mti.ADVICE_REQUEST: _ADVICE_LAST_WORDS,
    Mti.ADVICE_REPEAT_REQUEST: _ADVICE_LAST_WORDS,
}
"""The response codes that say for certain that nothing was sold, by request. An advice that is refused for a reason of its
own, such as a cut-off, says nothing about the purchase; 0096 does, and makes the reference worthless for ever."""

_OF_NETWORK = (table.LOCAL_TIME, table.ACTION_CODE, table.SWITCHER_ID)
_OF_INQUIRY = (table.TRACE_NUMBER, table.METER_NUMBER)
_OF_PURCHASE = (*_OF_INQUIRY, table.PLN_REFERENCE)
GIVEN_BACK: Mapping[Mti, tuple[Field[Any], ...]] = {
    Mti.NETWORK_REQUEST: _OF_NETWORK,
    Mti.INQUIRY_REQUEST: _OF_INQUIRY,
    Mti.PURCHASE_REQUEST: _OF_PURCHASE,
    Mti.ADVICE_REQUEST: _OF_PURCHASE,
    Mti.ADVICE_REPEAT_REQUEST: _OF_PURCHASE,
}
"""What a reply must have from its request, by request."""
PROMISED: Mapping[Mti, tuple[Field[Any], ...]] = {
    Mti.INQUIRY_REQUEST: (table.PLN_REFERENCE,),
    Mti.PURCHASE_REQUEST: (table.TOKEN,),
    Mti.ADVICE_REQUEST: (table.TOKEN,),
    Mti.ADVICE_REPEAT_REQUEST: (table.TOKEN,),
}
"""What success is worth nothing without. A fault in any other field does not lose the token."""


@dataclass(frozen=True)
class Happened:
    """An event and what is known of it: for a reply its response code, and when it is accepted the ``answer`` itself; else
    ``why`` it is what it is."""

    event: Event
    code: str | None = None
    answer: Message | None = None
    why: str = ""


def judge(request: Message | None, stream: bytes) -> Happened:
    """What ``stream`` means for ``request``; None when nothing is asked."""
    if request is not None and stream == write(request):
        return Happened(Event.ECHOED, why="improper message: sent back as it came")
    try:
        message = read(stream)
    except ImproperMessage as error:
        return Happened(Event.FOREIGN, why=f"no message: {error.why}")
    if request is None:
        return Happened(Event.FOREIGN, why=f"late or unasked {message.layout.title}")
    if message.layout.answers is not request.mti:
        return Happened(Event.FOREIGN, why=f"no reply to this request: late or unasked {message.layout.title}")
    for field in GIVEN_BACK[request.mti]:
        if message.text(field) != request.text(field):
            return Happened(Event.FOREIGN, why=f"no reply to this request: another {field.name}")
    return _judge_reply(request.mti, message)


def _judge_reply(asked: Mti, reply: Message) -> Happened:
    code = reply.text(table.RESPONSE_CODE)
    if not reply.is_successful:
        is_last_word = code in LAST_WORDS[asked]
        return Happened(Event.REFUSED if is_last_word else Event.UNSURE, code)
    for field in PROMISED.get(asked, ()):
        try:
            if not str(reply[field]).strip():
                return Happened(Event.UNSURE, code, why=f"blank {field.name}")
        except InvalidValue as error:
            return Happened(Event.UNSURE, code, why=f"bad {field.name}: {error.why}")
    return Happened(Event.ACCEPTED, code, reply)
