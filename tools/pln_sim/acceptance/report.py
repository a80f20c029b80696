"""Report: what came out of an acceptance test, as text, as JSON, and (in page.py) as a page for a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pln_sim.acceptance.examiner import CaseResult, StepResult
from pln_sim.acceptance.load import LoadResult

_MILLISECONDS = 1000


@dataclass(frozen=True)
class Report:
    """A whole test. ``load`` is None if the performance was not tested."""

    gateway: str
    begun_at: datetime
    seconds: float
    results: tuple[CaseResult, ...]
    load: LoadResult | None
    version: str

    @property
    def counts(self) -> dict[str, int]:
        """How many cases passed, failed, and were left out."""
        verdicts = [result.verdict for result in self.results]
        return {verdict: verdicts.count(verdict) for verdict in ("pass", "FAIL", "left out")}

    @property
    def has_passed(self) -> bool:
        """Whether nothing failed."""
        return not self.counts["FAIL"] and (self.load is None or self.load.has_passed)

    @property
    def verdict(self) -> str:
        """One word."""
        return "PASSED" if self.has_passed else "FAILED"


def as_text(report: Report) -> Iterator[str]:
    """The report, line by line."""
    yield f"Acceptance test of {report.gateway}, {report.begun_at:%Y-%m-%d %H:%M:%S}, pln-sim {report.version}"
    name = max(len(result.case.name) for result in report.results)
    expected = max(len(result.expected) for result in report.results)
    yield from ("", f"  {'':8}  {'case':{name}}  {'expected':{expected}}  got")
    section = ""
    for result in report.results:
        if result.case.section != section:
            section = result.case.section
            yield from ("", section)
        got = f"({result.left_out})" if result.left_out else result.got
        yield f"  {result.verdict:8}  {result.case.name:{name}}  {result.expected:{expected}}  {got}".rstrip()
        if step := result.failed:
            yield f"  {'':8}  {step.title}: expected {step.expected}; {step.fault}"
    if report.load is not None:
        yield from ("", *_load_lines(report.load))
    counts = ", ".join(f"{number} {verdict}" for verdict, number in report.counts.items() if number)
    yield from ("", f"{report.verdict}: {counts} of {len(report.results)} cases, in {report.seconds:.0f} s")


def _load_lines(load: LoadResult) -> Iterator[str]:
    how = f"{load.transactions} transactions on {load.connections} connections, {load.seconds:.1f} s"
    yield f"Section 6, Performance Testing: {how}"
    for what, wanted, measured, is_met in load.criteria:
        yield f"  {'pass' if is_met else 'FAIL':8} {what:36} {wanted:16} {measured}"
    if load.replies:
        yield f"  {'':8} {'Half of the replies within':36} {'':16} {load.percentile(50):.1f} ms"
        yield f"  {'':8} {'99 % of the replies within':36} {'':16} {load.percentile(99):.1f} ms"
    for fault, number in load.faults.most_common(5):
        yield f"  {'':8} {number} x {fault}"


def as_json(report: Report) -> dict[str, Any]:
    """The report with every message that was sent and received."""
    return {
        "gateway": report.gateway,
        "begun_at": report.begun_at.isoformat(),
        "seconds": round(report.seconds, 3),
        "version": report.version,
        "passed": report.has_passed,
        "counts": {"passed": report.counts["pass"], "failed": report.counts["FAIL"], "left_out": report.counts["left out"]},
        "functional": [_case(result) for result in report.results],
        "performance": None if report.load is None else _load(report.load),
    }


def written(stream: bytes) -> str:
    """A stream as it can be shown: what is no printable ASCII as hexadecimal.

    >>> written(b"2800\\x00\\xfe")
    '2800\\\\x00\\\\xfe'
    """
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in stream)


def _case(result: CaseResult) -> dict[str, Any]:
    case = result.case
    return {
        "case": case.name,
        "section": case.section,
        "title": case.title,
        "verdict": "left_out" if result.left_out else "passed" if result.has_passed else "failed",
        "left_out": result.left_out or None,
        "expected": result.expected,
        "got": result.got,
        "steps": [_step(step) for step in result.steps],
    }


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "request": step.title,
        "expected": step.expected,
        "got": step.got,
        "fault": step.fault or None,
        "milliseconds": round(step.seconds * _MILLISECONDS, 1),
        "sent": written(step.sent),
        "received": [written(stream) for stream in step.received],
    }


def _load(load: LoadResult) -> dict[str, Any]:
    return {
        "transactions": load.transactions,
        "connections": load.connections,
        "seconds": round(load.seconds, 3),
        "failed": load.failed,
        "tps": round(load.tps, 2),
        "milliseconds": {
            "longest": round(load.longest, 1),
            "median": round(load.percentile(50), 1),
            "within_99_percent": round(load.percentile(99), 1),
        },
        "criteria": [
            {"criterion": what, "wanted": wanted, "measured": measured, "passed": is_met}
            for what, wanted, measured, is_met in load.criteria
        ],
        "faults": dict(load.faults),
    }
