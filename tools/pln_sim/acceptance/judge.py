"""Judging a response: its form, what it gives back, its code; and what it gives out, against all that was given out before."""

from threading import Lock

from pln_sim.acceptance.step import words
from pln_sim.gateway.messages import ImproperMessage, Message, Mti, read, table


def judge(request: Message, stream: bytes, expected: str | None) -> tuple[str, str]:
    """The response code in ``stream``, empty if there is none, and what is wrong with it as a response to ``request``.

    >>> request = read(b"280000100000010100002008050207230000100710000D3")
    >>> judge(request, b"2810001000000301000020080502072300000000100710000D3", "0000")
    ('0000', '')
    >>> judge(request, b"2810001000000301000020080502072300000000100710000D4", "0000")
    ('0000', 'switcher_id is 10000D4, not 10000D3 as in the request')
    >>> judge(request, b"HELLO", "0000")
    ('', "no message of the document: mti at byte 0: 'HELL' is no message type of the document")
    """
    try:
        message = read(stream)
    except ImproperMessage as error:
        return "", f"no message of the document: {error}"
    if message.layout.answers is not request.mti:
        return "", f"a {message.mti} came, which is no reply to {request.mti}"
    code = message.text(table.RESPONSE_CODE)
    shared = [each for each in message.layout.always if each in request]
    for each in shared:
        if message.text(each) != request.text(each):
            return code, f"{each.name} is {message.text(each)}, not {request.text(each)} as in the request"
    if message.fault is not None:
        return code, str(message.fault)
    if message.mti is Mti.INQUIRY_RESPONSE and message.is_successful and not message[table.PLN_REFERENCE].strip():
        return code, "the reference is blank"
    return code, "" if expected in (None, code) else f"got {words(code)}"


class Ledger:
    """What the gateway has given out in this test. For many threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._references: set[str] = set()
        self._reference_of_token: dict[str, str] = {}
        self._sale_of_reference: dict[str, tuple[str, ...]] = {}

    def add_reference(self, reference: str) -> str:
        """What is wrong with a new reference, if anything."""
        with self._lock:
            if reference in self._references:
                return "the reference was given out before"
            self._references.add(reference)
            return ""

    def add_sale(self, message: Message) -> str:
        """What is wrong with a sale that was told, if anything."""
        token, reference = message[table.TOKEN], message[table.PLN_REFERENCE]
        sale = tuple(message.text(field) for field in message.layout.if_successful)
        with self._lock:
            known = self._sale_of_reference.setdefault(reference, sale)
            owner = self._reference_of_token.setdefault(token, reference)
        if known[-1] != token:
            return "a second token for the same reference"
        if owner != reference:
            return "the token was sold before, for another reference"
        return "" if known == sale else "the same token, but not the same sale"
