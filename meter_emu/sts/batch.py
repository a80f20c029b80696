"""Rows as lines: JSON lines in, JSON lines out, as the octets come and for as long as they come.

A blank line is passed over; every other one gets one answer line, in order (see rows.py for what rows and answers are).
What cannot be read as a row, or is longer than MAXIMUM_LINE, is answered with a FormatError that says which line it was.
No more than one line is ever held. Numbers with a fraction are taken as text, never as floats; answers are ASCII.

>>> batch = Batch()
>>> batch.feed(b'{"id": 1, "op": "decode", "to')
b''
>>> batch.feed(b'ken": "2"}\\n\\n')
b'{"id": 1, "error": {"code": "FormatError", "message": "token must be 20 digits, not 1"}}\\n'
>>> batch.feed(b"[1]"), batch.close()
(b'', b'{"id": null, "error": {"code": "FormatError", "message": "line 3 is not a JSON object"}}\\n')
"""

import codecs
import json
from collections.abc import Iterator

from meter_emu.sts.ciphers.sta_tables import SAMPLE_TABLES, StaTables
from meter_emu.sts.errors import FormatError
from meter_emu.sts.rows import answer, refusal

MAXIMUM_LINE = 64 * 1024
"""Octets in a line, without its end."""


class Batch:
    """Octets of rows in, octets of answers out."""

    def __init__(self, *, tables: StaTables = SAMPLE_TABLES, show_keys: bool = False) -> None:
        self._lines = LineSplitter()
        self._tables = tables
        self._show_keys = show_keys

    def feed(self, octets: bytes) -> bytes:
        """The answers to all the lines that ``octets`` bring to their end. Never raises."""
        return b"".join(self._answer(number, line) for number, line in self._lines.feed(octets))

    def close(self) -> bytes:
        """The answer to the last line, if it came without a line end."""
        return self.feed(b"\n")

    def _answer(self, number: int, line: bytes | None) -> bytes:
        if line is not None and not line.strip():
            return b""
        try:
            row = _read(line)
            answered = answer(row, tables=self._tables, show_keys=self._show_keys)
            return _ENCODER.encode(answered).encode("ascii") + b"\n"
        except FormatError as error:
            message = str(error)
        except RecursionError:
            message = "is nested too deeply"
        return _ENCODER.encode(refusal(None, FormatError(f"line {number} {message}"))).encode("ascii") + b"\n"


class LineSplitter:
    """Octets in, numbered lines out: ``(1, b"...")``, or ``(1, None)`` for one that was too long to be held."""

    def __init__(self) -> None:
        self._number = 0
        self._held = bytearray()
        self._is_too_long = False

    def feed(self, octets: bytes) -> Iterator[tuple[int, bytes | None]]:
        """The lines that end in ``octets``; what follows the last line end is held back."""
        *ends, rest = octets.split(b"\n")
        for end in ends:
            self._hold(end)
            self._number += 1
            yield self._number, None if self._is_too_long else bytes(self._held)
            self._held.clear()
            self._is_too_long = False
        self._hold(rest)

    def _hold(self, part: bytes) -> None:
        if self._is_too_long or len(self._held) + len(part) > MAXIMUM_LINE:
            self._held.clear()
            self._is_too_long = True
        else:
            self._held += part


def _read(line: bytes | None) -> dict[str, object]:
    """The row in a line. FormatError that goes on from "line 7 ..."; RecursionError for one nested too deeply."""
    if line is None:
        raise FormatError(f"is longer than {MAXIMUM_LINE} bytes")
    try:
        row = _DECODER.decode(line.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise FormatError(f"is not UTF-8: byte {error.start + 1}") from None
    except json.JSONDecodeError as error:
        raise FormatError(f"is not JSON: {error.msg} at character {error.pos + 1}") from None
    except ValueError:
        raise FormatError("holds a number that is none, or one with too many digits") from None
    if not isinstance(row, dict):
        raise FormatError("is not a JSON object")
    return row


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_float=str, parse_constant=_refuse_constant)
_ENCODER = json.JSONEncoder(check_circular=False)
