"""Metrics: what the server counts, as Prometheus text.

>>> metrics = Metrics()
>>> metrics.count_answer("2200", "0000", 0.5)
>>> print(metrics.text().splitlines()[2])
pln_sim_gateway_answers_total{mti="2200",code="0000"} 1
"""

from collections import Counter

from pln_sim.gateway.fault import Fault

_PREFIX = "pln_sim_gateway"


class Metrics:
    """Counters since the start. For one thread."""

    def __init__(self) -> None:
        self.connections = 0
        self.failures = 0
        self._improper = 0
        self._answers: Counter[tuple[str, str]] = Counter()
        self._seconds = 0.0
        self._faults: Counter[Fault] = Counter()

    def count_answer(self, mti: str, code: str, seconds: float) -> None:
        """A request was answered."""
        self._answers[mti, code] += 1
        self._seconds += seconds

    def count_improper(self) -> None:
        """An improper message was echoed."""
        self._improper += 1

    def count_fault(self, fault: Fault) -> None:
        """A fault was provoked."""
        self._faults[fault] += 1

    def text(self, commits: int = 0) -> str:
        """All of it in the Prometheus text format."""
        answers: dict[str, float] = {
            f'{{mti="{mti}",code="{code}"}}': number for (mti, code), number in sorted(self._answers.items())
        }
        faults: dict[str, float] = {f'{{fault="{fault.value}"}}': number for fault, number in self._faults.items()}
        families: tuple[tuple[str, str, str, dict[str, float]], ...] = (
            ("answers_total", "counter", "Requests answered, by message type and response code.", answers),
            ("answer_seconds_total", "counter", "Seconds spent on them.", {"": self._seconds}),
            ("improper_total", "counter", "Improper messages echoed.", {"": self._improper}),
            ("faults_total", "counter", "Faults provoked.", faults),
            ("failures_total", "counter", "Requests that failed inside and were answered 0005.", {"": self.failures}),
            ("commits_total", "counter", "Transactions.", {"": commits}),
            ("connections", "gauge", "Connections open.", {"": self.connections}),
        )
        lines = []
        for name, kind, meaning, samples in families:
            lines += [f"# HELP {_PREFIX}_{name} {meaning}", f"# TYPE {_PREFIX}_{name} {kind}"]
            lines += [f"{_PREFIX}_{name}{labels} {number}" for labels, number in samples.items()]
        return "\n".join(lines) + "\n"
