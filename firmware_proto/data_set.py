"""Data sets: ``address(value*unit)``, what meters say and are told (IEC 62056-21, 6.6).

The address is the OBIS code of a register; it may be missing, as may the unit. A data block is lines of data sets, each line
ending with CR LF. All is printable ASCII. An address has up to 16 characters without ``( ) / !``; a value up to 128 without
``( ) * / !`` in programming mode and up to 32 in a data readout; a unit up to 16 without ``( ) / !``.

>>> str(DataSet("1.8.0", "001234.5", "kWh"))
'1.8.0(001234.5*kWh)'
>>> DataSet.parse("0.0.0(04176855916)")
DataSet(address='0.0.0', value='04176855916', unit='')
>>> parse_block("1.8.0(0012.5*kWh)\\r\\nP.98(1)(2)\\r\\n")[1:]
(DataSet(address='P.98', value='1', unit=''), DataSet(address='', value='2', unit=''))
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from firmware_proto.errors import LocalProtocolError, RemoteProtocolError

LONGEST_ADDRESS = 16
LONGEST_VALUE = 128
LONGEST_READOUT_VALUE = 32
LONGEST_UNIT = 16
LONGEST_LINE = 78
"""Characters of a line in a data readout, without its CR LF."""

LINE_END = "\r\n"
_ADDRESS = rf"[^()/!\x00-\x1f\x7f-\U0010ffff]{{0,{LONGEST_ADDRESS}}}"
_VALUE = rf"[^()*/!\x00-\x1f\x7f-\U0010ffff]{{0,{LONGEST_VALUE}}}"
_UNIT = rf"[^()/!\x00-\x1f\x7f-\U0010ffff]{{0,{LONGEST_UNIT}}}"
_DATA_SET = re.compile(rf"({_ADDRESS})\(({_VALUE})(?:\*({_UNIT}))?\)")
_FIELDS = re.compile(rf"({_ADDRESS})\n({_VALUE})\n({_UNIT})")
_LINE_ENDS = re.compile(r"(?<=\))\r\n")


@dataclass(frozen=True, slots=True)
class DataSet:
    """One value. LocalProtocolError for characters or a length that the standard does not allow."""

    address: str
    value: str
    unit: str = ""

    def __post_init__(self) -> None:
        # One match for all three: a readout makes dozens of these.
        if not _FIELDS.fullmatch(f"{self.address}\n{self.value}\n{self.unit}"):
            raise self._fault()

    def __str__(self) -> str:
        unit = f"*{self.unit}" if self.unit else ""
        return f"{self.address}({self.value}{unit})"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The one data set that ``text`` is. RemoteProtocolError for anything else."""
        match = _DATA_SET.fullmatch(text)
        if match is None:
            raise RemoteProtocolError(f"{_excerpt(text)} is not a data set", field="data_set")
        return cls(*match.groups(""))

    def _fault(self) -> LocalProtocolError:
        for field, pattern, longest in (
            ("address", _ADDRESS, LONGEST_ADDRESS),
            ("value", _VALUE, LONGEST_VALUE),
            ("unit", _UNIT, LONGEST_UNIT),
        ):
            content = getattr(self, field)
            if len(content) > longest:
                return LocalProtocolError(f"{field} has {len(content)} characters, at most {longest} are allowed", field=field)
            if not re.fullmatch(pattern, content):
                return LocalProtocolError(f"{field} {_excerpt(content)} has a character that is not allowed there", field=field)
        raise AssertionError("every part is right, and yet the whole was not")


def parse_block(text: str) -> tuple[DataSet, ...]:
    """The data sets of a data block, or of a single line with or without its line end.

    A data set without an address belongs to the one before it. RemoteProtocolError, with the position, for anything else.
    """
    plain = _LINE_ENDS.sub("", text)
    data_sets = []
    position = 0
    while position < len(plain):
        match = _DATA_SET.match(plain, position)
        if match is None:
            raise RemoteProtocolError(
                f"{_excerpt(plain[position:])} is not a data set", field="data_set", position=_position_in(text, position)
            )
        data_sets.append(DataSet(*match.groups("")))
        position = match.end()
    return tuple(data_sets)


def format_lines(data_sets: Iterable[DataSet], longest_line: int | None = None) -> list[str]:
    """The lines of a data block: every address begins one; data sets without an address follow on the same, while it holds.

    >>> format_lines([DataSet("P.98", "1"), DataSet("", "2"), DataSet("1.8.0", "12.5", "kWh")])
    ['P.98(1)(2)', '1.8.0(12.5*kWh)']
    """
    lines: list[str] = []
    for data_set in data_sets:
        text = str(data_set)
        if lines and not data_set.address and (longest_line is None or len(lines[-1]) + len(text) <= longest_line):
            lines[-1] += text
        else:
            lines.append(text)
    return lines


def format_block(data_sets: Iterable[DataSet]) -> str:
    """A data block as a data readout has it: lines of at most 78 characters, each with its CR LF.

    LocalProtocolError for a value that is too long for a readout.

    >>> format_block([DataSet("1.8.0", "12.5", "kWh")])
    '1.8.0(12.5*kWh)\\r\\n'
    """
    data_sets = tuple(data_sets)
    for data_set in data_sets:
        if len(data_set.value) > LONGEST_READOUT_VALUE:
            raise LocalProtocolError(
                f"the value of {data_set.address} has {len(data_set.value)} characters, "
                f"in a readout at most {LONGEST_READOUT_VALUE} are allowed",
                field="value",
            )
    return "".join([line + LINE_END for line in format_lines(data_sets, LONGEST_LINE)])


def _position_in(text: str, position: int) -> int:
    """Where in ``text`` a position of the text without its line ends lies."""
    for match in _LINE_ENDS.finditer(text):
        if match.start() <= position:
            position += len(LINE_END)
    return position


def _excerpt(text: str) -> str:
    return repr(text if len(text) <= 24 else text[:24] + "...")
