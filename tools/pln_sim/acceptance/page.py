"""Page: the report for a browser and for paper: one file that needs no other. Whatever a gateway sent is shown as text."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import groupby
from math import ceil
from string import Template

from pln_sim.acceptance.examiner import CaseResult, StepResult
from pln_sim.acceptance.load import LoadResult
from pln_sim.acceptance.report import Report, written

TEMPLATE = "page.html"
_BARS = 48
_WIDTH, _HEIGHT, _FOOT = 960, 150, 18


def as_page(report: Report) -> str:
    """The report as HTML."""
    template = Template(files("pln_sim.acceptance").joinpath(TEMPLATE).read_text("utf-8"))
    return template.substitute(
        gateway=escape(report.gateway),
        verdict=report.verdict,
        kind=_kind(report.has_passed),
        begun_at=f"{report.begun_at:%Y-%m-%d %H:%M:%S}",
        seconds=f"{report.seconds:.0f}",
        version=escape(report.version),
        cards="".join(_cards(report)),
        performance="".join(_performance(report.load)) if report.load else "",
        functional="".join(_functional(report)),
    )


def _cards(report: Report) -> Iterator[str]:
    counts = report.counts
    yield _card(str(counts["pass"]), "cases passed", "good" if counts["pass"] else "")
    yield _card(str(counts["FAIL"]), "cases failed", "bad" if counts["FAIL"] else "")
    if counts["left out"]:
        yield _card(str(counts["left out"]), "cases left out", "")
    if report.load:
        (_, _, done, all_done), (_, _, tps, is_fast), (_, _, longest, is_short) = report.load.criteria
        yield _card(done, f"of {report.load.transactions} transactions", _kind(all_done))
        yield _card(tps, "transactions per second", _kind(is_fast))
        yield _card(longest, "longest response", _kind(is_short))


def _card(number: str, what: str, kind: str) -> str:
    return f'<div class="card"><b class="{kind}">{escape(number)}</b><span>{escape(what)}</span></div>\n'


def _performance(load: LoadResult) -> Iterator[str]:
    yield "<h2>Performance test</h2>\n"
    yield f'<p class="soft">{load.transactions} purchases, each an inquiry and a purchase, on {load.connections} connections '
    yield f"in {load.seconds:.1f} s. Half of the replies came within {load.percentile(50):.1f} ms, 99 % within "
    yield f"{load.percentile(99):.1f} ms.</p>\n<table><tr><th>Criterion</th><th>Wanted</th><th>Measured</th><th></th></tr>\n"
    for what, wanted, measured, is_met in load.criteria:
        yield f"<tr><td>{escape(what)}</td><td>{escape(wanted)}</td><td>{escape(measured)}</td>{_mark(is_met)}</tr>\n"
    yield "</table>\n"
    for fault, number in load.faults.most_common(5):
        yield f'<p class="fault">{number} &times; {escape(fault)}</p>\n'
    yield _histogram(load.replies)


def _histogram(replies: list[float]) -> str:
    """How many replies took how long, up to what 99 % of them took, as a drawing."""
    if not replies:
        return ""
    longest = max(replies[min(len(replies) - 1, len(replies) * 99 // 100)], 0.1)
    numbers = [0] * (_BARS + 1)
    for reply in replies:
        numbers[min(_BARS, int(reply / longest * _BARS))] += 1
    width, most, height = _WIDTH / (_BARS + 1), max(numbers), _HEIGHT - _FOOT
    bars = "".join(
        f'<rect x="{place * width:.1f}" y="{height - number / most * height:.1f}" width="{width - 2:.1f}" '
        f'height="{number / most * height:.1f}" rx="1"><title>{number} replies</title></rect>'
        for place, number in enumerate(numbers)
        if number
    )
    marks = "".join(
        f'<text x="{quarter / 4 * _BARS * width:.1f}" y="{_HEIGHT - 4}">{longest * quarter / 4:.1f} ms</text>'
        for quarter in range(4)
    )
    rest = f'<text x="{_WIDTH}" y="{_HEIGHT - 4}" text-anchor="end">more than {longest:.1f} ms</text>'
    label = f"Time of {len(replies)} replies, up to {ceil(longest)} ms and above"
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{bars}{marks}{rest}</svg>\n'


def _functional(report: Report) -> Iterator[str]:
    for section, results in groupby(report.results, lambda result: result.case.section):
        yield f'<h3>{escape(section)}</h3>\n<table class="cases"><tr><th>Case</th><th>What is tested</th>'
        yield '<th>Expected</th><th class="wide">Got</th><th></th></tr>\n'
        for result in results:
            yield _row(result)
        yield "</table>\n"


def _row(result: CaseResult) -> str:
    got = escape(result.left_out or result.got)
    mark = '<td class="mark soft">left out</td>' if result.left_out else _mark(result.has_passed)
    fault = f'<div class="fault">{escape(result.failed.title)}: {escape(result.failed.fault)}</div>' if result.failed else ""
    return (
        f'<tr><td class="name"><code>{escape(result.case.name)}</code></td>'
        f"<td>{escape(result.case.title)}{fault}{_conversation(result)}</td>"
        f'<td><code>{escape(result.expected)}</code></td><td class="wide"><code>{got}</code></td>{mark}</tr>\n'
    )


def _conversation(result: CaseResult) -> str:
    if not result.steps:
        return ""
    steps = "".join(f"<li>{_step(step)}</li>" for step in result.steps)
    is_open = " open" if result.failed else ""
    return f"<details{is_open}><summary>messages</summary><ol>{steps}</ol></details>"


def _step(step: StepResult) -> str:
    came = "".join(f'<code class="stream">&lt; {escape(written(stream))}</code>' for stream in step.received)
    fault = f' <span class="fault">{escape(step.fault)}</span>' if step.fault else ""
    return (
        f"{escape(step.title)}: {escape(step.got)} ({step.seconds * 1000:.0f} ms){fault}"
        f'<code class="stream">&gt; {escape(written(step.sent))}</code>{came}'
    )


def _mark(is_met: bool) -> str:
    return f'<td class="mark {_kind(is_met)}">{"pass" if is_met else "FAIL"}</td>'


def _kind(is_good: bool) -> str:
    return "good" if is_good else "bad"
