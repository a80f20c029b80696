"""The programming commands, one row each (IEC 62056-21, 6.3.14 items 16 and 17).

The standard leaves types 5 and 6 to national use; here as in Germany they read and write by OBIS code, 6 in partial blocks.
The "formatted communication coding" of types 2 and 4 (annex C) is optional and not offered.

>>> COMMANDS["R", "6"].meaning
'read by OBIS code, in partial blocks'
>>> ("R", "2") in COMMANDS
False
"""

from typing import NamedTuple

from firmware_proto.protocol.states import Symbol


class CommandKind(NamedTuple):
    """What a command asks for."""

    symbol: Symbol
    meaning: str


COMMANDS: dict[tuple[str, str], CommandKind] = {
    ("P", "1"): CommandKind(Symbol.PASSWORD, "password of the customer's level, given as it is"),
    ("P", "2"): CommandKind(Symbol.PASSWORD, "password of the service level; here given as it is too"),
    ("R", "1"): CommandKind(Symbol.READ, "read a register"),
    ("R", "3"): CommandKind(Symbol.READ_PARTS, "read a register, in partial blocks"),
    ("R", "5"): CommandKind(Symbol.READ, "read by OBIS code"),
    ("R", "6"): CommandKind(Symbol.READ_PARTS, "read by OBIS code, in partial blocks"),
    ("W", "1"): CommandKind(Symbol.WRITE, "write a register"),
    ("W", "3"): CommandKind(Symbol.WRITE, "write a register, in partial blocks"),
    ("W", "5"): CommandKind(Symbol.WRITE, "write by OBIS code"),
    ("W", "6"): CommandKind(Symbol.WRITE, "write by OBIS code, in partial blocks"),
    ("B", "0"): CommandKind(Symbol.BREAK, "end of the session"),
    ("B", "1"): CommandKind(Symbol.BREAK, "end of the session, of a battery-operated device"),
}
"""What a meter obeys; all else is answered with an error text."""
