"""Client, the switching at work: a thin shell that does what a Purchase asks for, with a connection, a journal and clocks.

One order at a time, as the document wants it: "the SWITCHING must be blocked, wait for a response". A connection is signed on
once and serves purchase after purchase; what comes on it unasked, such as a late 2210, is logged and dropped. In a step the
order is always the same: what came and the purchase as it will be go to disk together, then its message leaves.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from pln_sim.gateway.messages import ActionCode, Message, Mti, table, write
from pln_sim.switching.exchange import Event, Happened, judge
from pln_sim.switching.journal import Journal, TakenOver
from pln_sim.switching.link import Address, Link, LinkError
from pln_sim.switching.purchase import Action, Connect, Done, Order, Purchase, Result, Send, Switching

WAIT_SECONDS = 30.0
"""The document recommends 20 to 40."""
MOST_FOREIGN = 100
"""Messages that are no reply to the request, in one wait. After them the connection is given up: the log must not fill up."""
PAUSES_IN_A_WAIT = 20
"""How often a gateway that cannot be reached is tried while an advice is due."""

_log = logging.getLogger(__name__)


def new_reference() -> str:
    """A receipt reference: 32 hexadecimal digits, as in the document's examples."""
    return secrets.token_hex(16).upper()


class Client:
    """A switching's client at one gateway. A context manager; one object serves one thread.

    FileError when the journal cannot be written: nothing is sent then. TakenOver when another client has resumed the purchase.
    """

    def __init__(
        self,
        journal: Journal,
        gateway: Address,
        switching: Switching,
        wait: float = WAIT_SECONDS,
        *,
        clock: Callable[[], datetime] = datetime.now,
        reference: Callable[[], str] = new_reference,
        connect: Callable[[Address, float], Link] = Link,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._journal = journal
        self._gateway = gateway
        self._switching = switching
        self._wait = wait
        self._patience = wait
        self._clock = clock
        self._reference = reference
        self._open_link = connect
        self._monotonic = monotonic
        self._sleep = sleep
        self._owner = secrets.token_hex(8)
        self._link: Link | None = None
        self._signed_on_as = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up. What is open stays open."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def buy(self, meter: str, amount: int) -> Result:
        """Buy power for ``amount`` cents. UnbuildableMessage, and nothing is written, if no message can say that."""
        order = Order(meter, amount, self._reference(), self._switching)
        Purchase.begin(0, order)
        purchase, action = Purchase.begin(self._journal.begin(order, str(self._gateway), self._owner), order)
        return self._finish(purchase, action)

    def resume(self, begun_at: Address | None = None) -> Iterator[Result]:
        """Finish what killed clients left open at this gateway, or at one that was ``begun_at`` and has moved here.

        Where one finds no gateway, the others do not wait for it either, and all stay open.
        Their purchases are taken over: do not resume while another client of the same journal is buying.
        """
        for purchase in self._journal.take_over(self._owner, str(begun_at or self._gateway)):
            try:
                result = self._finish(*self._step(purchase, Happened(Event.RESUMED)))
            except TakenOver:
                continue  # Whoever did it finishes it.
            yield result
            if result.is_open:
                self._patience = 0.0
        self._patience = self._wait

    def told(self, result: Result) -> None:
        """The customer knows what became of the purchase. Until then it is among ``Journal.untold``."""
        self._journal.set_told(result.serial)

    def _finish(self, purchase: Purchase, action: Action) -> Result:
        """Do what is asked for until there is nothing more to do."""
        deadline, foreign = 0.0, 0
        while not isinstance(action, Done):
            stream = b""
            if isinstance(action, Connect):
                happened = self._connect(action, purchase.order.switching.switcher_id)
            else:
                if isinstance(action, Send):
                    deadline, foreign = self._monotonic() + self._wait, 0
                happened, stream = self._exchange(purchase, action, deadline)
                foreign += happened.event is Event.FOREIGN
                if foreign > MOST_FOREIGN:
                    self.close()
                    happened, stream = Happened(Event.LOST, why="too much that is no reply"), b""
            purchase, action = self._step(purchase, happened, stream)
        return action.result

    def _step(self, purchase: Purchase, happened: Happened, stream: bytes = b"") -> tuple[Purchase, Action]:
        """One step, on disk: what came, what has become of the purchase, and what is to be sent."""
        happened = self._unused(happened)
        now = self._clock()
        purchase, action = purchase.step(happened, now, stream)
        if stream or happened.event is not Event.FOREIGN:
            with self._journal.step(self._owner) as step:
                if stream:
                    step.log(purchase.serial, stream, now, is_sent=False, note=_note(happened))
                step.save(purchase)
                if isinstance(action, Send):
                    step.send(purchase, now)
        _log.info("purchase=%d event=%s state=%s", purchase.serial, happened.event.value, purchase.state.value)
        return purchase, action

    def _unused(self, happened: Happened) -> Happened:
        """What happened, unless it is an inquiry's reply with a reference that was used before: no second 2200 for it."""
        answer = happened.answer
        if answer is None or answer.mti is not Mti.INQUIRY_RESPONSE or answer[table.PLN_REFERENCE] not in self._journal:
            return happened
        return Happened(Event.UNSURE, happened.code, why="the gateway gave out a reference it gave out before")

    def _exchange(self, purchase: Purchase, action: Action, deadline: float) -> tuple[Happened, bytes]:
        """Send what is to be sent, and the next thing that comes."""
        if self._link is None:
            return Happened(Event.LOST, why="the connection is lost"), b""
        try:
            if isinstance(action, Send):
                self._link.send(write(action.message), self._wait)
            # What was read before and not yet looked at is late as well.
            is_over = not isinstance(action, Send) and self._monotonic() >= deadline
            stream = None if is_over else self._link.receive(deadline)
        except LinkError as error:
            self.close()
            return Happened(Event.LOST, why=str(error)), b""
        if stream is None:
            return Happened(Event.SILENT, why=f"no reply in {self._wait:g} s"), b""
        return judge(purchase.request, stream), stream

    def _connect(self, wanted: Connect, switcher_id: str) -> Happened:
        """A signed-on connection: the one there is if it will do, else another one."""
        if wanted.is_new or self._signed_on_as != switcher_id or not self._is_alive():
            self.close()
        until = self._monotonic() + (self._patience if wanted.is_patient else 0)
        while self._link is None:
            failure = self._sign_on(switcher_id)
            if failure is not None:
                self.close()
                pause = self._wait / PAUSES_IN_A_WAIT
                if self._monotonic() + pause > until:
                    return failure
                self._sleep(pause)
        return Happened(Event.READY)

    def _is_alive(self) -> bool:
        """Whether the connection still stands, once all that came on it meanwhile is taken out and dropped."""
        if self._link is None:
            return False
        for _ in range(MOST_FOREIGN):
            try:
                stream = self._link.receive(self._monotonic())
            except LinkError:
                return False
            if stream is None:
                return True
            self._log_alone(stream, is_sent=False, note=_note(judge(None, stream)))
        return False

    def _sign_on(self, switcher_id: str) -> Happened | None:
        """Connect and sign on, which every connection needs; why it failed, or None."""
        now = self._clock().replace(microsecond=0)
        request = Message.of(Mti.NETWORK_REQUEST, local_time=now, action_code=ActionCode.SIGN_ON, switcher_id=switcher_id)
        deadline = self._monotonic() + self._wait
        try:
            self._link = self._open_link(self._gateway, self._wait)
            self._log_alone(write(request), is_sent=True)
            self._link.send(write(request), self._wait)
            for _ in range(MOST_FOREIGN):
                stream = self._link.receive(deadline)
                if stream is None:
                    return Happened(Event.UNREACHABLE, why=f"no reply to the sign-on in {self._wait:g} s")
                happened = judge(request, stream)
                self._log_alone(stream, is_sent=False, note=_note(happened))
                if happened.event is Event.ACCEPTED:
                    self._signed_on_as = switcher_id
                    return None
                if happened.event is not Event.FOREIGN:
                    return Happened(Event.UNREACHABLE, happened.code, why=happened.why or "the sign-on was refused")
        except LinkError as error:
            return Happened(Event.UNREACHABLE, why=str(error))
        return Happened(Event.UNREACHABLE, why="too much that is no reply to the sign-on")

    def _log_alone(self, stream: bytes, *, is_sent: bool, note: str = "") -> None:
        """Log a stream that belongs to a connection and to no purchase."""
        with self._journal.step(self._owner) as step:
            step.log(None, stream, self._clock(), is_sent=is_sent, note=note)


def _note(happened: Happened) -> str:
    """What the message log says beside a stream that came."""
    return f"dropped: {happened.why}" if happened.event is Event.FOREIGN else happened.why
