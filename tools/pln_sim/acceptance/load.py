"""The performance test of section 6: "1.000 transactions", "minimum 5 transactions per seconds", "maximum in 5 seconds".

A transaction is a purchase: a 2100 and its 2200, one after the other. The document's TPS is their number by the time for all;
its response time is the longest wait for one reply. Some connections work at once, each with a transaction at a time.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, count
from threading import Lock

from pln_sim.acceptance.examiner import Examiner
from pln_sim.acceptance.judge import judge
from pln_sim.acceptance.line import Cut, Line
from pln_sim.gateway.messages import Amount, Message, Mti, ResponseCode, read, table, write

LEAST_TPS = 5
LONGEST_SECONDS = 5.0


@dataclass
class LoadResult:
    """What was measured. Seconds and milliseconds as floats: they are measurements."""

    transactions: int
    connections: int
    seconds: float = 0.0
    milliseconds: dict[str, list[float]] = field(default_factory=lambda: {"2100": [], "2200": []})
    """The time of every reply, by request."""
    faults: Counter[str] = field(default_factory=Counter)
    """Why transactions failed."""

    @property
    def failed(self) -> int:
        """How many transactions did not end with a token."""
        return sum(self.faults.values())

    @property
    def tps(self) -> float:
        """Successful transactions by second."""
        return (self.transactions - self.failed) / self.seconds if self.seconds else 0.0

    @property
    def replies(self) -> list[float]:
        """Milliseconds of all replies, ascending."""
        return sorted(chain.from_iterable(self.milliseconds.values()))

    def percentile(self, percent: int) -> float:
        """Within how many milliseconds so many percent of the replies came."""
        replies = self.replies
        return replies[min(len(replies) - 1, len(replies) * percent // 100)] if replies else 0.0

    @property
    def longest(self) -> float:
        """Milliseconds of the slowest reply."""
        return max(self.replies, default=0.0)

    @property
    def criteria(self) -> list[tuple[str, str, str, bool]]:
        """What is asked for, how much of it, what was measured, and whether that is enough."""
        every = f"all {self.transactions}"
        done = self.transactions - self.failed
        return [
            ("Transactions that end with a token", every, str(done), not self.failed),
            ("Transactions per second", f"at least {LEAST_TPS}", f"{self.tps:.1f}", self.tps >= LEAST_TPS),
            (
                *("Longest response", f"at most {LONGEST_SECONDS:g} s", f"{self.longest / 1000:.3f} s"),
                0 < self.longest <= LONGEST_SECONDS * 1000,
            ),
        ]

    @property
    def has_passed(self) -> bool:
        """Whether every criterion is met."""
        return all(is_met for *_, is_met in self.criteria)


class Load:
    """Transactions under way, shared by some threads."""

    def __init__(self, examiner: Examiner, transactions: int, connections: int, told: Callable[[], None]) -> None:
        self._examiner = examiner
        self._told = told
        self._left = iter(range(transactions))
        self._meters = count()
        self._lock = Lock()
        self._result = LoadResult(transactions, connections)

    def run(self) -> LoadResult:
        """Carry all of them out. LineError if there is no gateway."""
        start = time.perf_counter()
        number = self._result.connections
        with ThreadPoolExecutor(number) as pool:
            for done in [pool.submit(self._work) for _ in range(number)]:
                done.result()
        self._result.seconds = time.perf_counter() - start
        return self._result

    def _work(self) -> None:
        line: Line | None = None
        try:
            while self._take_one():
                if line is None or not line.is_open:
                    line = Line(self._examiner.address, self._examiner.wait)
                    fault = self._examiner.sign_on(line, self._examiner.plan.switcher)
                else:
                    fault = ""
                fault = fault or self._buy(line)
                if fault:
                    # What comes late now would be taken for the next reply.
                    line.close()
                    with self._lock:
                        self._result.faults[fault] += 1
                self._told()
        finally:
            if line is not None:
                line.close()

    def _take_one(self) -> bool:
        with self._lock:
            return next(self._left, None) is not None

    def _buy(self, line: Line) -> str:
        """One transaction; what went wrong, if anything."""
        plan = self._examiner.plan
        with self._lock:
            meter = plan.load_meters[next(self._meters) % len(plan.load_meters)]
        now = self._examiner.now().replace(microsecond=0)
        inquiry = Message.of(
            Mti.INQUIRY_REQUEST,
            amount=Amount(plan.load_amount // 100, 0) if plan.load_amount % 100 == 0 else Amount(plan.load_amount, 2),
            trace_number=self._examiner.trace_number(),
            local_time=now,
            merchant_category=plan.merchant,
            bank_code=plan.bank,
            switcher_id=plan.switcher,
            meter_number=meter,
        )
        reply, fault = self._ask(line, inquiry)
        fault = fault or (self._examiner.ledger.add_reference(reply[table.PLN_REFERENCE]) if reply else "")
        if reply is None or fault:
            return fault
        texts = {each.name: inquiry.text(each) for each in inquiry.layout.fields}
        texts |= {
            "trace_number": self._examiner.trace_number(),
            "pln_reference": reply.text(table.PLN_REFERENCE),
            "receipt_reference": secrets.token_hex(16).upper(),
        }
        sold, fault = self._ask(line, Message.of_texts(Mti.PURCHASE_REQUEST, texts))
        return fault if sold is None or fault else self._examiner.ledger.add_sale(sold)

    def _ask(self, line: Line, request: Message) -> tuple[Message | None, str]:
        """The reply, and what is wrong with it."""
        start = time.perf_counter()
        try:
            line.send(write(request))
            stream = line.receive(self._examiner.wait)
        except Cut:
            return None, f"{request.mti}: the connection ended"
        if stream is None:
            return None, f"{request.mti}: no reply"
        with self._lock:
            self._result.milliseconds[request.mti.value].append((time.perf_counter() - start) * 1000)
        _, fault = judge(request, stream, ResponseCode.SUCCESSFUL)
        return (None, f"{request.mti}: {fault}") if fault else (read(stream), "")
