"""Backlog: what a transaction has still to write. Many jobs share a transaction, and many rows of a table cost little more
than one when they are written together.

Statements are put in the order of their list, not in that of the calls; so the list must be one that is right for whatever
was called, and what waits must be written before it is read.

>>> backlog = Backlog(("INSERT INTO reference VALUES (?)", "DELETE FROM reference WHERE number = ?"))
>>> backlog.add("DELETE FROM reference WHERE number = ?", ("A",), about="A")
>>> backlog.add("INSERT INTO reference VALUES (?)", ("B",), about="B")
>>> "A" in backlog, "C" in backlog
(True, False)
>>> for statement, rows in backlog.take():
...     print(statement, rows)
INSERT INTO reference VALUES (?) [('B',)]
DELETE FROM reference WHERE number = ? [('A',)]
>>> "A" in backlog
False
"""

from collections.abc import Sequence
from typing import Any

Row = Sequence[Any]


class Backlog:
    """Rows that wait, by statement."""

    def __init__(self, statements: Sequence[str]) -> None:
        self._rows: dict[str, list[Row]] = {statement: [] for statement in statements}
        self._subjects: set[str] = set()

    def add(self, statement: str, row: Row, about: str) -> None:
        """Let a row wait. ``about`` is the meter or the reference that it concerns."""
        self._rows[statement].append(row)
        self._subjects.add(about)

    def __contains__(self, subject: str) -> bool:
        """Whether anything about a meter or a reference waits."""
        return subject in self._subjects

    def take(self) -> list[tuple[str, list[Row]]]:
        """All that waits, in the order of the statements; nothing waits from now on."""
        waiting = [(statement, rows) for statement, rows in self._rows.items() if rows]
        for statement, _ in waiting:
            self._rows[statement] = []
        self._subjects.clear()
        return waiting
