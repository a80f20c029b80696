"""Decision, a decided suspect as each party keeps it: in the vending database and in the switching's journal."""

from dataclasses import dataclass
from datetime import date

from pln_sim.reconciliation.columns import Transaction
from pln_sim.reconciliation.result import Result


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What PLN decided of a reference. The first one is final."""

    reference: str
    switcher_id: str
    reconciled_on: date
    result: Result
    row: str
    """The transaction, as it stands in .fcn behind the result."""
    reason: str

    @property
    def transaction(self) -> Transaction:
        """What the row says."""
        return Transaction.of(self.row.encode("ascii"))

    @property
    def words(self) -> str:
        """What happened, and when."""
        return f"{self.result.words} by the reconciliation of {self.reconciled_on}"

    def __repr__(self) -> str:
        """Without the row, in which a token stands."""
        return f"Decision({self.reference}, {self.result.words})"
