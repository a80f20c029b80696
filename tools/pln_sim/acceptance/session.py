"""Session: a whole acceptance test, case by case and then under load, as fast as the gateway lets it."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pln_sim.acceptance.cases import CASES, Case
from pln_sim.acceptance.examiner import CaseResult, Examiner
from pln_sim.acceptance.line import Line
from pln_sim.acceptance.load import Load
from pln_sim.acceptance.report import Report


@dataclass(frozen=True)
class Session:
    """What is tested: cases on some connections at once, then purchases. 0 ``transactions``: no performance test."""

    examiner: Examiner
    version: str
    connections: int = 4
    transactions: int = 1000
    cases: Sequence[Case] = CASES

    def run(self, told: Callable[[], None] = lambda: None) -> Report:
        """Carry it out; ``told`` is called after each case and each transaction. LineError if there is no gateway."""
        begun_at, start = self.examiner.now(), time.monotonic()
        Line(self.examiner.address, self.examiner.wait).close()
        # Those that provoke silence take longest.
        order = sorted(self.cases, key=lambda case: not case.own_meter)
        with ThreadPoolExecutor(self.connections) as pool:
            results: dict[str, CaseResult] = {}
            for result in pool.map(self.examiner.examine, order):
                results[result.case.name] = result
                told()
        load = Load(self.examiner, self.transactions, self.connections, told).run() if self.transactions else None
        return Report(
            gateway=str(self.examiner.address),
            begun_at=begun_at,
            seconds=time.monotonic() - start,
            results=tuple(results[case.name] for case in self.cases),
            load=load,
            version=self.version,
        )
