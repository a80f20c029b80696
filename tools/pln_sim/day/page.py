"""Page: the story for a browser and for paper: one file that needs no other. Whatever came from outside is shown as text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from importlib.resources import files
from string import Template

from pln_sim.day.cast import TROUBLES
from pln_sim.day.closing import Closing
from pln_sim.day.director import Director, Purchase, grouped, rupiah
from pln_sim.day.ledgers import Entry, Ledgers, Row
from pln_sim.day.story import Chapter, Event
from pln_sim.reconciliation.result import Result
from pln_sim.vending.money import format_rupiah

TEMPLATE = "page.html"
_WIDTH, _HEIGHT, _RAIL, _MARGIN = 1060, 124, 92, 30
_NAMES = (12, 30)
"""The names of neighbours stand at different heights."""
_HOURS = range(6, 25, 3)
_SECONDS_A_DAY = 24 * 3600
_FIRST_SECOND = 6 * 3600
_STACK = 9
_MOST_STACKED = 5
_OUTCOMES = {
    Result.FORCED: "PLN books the sale",
    Result.NOT_FORCED: "the switching takes it back",
    Result.CANCELLED: "PLN takes the token back; the money returns",
    Result.NOT_CANCELLED: "the switching books it; the customer gets the token",
}
_KILLS = {
    "kill -9": "the gateway's process is killed between the sale and its reply",
    "gateway gone": "the gateway is stopped before the advice can be asked for",
}


@dataclass(frozen=True)
class _Page:
    director: Director
    closing: Closing
    ledgers: Ledgers


def as_page(director: Director, closing: Closing, ledgers: Ledgers, version: str) -> str:
    """The story as HTML."""
    page = _Page(director, closing, ledgers)
    template = Template(files("pln_sim.day").joinpath(TEMPLATE).read_text("utf-8"))
    return template.substitute(
        date=f"{director.cast.date:%A, %d %B %Y}",
        reconciled=f"{closing.reconciled_on:%A, %d %B}",
        verdict="three ledgers equal" if ledgers.are_equal else "NOT EQUAL",
        kind=_kind(ledgers.are_equal),
        cards="".join(_cards(page)),
        strip=_strip(director.story.chapters, director),
        wrong="".join(f'<p class="bad"><b>{escape(fault)}</b></p>\n' for fault in ledgers.faults),
        chapters="".join(map(_chapter, director.story.chapters)),
        purchases="".join(map(_purchase, director.purchases)),
        faults="".join(_faults(director.purchases)),
        files="".join(_files(closing)),
        audit=_audit(closing),
        verdicts="".join(_verdicts(page)),
        ledgers="".join(_ledgers(page)),
        transfer="".join(_transfer(page)),
        money="".join(_money(ledgers)),
        version=escape(version),
        seed=director.cast.seed,
    )


def _cards(page: _Page) -> Iterator[str]:
    purchases = page.director.purchases
    yield _card(f"{len(purchases)}", "purchases asked for")
    yield _card(f"{len(page.ledgers.rows)}", "tokens sold", "good")
    yield _card(f"{sum(bool(each.lcd) for each in purchases)}", "keyed in: BENAR", "good")
    yield _card(f"{sum(bool(each.fault) for each in purchases)}", "met a fault", "fault")
    yield _card(f"{len(page.closing.verdicts)}", "suspects decided", "wait")
    yield _card(format_rupiah(page.ledgers.transfer), "transferred to PLN", _kind(page.ledgers.are_equal), is_wide=True)


def _card(number: str, what: str, kind: str = "", *, is_wide: bool = False) -> str:
    wide = " wide" if is_wide else ""
    return f'<div class="card{wide}"><b class="{kind}">{escape(number)}</b><span>{escape(what)}</span></div>\n'


def _strip(chapters: Iterable[Chapter], director: Director) -> str:
    """The day at a glance: a dot for each event, at its hour; what comes the next working day stands at the end."""
    today = [chapter for chapter in chapters if chapter.at.date() == director.cast.date]
    ticks = "".join(
        f'<line class="tick" x1="{_x(hour * 3600):.0f}" x2="{_x(hour * 3600):.0f}" y1="{_RAIL - 4}" y2="{_RAIL + 4}"/>'
        f'<text x="{_x(hour * 3600):.0f}" y="{_RAIL + 20}" text-anchor="middle">{hour % 24:02}:00</text>'
        for hour in _HOURS
    )
    dots, names, stacked = "", "", dict[int, int]()
    for place, chapter in enumerate(today):
        x = _x(_second(chapter.at))
        anchor = "end" if x > _WIDTH * 0.9 else "start" if x < _WIDTH * 0.1 else "middle"
        if place < len(today) - 1:  # the last two stand together
            names += (
                f'<text class="name" x="{x:.0f}" y="{_NAMES[place % 2]}" text-anchor="{anchor}">{escape(chapter.title)}</text>'
            )
        for event in chapter.events:
            dots += _dot(event, stacked)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="The day at a glance">'
        f'<line class="rail" x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{_RAIL}" y2="{_RAIL}"/>{ticks}{names}{dots}</svg>\n'
    )


def _dot(event: Event, stacked: dict[int, int]) -> str:
    column = round(_x(_second(event.at)) / _STACK)
    height = stacked.get(column, 0)
    while height >= _MOST_STACKED:
        column += 1
        height = stacked.get(column, 0)
    stacked[column] = height + 1
    title = escape(f"{event.at:%H:%M} {event.who}: {event.what}")
    y = _RAIL - 8 - height * _STACK
    return f'<circle class="{event.tone.value}" cx="{column * _STACK}" cy="{y}" r="3.6"><title>{title}</title></circle>'


def _x(second: float) -> float:
    span = _SECONDS_A_DAY - _FIRST_SECOND
    return _MARGIN + (second - _FIRST_SECOND) / span * (_WIDTH - 2 * _MARGIN)


def _second(at: datetime) -> float:
    return (at - datetime.combine(at.date(), datetime.min.time())) / timedelta(seconds=1)


def _chapter(chapter: Chapter) -> str:
    events = "".join(map(_event, chapter.events))
    return (
        f'<section class="chapter"><div class="when"><b>{chapter.at:%H:%M}</b>{chapter.at:%a %d %b}</div>'
        f'<div><h3>{escape(chapter.title)}</h3><p class="about">{escape(chapter.about)}</p>'
        f'<ul class="events">{events}</ul></div></section>\n'
    )


def _event(event: Event) -> str:
    said = "".join(f'<span class="said">{escape(line)}</span>' for line in event.said if line)
    what = f"<time>{event.at:%H:%M}</time><b>{escape(event.who)}</b> {escape(event.what)}{said}"
    return f'<li class="{event.tone.value}">{what}</li>\n'


def _purchase(purchase: Purchase) -> str:
    fault = f'<small class="fault">{escape(purchase.fault)}</small>' if purchase.fault else ""
    later = f"<small>then:</small><code>{escape(purchase.later)}</code>" if purchase.later else ""
    return (
        f'<tr><td>{purchase.at:%H:%M}</td><td class="nowrap">{escape(purchase.customer.name)}'
        f'<small>{escape(purchase.customer.meter)}</small></td><td class="nowrap">{escape(purchase.where)}</td>'
        f'<td class="nowrap">{escape(purchase.wanted)}{fault}</td><td><code>{escape(purchase.saw)}</code>{later}</td>'
        f'<td class="wide-only nowrap">{_lcd(purchase.lcd)}</td></tr>\n'
    )


def _lcd(shown: str) -> str:
    """What a meter showed: its answer, and below it the credit that was entered and all there is."""
    answer, *credits = shown.split(" | ")
    return f"<code>{escape(answer)}<br>{escape(' / '.join(credits))}</code>"


def _faults(purchases: Iterable[Purchase]) -> Iterator[str]:
    happens = {trouble.fault: trouble.happens for trouble in TROUBLES} | _KILLS
    for purchase in purchases:
        if purchase.fault:
            kind, end = _end(purchase)
            yield (
                f'<tr><td><span class="pill fault">{escape(purchase.fault)}</span></td>'
                f'<td class="nowrap">{escape(purchase.customer.name)}<small>{escape(purchase.where)}</small></td>'
                f'<td>{escape(happens.get(purchase.fault, ""))}</td><td class="{kind}">{end}</td></tr>\n'
            )


def _end(purchase: Purchase) -> tuple[str, str]:
    """How a purchase that met a fault ended."""
    if purchase.later:
        return ("good", "the reconciliation books it: token") if purchase.token else ("bad", "cancelled, and the money is back")
    if purchase.token:
        return "good", "sold: advice found the token" if purchase.fault != "slow bytes" else "sold: the reply was whole"
    return "bad", "not sold: advice found nothing, and the money is back"


def _files(closing: Closing) -> Iterator[str]:
    for file in closing.files:
        control = escape(_control(file.control))
        yield (
            f"<tr><td><code>{escape(file.name)}</code></td><td>{escape(file.source)}</td><td>{escape(file.target)}</td>"
            f'<td class="wide-only"><code>{escape(file.place)}</code></td><td class="number">{file.lines}</td>'
            f'<td class="number">{file.size:,}</td><td class="wide-only"><code>{control}</code></td></tr>\n'
        )


def _control(content: str) -> str:
    """What a control file says, without the zeros in front."""
    count, _, amount = content.partition("|")
    return f"{int(count)} rows, {format_rupiah(int(amount))}" if count.isdigit() and amount.isdigit() else content


def _audit(closing: Closing) -> str:
    if closing.audit is None:
        return ""
    rows, wrong = closing.audit["rows"], closing.audit["mismatches"]
    told = f"{wrong} mismatches" if wrong else "each belongs to its meter, and says its row's kWh and time"
    return f'<p class="{_kind(not wrong)}"><b>Audit:</b> all {rows} tokens of PLN\'s file were decoded: {told}.</p>\n'


def _verdicts(page: _Page) -> Iterator[str]:
    names = _names(page)
    for verdict in page.closing.verdicts:
        sold = verdict.transaction
        kind = _kind(verdict.result.is_sold)
        yield (
            f'<tr><td class="nowrap">{escape(names.get(sold.meter, ""))}<small>{escape(sold.meter)}</small></td>'
            f'<td class="number">{format_rupiah(sold.amount)}</td>'
            f'<td><span class="pill {kind}">{verdict.result.value} {escape(verdict.result.words)}</span></td>'
            f"<td>{escape(verdict.reason)}</td><td>{escape(_OUTCOMES[verdict.result])}</td></tr>\n"
        )


def _ledgers(page: _Page) -> Iterator[str]:
    names = {each.token: each.customer.name for each in page.director.purchases if each.token}
    by_meter = _names(page)
    for row in page.ledgers.rows:
        entry = row.entry
        yield (
            f'<tr><td class="nowrap">{escape(names.get(entry.token) or by_meter.get(entry.meter, ""))}</td>'
            f'<td class="wide-only"><code>{escape(row.receipt_reference[:16])}…</code></td>'
            f'<td class="nowrap"><code>{escape(grouped(entry.token))}</code></td>'
            f'<td class="number">{format_rupiah(entry.amount)}</td>{"".join(_marks(row))}</tr>\n'
        )
    yield f'<tr class="total"><td>{len(page.ledgers.rows)} purchases</td><td class="wide-only"></td><td></td>'
    yield f'<td class="number">{format_rupiah(page.ledgers.transfer)}</td><td></td><td></td><td></td></tr>\n'


def _marks(row: Row) -> Iterator[str]:
    for entry, is_wanted in ((row.gateway, True), (row.switching, True), (row.reseller, row.is_kiosk)):
        kind, sign = _mark(entry, row.entry, is_wanted=is_wanted)
        yield f'<td class="mark {kind}">{sign}</td>'


def _mark(entry: Entry | None, first: Entry, *, is_wanted: bool) -> tuple[str, str]:
    if entry is None:
        return ("bad", "missing") if is_wanted else ("soft", "bank")
    return ("good", "✓") if entry == first and is_wanted else ("bad", "differs")


def _transfer(page: _Page) -> Iterator[str]:
    reported = page.closing.steps[1]
    yield _sum("the switching's purchases of the day", f"{reported['transactions']}", rupiah(reported["amount"]))
    for verdict in page.closing.verdicts:
        if verdict.result is Result.NOT_CANCELLED:
            yield _sum("booked by verdict", "1", format_rupiah(verdict.transaction.amount))
        elif verdict.result is Result.NOT_FORCED:
            yield _sum("taken back by verdict", "-1", f"-{format_rupiah(verdict.transaction.amount)}")
    yield _sum("to be transferred", f"{len(page.ledgers.rows)}", format_rupiah(page.ledgers.transfer), is_total=True)


def _money(ledgers: Ledgers) -> Iterator[str]:
    for name, cents in ledgers.balances.items():
        yield _sum(name, "", _signed(cents))
    yield _sum("sum of all accounts", "", _signed(sum(ledgers.balances.values())), is_total=True)


def _sum(what: str, number: str, amount: str, *, is_total: bool = False) -> str:
    kind = ' class="total"' if is_total else ""
    numbers = "".join(f'<td class="number">{escape(text)}</td>' for text in (number, amount))
    return f"<tr{kind}><td>{escape(what)}</td>{numbers}</tr>\n"


def _signed(cents: int) -> str:
    return f"-{format_rupiah(-cents)}" if cents < 0 else format_rupiah(cents)


def _names(page: _Page) -> dict[str, str]:
    return {purchase.customer.meter: purchase.customer.name for purchase in page.director.purchases}


def _kind(is_good: bool) -> str:
    return "good" if is_good else "bad"
