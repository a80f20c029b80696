"""The messages between a switching and the gateway (gateway specification 1.0.1, attachment A), read and built from one table.

>>> message = parse(b"280000100000010100002008050207230000100710000D3")
>>> message[table.ACTION_CODE], build(message.reply(ResponseCode.SUCCESSFUL))
(<ActionCode.SIGN_ON: '001'>, b'2810001000000301000020080502072300000000100710000D3')
"""

from pln_sim.gateway.messages import table
from pln_sim.gateway.messages.amount import Amount
from pln_sim.gateway.messages.codes import ActionCode, MerchantCategory, Mti, ResponseCode
from pln_sim.gateway.messages.errors import (
    ImproperMessage,
    InvalidValue,
    MessageError,
    OversizedMessage,
    UnbuildableMessage,
)
from pln_sim.gateway.messages.message import Message
from pln_sim.gateway.messages.stream import build, parse, read, write

__all__ = [
    "ActionCode",
    "Amount",
    "ImproperMessage",
    "InvalidValue",
    "MerchantCategory",
    "Message",
    "MessageError",
    "Mti",
    "OversizedMessage",
    "ResponseCode",
    "UnbuildableMessage",
    "build",
    "parse",
    "read",
    "table",
    "write",
]
