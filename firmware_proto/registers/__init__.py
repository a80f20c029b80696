"""The registers: what the meter says and takes on the wire. Pure: a meter and the time come in as arguments.

table.py          REGISTERS, the one table of OBIS codes; start here
register.py       Register, Log, Field, Setting: what a line of the table says
formats.py        how values are written and read
writes.py         what the writable registers do;  logs.py event log and load profile;  status_word.py
documentation.py  the page docs/registers.md
"""

from firmware_proto.registers.logs import StoredLogs
from firmware_proto.registers.register import Field, Log, Logs, Register, Setting, Written
from firmware_proto.registers.table import READOUT_REGISTERS, REGISTERS, find

__all__ = [
    "READOUT_REGISTERS",
    "REGISTERS",
    "Field",
    "Log",
    "Logs",
    "Register",
    "Setting",
    "StoredLogs",
    "Written",
    "find",
]
