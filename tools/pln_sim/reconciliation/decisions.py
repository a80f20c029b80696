"""Decisions: the table of decided suspects that each party keeps beside its ledger. The first verdict on a reference is final.

The gateway's ledger is its sales, without those that were cancelled and with those that were forced. The switching's is what
it sold, without what was not forced and with what was not cancelled, whose token it finds in the verdict. So the two are
equal when both have decided.

    3 forced         the switching sold it, the gateway books it       both: sold
    4 not forced     the switching takes it back                       both: not sold
    5 cancelled      the gateway takes it back, the token is nobody's  both: not sold
    6 not cancelled  the switching books it and hands the token out    both: sold
"""

from collections.abc import Iterable, Iterator
from datetime import date

from meter_emu.shell.database import Database
from pln_sim.reconciliation.matching import Result
from pln_sim.reconciliation.verdict import Verdict

GATEWAY_FILE = "gateway-decisions.db"
SWITCHING_FILE = "switching-decisions.db"


class Decisions(Database):
    """The decided suspects of one party, in a file. A context manager."""

    name = "table of decided suspects"
    if_lost = "the ledger is then as it was before the reconciliation, and suspects are decided anew"
    application_id = 0x7265636E
    migrations = (
        (
            """CREATE TABLE decision (
                   reference TEXT PRIMARY KEY,
                   switcher_id TEXT NOT NULL,
                   reconciled_on TEXT NOT NULL,
                   result INTEGER NOT NULL CHECK (result BETWEEN 3 AND 6),
                   row BLOB NOT NULL,
                   reason TEXT NOT NULL
               ) WITHOUT ROWID""",
            "CREATE INDEX decision_of_day ON decision (reconciled_on, switcher_id, reference)",
        ),
    )

    def decide(self, verdicts: Iterable[Verdict], switcher_id: str, reconciled_on: date) -> None:
        """Remember verdicts; on disk when this returns. One on a reference that was decided before changes nothing."""
        rows = (
            (verdict.reference, switcher_id, reconciled_on.isoformat(), verdict.result.value, verdict.row, verdict.reason)
            for verdict in verdicts
        )
        with self._transaction():
            self._connection.executemany("INSERT OR IGNORE INTO decision VALUES (?, ?, ?, ?, ?, ?)", rows)

    def of_day(self, switcher_id: str, reconciled_on: date) -> Iterator[Verdict]:
        """The verdicts of a reconciliation, by reference."""
        statement = "SELECT result, row, reason FROM decision WHERE reconciled_on = ? AND switcher_id = ? ORDER BY reference"
        with self._errors_in_one_line():
            for result, row, reason in self._connection.execute(statement, (reconciled_on.isoformat(), switcher_id)):
                yield Verdict(Result(result), row, reason)

    def verdict_on(self, reference: str) -> Verdict | None:
        """What was decided of a reference; None if nothing was."""
        statement = "SELECT result, row, reason FROM decision WHERE reference = ?"
        with self._errors_in_one_line():
            found = self._connection.execute(statement, (reference,)).fetchone()
        return Verdict(Result(found[0]), found[1], found[2]) if found else None
