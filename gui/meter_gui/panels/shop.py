"""The shop: products to press, and what came of it."""

from functools import lru_cache

from meter_gui import palette
from meter_gui.actions import Buy, SidePanel
from meter_gui.captions import Caption
from meter_gui.geometry import Rect
from meter_gui.layout import Area
from meter_gui.panels.card import card
from meter_gui.panels.slip import slip_paper
from meter_gui.reading import Reading
from meter_gui.scene import Align, Box, Part
from meter_gui.sheet import Sheet
from meter_gui.shop import Offer, rupiah_text
from meter_gui.typeface import LEGIBLE, fitted, wrapped
from meter_gui.view import View

ACROSS = 5
LINE_HEIGHT = 15


def shop(area: Area, scale: float, view: View, reading: Reading) -> Part:
    """The panel."""
    line = reading.line if view.counter.slip else ""
    return _shop(area, scale, View(language=view.language, counter=view.counter), line, is_powered=reading.is_powered)


@lru_cache(maxsize=4)
def _shop(area: Area, scale: float, view: View, line: str, *, is_powered: bool) -> Part:
    sheet, rest = card(SidePanel.SHOP, area, scale, view)
    if not area.is_open:
        return sheet.part()
    u, counter = sheet.u, view.counter
    if counter.slip is None:  # A slip says the same, and needs the room.
        hint, rest = rest.cut_top(u(16), u(6))
        sheet.text(hint, view.say(Caption.SHOP_HINT if counter.offers else Caption.NO_SHOP), 12, palette.MUTED)
    if counter.offers:
        rest = _offers(sheet, rest, view)
    if counter.slip:
        slip_paper(sheet, rest, view.language, counter.slip, line, can_type=is_powered, is_in_meter=counter.is_in_meter)
    elif counter.pending is not None:
        words = view.say(Caption.BUYING, what=counter.pending) if counter.pending else view.say(Caption.ASKING)
        _message(sheet, rest, words, is_bad=False)
    elif counter.refusal:
        _message(sheet, rest, counter.refusal, is_bad=True)
    return sheet.part()


def _offers(sheet: Sheet, rect: Rect, view: View) -> Rect:
    """The products at the top of ``rect``; what is left below."""
    u, offers = sheet.u, view.counter.offers
    rows = -(-len(offers) // ACROSS)
    grid, rest = rect.cut_top(rows * u(31) + (rows - 1) * u(4), u(4) if view.counter.bought else u(8))
    places = [place for row in grid.rows(rows, u(4)) for place in row.columns(ACROSS, u(5))]
    for place, offer in zip(places, offers, strict=False):
        is_pending = offer.code == view.counter.pending
        sheet.button(place, Buy(offer.code), is_on=is_pending, is_enabled=view.counter.pending is None)
        upper, lower = place.inset(u(3), u(2)).rows(2)
        sheet.text(upper, offer.code, 13, palette.INK, Align.CENTRE, is_bold=True)
        sheet.text(lower, rupiah_text(offer.price), 11, palette.MUTED, Align.CENTRE)
    return _price(sheet, rest, view, view.counter.bought) if view.counter.bought else rest


def _price(sheet: Sheet, rect: Rect, view: View, offer: Offer) -> Rect:
    """Why the slip says another amount than the button, at the top of ``rect``; what is left below."""
    u = sheet.u
    amounts = {"nominal": offer.nominal, "fee": offer.nominal - offer.amount, "amount": offer.amount, "price": offer.price}
    texts = {name: rupiah_text(cents) for name, cents in amounts.items()}
    words = view.say(Caption.PRICE, code=offer.code, **texts)
    lines = [words] if fitted(words, u(11), rect.w) >= LEGIBLE else wrapped(words, u(11), rect.w)
    place, rest = rect.cut_top(len(lines) * u(14), u(4))
    for row, line in zip(place.rows(len(lines)), lines, strict=True):
        sheet.text(row, line, 11, palette.MUTED)
    return rest


def _message(sheet: Sheet, rect: Rect, words: str, *, is_bad: bool) -> None:
    u = sheet.u
    inner = rect.inset(u(12), u(8))
    size = u(12)
    lines = wrapped(words, size, inner.w)[: max(1, inner.h // u(LINE_HEIGHT))]
    height = len(lines) * u(LINE_HEIGHT)
    sheet.add(
        Box(
            rect._replace(h=min(rect.h, height + 2 * u(8))),
            palette.RED_GROUND if is_bad else palette.BLUE_GROUND,
            u(8),
        )
    )
    for number, line in enumerate(lines):
        place = Rect(inner.x, inner.y + number * u(LINE_HEIGHT), inner.w, u(LINE_HEIGHT))
        sheet.text(place, line, 12, palette.RED if is_bad else palette.BLUE)
