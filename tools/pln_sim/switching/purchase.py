"""Purchase, one customer's purchase as the switching goes through it (sections 3 and 4). Sans-IO: events in, an action out.

Sign-on; 2100, which yields the PLN reference; 2200 at once; then the wait, 20 to 40 seconds. When the reply stays away: 2220,
then 2221 "maximum 2" times, each with its own wait. A 2210 that comes after its time "SWITCHING must consider that it is a
failed transaction": it is dropped, and the advice decides. Every state sends at most one message, and no arrow leads back, so
there is one 2200 for a reference whatever happens. The outcome is never a guess:

    sold      a reply to our own 2200, 2220 or 2221 said 0000, with a token
    not sold  no 2200 left this house, or a reply said for certain that nothing was sold
    suspect   everything else; reconciliation decides, unless the advice is still due because no connection could be had

What reconciliation decided is the last word, in whatever state the purchase was.

>>> from datetime import datetime
>>> order = Order("12345678911", 10_000_000, "0555774F6A4E99648DA2C7C3691DD8F2", Switching("10000D3", "0110000", "6015"))
>>> purchase, action = Purchase.begin(1, order)
>>> action
Connect(is_new=False, is_patient=False)
>>> purchase, action = purchase.step(Happened(Event.READY), datetime(2008, 5, 2, 7, 23))
>>> purchase.state, action
(<State.INQUIRING: 'inquiring'>, Send(message=Message(2100 Inquiry Request)))
>>> purchase, action = purchase.step(Happened(Event.SILENT), datetime(2008, 5, 2, 7, 24))
>>> action
Done(result=Result(not sold, purchase 1, meter 12345678911))
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from meter_emu.sts.errors import RangeError
from pln_sim.gateway.messages import Amount, Message, Mti, read, table
from pln_sim.gateway.messages.message import Value
from pln_sim.reconciliation.columns import Transaction
from pln_sim.switching.exchange import Event, Happened
from pln_sim.switching.sale import Sale

MESSAGES_EACH = 10
"""Trace numbers set aside for each purchase, of which it needs five. So they are as unique as the purchase's own number."""


class Outcome(Enum):
    """What became of a purchase."""

    SOLD = "sold"
    NOT_SOLD = "not sold"
    SUSPECT = "suspect"


class State(Enum):
    """How far a purchase is."""

    CONNECTING = "connecting"
    INQUIRING = "inquiring"
    PURCHASING = "purchasing"
    ADVICE_DUE = "advice due"
    ADVISING = "advising"
    REPEAT_DUE = "repeat due"
    REPEATING = "repeating"
    LAST_REPEAT_DUE = "last repeat due"
    REPEATING_LAST = "repeating last"
    SOLD = "sold"
    NOT_SOLD = "not sold"
    SUSPECT = "suspect"
    SOLD_BY_RECONCILIATION = "sold by reconciliation"
    NOT_SOLD_BY_RECONCILIATION = "not sold by reconciliation"


@dataclass(frozen=True)
class Connect:
    """A signed-on connection is wanted: another one than before, or the one there is. ``is_patient``: try until the wait is
    over, for nothing can be decided without it. The answer is READY or UNREACHABLE."""

    is_new: bool
    is_patient: bool


@dataclass(frozen=True)
class Send:
    """Send this message, once the purchase is on disk as it is now, and wait for what comes."""

    message: Message


@dataclass(frozen=True)
class Wait:
    """Go on with the wait that has begun."""


@dataclass(frozen=True)
class Done:
    """Nothing more to do."""

    result: "Result"


Action = Connect | Send | Wait | Done


@dataclass(frozen=True)
class _Row:
    """What a state does when it is entered: connect, send ``mti`` under the trace digit ``place``, or end with ``outcome``."""

    next: Mapping[Event, State]
    connect: Connect | None = None
    mti: Mti | None = None
    place: int = 0
    outcome: Outcome | None = None


_INQUIRY_FAILS = (Event.REFUSED, Event.UNSURE, Event.ECHOED, Event.SILENT, Event.LOST, Event.RESUMED)
_ADVICE_NEEDED = (Event.UNSURE, Event.ECHOED, Event.SILENT, Event.LOST, Event.RESUMED)
# An advice that is put off (0005, 0068, 0090) has its wait go on: asking again at once would waste the next one.
_NO_ADVICE = (Event.ECHOED, Event.SILENT, Event.LOST, Event.RESUMED)
_DECIDED = {Event.ACCEPTED: State.SOLD, Event.REFUSED: State.NOT_SOLD}


def _due(then: State, here: State, is_new: bool) -> _Row:
    return _Row({Event.READY: then, Event.UNREACHABLE: here, Event.RESUMED: here}, connect=Connect(is_new, is_patient=True))


def _advice(mti: Mti, place: int, here: State, otherwise: State) -> _Row:
    return _Row(_DECIDED | {Event.UNSURE: here} | dict.fromkeys(_NO_ADVICE, otherwise), mti=mti, place=place)


TABLE: Mapping[State, _Row] = {
    State.CONNECTING: _Row(
        {Event.READY: State.INQUIRING, Event.UNREACHABLE: State.NOT_SOLD, Event.RESUMED: State.NOT_SOLD},
        connect=Connect(is_new=False, is_patient=False),
    ),
    State.INQUIRING: _Row(
        {Event.ACCEPTED: State.PURCHASING} | dict.fromkeys(_INQUIRY_FAILS, State.NOT_SOLD),
        mti=Mti.INQUIRY_REQUEST,
        place=1,
    ),
    State.PURCHASING: _Row(
        _DECIDED | dict.fromkeys(_ADVICE_NEEDED, State.ADVICE_DUE),
        mti=Mti.PURCHASE_REQUEST,
        place=2,
    ),
    # The first advice takes the old connection if it still stands, where a late 2210 can be seen; the repeats take a new one:
    # "assumes that other party or network is broken".
    State.ADVICE_DUE: _due(State.ADVISING, State.ADVICE_DUE, is_new=False),
    State.ADVISING: _advice(Mti.ADVICE_REQUEST, 3, State.ADVISING, otherwise=State.REPEAT_DUE),
    State.REPEAT_DUE: _due(State.REPEATING, State.REPEAT_DUE, is_new=True),
    State.REPEATING: _advice(Mti.ADVICE_REPEAT_REQUEST, 4, State.REPEATING, otherwise=State.LAST_REPEAT_DUE),
    State.LAST_REPEAT_DUE: _due(State.REPEATING_LAST, State.LAST_REPEAT_DUE, is_new=True),
    State.REPEATING_LAST: _advice(Mti.ADVICE_REPEAT_REQUEST, 5, State.REPEATING_LAST, otherwise=State.SUSPECT),
    State.SOLD: _Row({}, outcome=Outcome.SOLD),
    State.NOT_SOLD: _Row({}, outcome=Outcome.NOT_SOLD),
    State.SUSPECT: _Row({}, outcome=Outcome.SUSPECT),
    State.SOLD_BY_RECONCILIATION: _Row({}, outcome=Outcome.SOLD),
    State.NOT_SOLD_BY_RECONCILIATION: _Row({}, outcome=Outcome.NOT_SOLD),
}
"""Each state, what it does, and where each event leads. FOREIGN leads nowhere, everywhere."""
OPEN_STATES = tuple(state for state, row in TABLE.items() if row.outcome is None)
"""Those in which a killed client leaves work behind."""


@dataclass(frozen=True)
class Switching:
    """Who buys, as registered with PLN."""

    switcher_id: str
    bank_code: str
    merchant_category: str


@dataclass(frozen=True)
class Order:
    """What is bought. ``amount`` is in cents; ``receipt_reference`` is the switching's own, up to 32 letters and digits."""

    meter: str
    amount: int
    receipt_reference: str
    switching: Switching

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise RangeError(f"{self.amount} cents buy nothing", field="amount")


@dataclass(frozen=True, repr=False)
class Result:
    """What became of a purchase. ``sale`` is there when it is sold, ``code`` is the last response code there was, ``why`` what
    else there is to say. ``is_open``: the advice is still due, and ``resume`` goes on with it.
    """

    outcome: Outcome
    serial: int
    order: Order
    pln_reference: str | None
    code: str | None
    sale: Sale | None
    why: str
    is_open: bool
    is_by_reconciliation: bool = False
    """Decided by PLN's verdict."""

    def __repr__(self) -> str:
        """Neither token nor reference: a result that is logged by chance gives nothing away."""
        return f"Result({self.outcome.value}, purchase {self.serial}, meter {self.order.meter})"


@dataclass(frozen=True)
class Purchase:
    """A purchase, all of which but ``request`` survives a crash. ``serial`` is its number in the journal, never used twice."""

    serial: int
    order: Order
    state: State = State.CONNECTING
    pln_reference: str | None = None
    code: str | None = None
    why: str = ""
    answer: bytes | None = None
    """The stream that sold the token."""
    verdict: Transaction | None = None
    """What reconciliation says was sold, where no answer did."""
    request: Message | None = None
    """What waits for a reply."""

    @classmethod
    def begin(cls, serial: int, order: Order) -> "tuple[Purchase, Action]":
        """A new purchase and its first action. UnbuildableMessage if no message can say such an order."""
        purchase = cls(serial, order)
        purchase._message(Mti.INQUIRY_REQUEST, 1, datetime(2008, 5, 2))
        return purchase, purchase._action()

    def step(self, happened: Happened, now: datetime, stream: bytes = b"") -> "tuple[Purchase, Action]":
        """The purchase after an event, and what to do. ``stream`` is what came, if something did; ``now`` is local time.

        ValueError for an event that cannot happen in this state.
        """
        event = happened.event
        if event is Event.FOREIGN:
            return self, Wait()
        row = TABLE[self.state]
        if event not in row.next:
            raise ValueError(f"a purchase that is {self.state.value} cannot take the event {event.value}")
        reached = row.next[event]
        changed = replace(self, state=reached, code=happened.code or self.code, why=happened.why)
        if event is Event.ACCEPTED and happened.answer is not None:
            if reached is State.SOLD:
                changed = replace(changed, answer=stream)
            else:
                changed = replace(changed, pln_reference=happened.answer[table.PLN_REFERENCE])
        if reached is self.state and row.mti:
            return changed, Wait()
        mti = TABLE[reached].mti
        request = changed._message(mti, TABLE[reached].place, now) if mti else None
        changed = replace(changed, request=request)
        return changed, changed._action(is_unreachable=event is Event.UNREACHABLE)

    @property
    def result(self) -> Result:
        """What has become of it so far: whatever is open after its 2200 is suspect."""
        outcome = TABLE[self.state].outcome
        is_open = outcome is None
        if outcome is None:
            outcome = Outcome.SUSPECT
        is_by_reconciliation = self.state in (State.SOLD_BY_RECONCILIATION, State.NOT_SOLD_BY_RECONCILIATION)
        about = outcome, self.serial, self.order, self.pln_reference, self.code, self._sale, self.why
        return Result(*about, is_open, is_by_reconciliation)

    @property
    def _sale(self) -> Sale | None:
        if TABLE[self.state].outcome is not Outcome.SOLD:
            return None
        if self.answer is not None:
            return Sale.of(read(self.answer))
        return Sale.of_transaction(self.verdict) if self.verdict is not None else None

    def _action(self, is_unreachable: bool = False) -> Action:
        row = TABLE[self.state]
        if self.request is not None:
            return Send(self.request)
        # Patience is over, and the advice is still due: it stays open for another day.
        if row.connect is not None and not is_unreachable:
            return row.connect
        return Done(self.result)

    def _message(self, mti: Mti, place: int, now: datetime) -> Message:
        order, switching = self.order, self.order.switching
        values: dict[str, Value] = {
            "amount": Amount(order.amount // 100, 0) if order.amount % 100 == 0 else Amount(order.amount, 2),
            "trace_number": f"{self.serial * MESSAGES_EACH + place:012}",
            "local_time": now.replace(microsecond=0),
            "merchant_category": switching.merchant_category,
            "bank_code": switching.bank_code,
            "switcher_id": switching.switcher_id,
            "meter_number": order.meter,
        }
        if mti is not Mti.INQUIRY_REQUEST:
            values |= {"pln_reference": self.pln_reference or "", "receipt_reference": order.receipt_reference}
        return Message.of(mti, **values)
