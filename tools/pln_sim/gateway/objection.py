"""Objection: why a request is refused. The switching gets the code, the gateway's log the words too.

>>> Objection(ResponseCode.INVALID_REFERENCE, "used")
Objection(code=<ResponseCode.INVALID_REFERENCE: '0098'>, why='used')
"""

from typing import NamedTuple

from pln_sim.gateway.messages import ResponseCode


class Objection(NamedTuple):
    """What speaks against a request."""

    code: ResponseCode
    why: str
    """Neither token nor reference is in it."""
