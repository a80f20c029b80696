"""PLN's verdict on a suspect, from the switching's log (section 5, step 4; attachment D). Pure.

"Primary conditions that a suspect (cancel) transaction can be approved by PLN-DJBB are suspect transactions occurs when
broken network link and execution of advice procedures": a cancel is approved when the log shows the 2220 and both 2221
unanswered, and no answer that sold. Otherwise the token may be in the customer's hands, and the sale stands, unless somebody
checked it by hand and approves.

A force "should not be occurred in major conditions". It is approved when the log holds the gateway's own answer that sold
this very token, to this meter and for this amount, and the gateway has no sale of that reference on another day. What PLN's
own .txt contradicts is no suspect at all: money must not depend on what the others say it says.

Two sendings of one message type have different trace numbers; a stream that stands there twice was echoed.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import NamedTuple

from pln_sim.gateway.messages import Mti
from pln_sim.reconciliation.columns import RESULT_WIDTH, SUSPECTS, Transaction
from pln_sim.reconciliation.log_file import LogEntry
from pln_sim.reconciliation.matching import different_columns
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.sources import transaction_of_answer

_MTI_LENGTH = 4
_ADVICE_ANSWERS = (Mti.ADVICE_RESPONSE.value, Mti.ADVICE_REPEAT_RESPONSE.value)
_ANSWERS = {
    Result.FORCED: Result.FORCE,
    Result.NOT_FORCED: Result.FORCE,
    Result.CANCELLED: Result.CANCEL,
    Result.NOT_CANCELLED: Result.CANCEL,
}
REPEATS = 2
"""How many 2221 the document asks for."""


class Sold(NamedTuple):
    """A sale in the gateway's own ledger: the settlement day and the row of .txt that says it."""

    settled_on: date
    row: bytes


SaleOf = Callable[[str], Sold | None]
"""The gateway's sale with a reference; None if there is none."""


class ForeignSuspect(ValueError):
    """A suspect that the gateway's own .txt contradicts: it was not found by comparing that file."""


class Verdict(NamedTuple):
    """What PLN decided of a suspect: 3 to 6, the transaction's row, and why."""

    result: Result
    row: bytes
    """Without the result in front."""
    reason: str

    @property
    def reference(self) -> str:
        """The PLN reference number."""
        return self.row[SUSPECTS.reference.start - RESULT_WIDTH : SUSPECTS.reference.stop - RESULT_WIDTH].decode("ascii")

    @property
    def transaction(self) -> Transaction:
        """What the row says."""
        return Transaction.of(self.row)

    @property
    def suspect(self) -> bytes:
        """The row of .rcn that it answers. Nothing is like it if the result is no verdict."""
        asked = _ANSWERS.get(self.result)
        return (asked.prefix if asked else b"") + self.row

    @property
    def final_row(self) -> bytes:
        """The row of .fcn."""
        return self.result.prefix + self.row


def judge(
    suspect: bytes, log: Sequence[bytes], sale: Sold | None, covered: Collection[date], approved: Collection[str]
) -> Verdict:
    """The verdict on a row of .rcn, from the lines of the log that name its reference and the gateway's own sale, if any.

    ``covered`` are the settlement days of the reconciliation, ``approved`` the references somebody checked by hand.
    ForeignSuspect for a cancel of what .txt does not say, a force of what it says, and for a result other than 1 and 2.
    """
    asked, row = Result(int(suspect[:1])), suspect[RESULT_WIDTH:]
    reference = Transaction.of(row).reference
    reported = sale.row if sale is not None and sale.settled_on in covered else None
    streams = [LogEntry.of(line).stream for line in log]
    if asked is Result.FORCE:
        if reported is not None:
            raise ForeignSuspect(f"{reference} is to be forced, but is in .txt")
        elsewhere = f"it was sold on {sale.settled_on} and belongs to that day" if sale is not None else ""
        objection = elsewhere or _objection_to_force(row, streams)
        yes, no = Result.FORCED, Result.NOT_FORCED
    elif asked is Result.CANCEL:
        if reported != row:
            raise ForeignSuspect(f"{reference} is to be cancelled, but .txt does not say it so")
        objection = _objection_to_cancel(streams)
        yes, no = Result.CANCELLED, Result.NOT_CANCELLED
    else:
        raise ForeignSuspect(f"{reference}: a suspect asks for 1 or 2, not {asked.value}")
    if objection and reference in approved:
        return Verdict(yes, row, "approved by hand")
    return Verdict(no, row, objection) if objection else Verdict(yes, row, "the log shows it")


def _objection_to_cancel(streams: Sequence[bytes]) -> str:
    sent = {stream for stream in streams if stream[:_MTI_LENGTH].decode() in (Mti.ADVICE_REQUEST, Mti.ADVICE_REPEAT_REQUEST)}
    types = [stream[:_MTI_LENGTH].decode() for stream in sent]
    if types.count(Mti.ADVICE_REQUEST) < 1 or types.count(Mti.ADVICE_REPEAT_REQUEST) < REPEATS:
        return "the log does not show the advice and both its repeats"
    if any(stream[:_MTI_LENGTH].decode() in _ADVICE_ANSWERS for stream in streams):
        return "the log shows that an advice was answered"
    if any(_sold(stream) for stream in streams):
        return "the log shows that the token arrived"
    return ""


def _objection_to_force(row: bytes, streams: Sequence[bytes]) -> str:
    answers = [answer for answer in map(_sold, streams) if answer]
    if not any(answer.reference == Transaction.of(row).reference for answer in answers):
        return "the log shows no answer that sold it"
    if all(different_columns(answer.row, row) for answer in answers):
        return "the log shows another meter, amount or token"
    return ""


def _sold(stream: bytes) -> Transaction | None:
    try:
        return transaction_of_answer(stream)
    except ValueError:
        return None
