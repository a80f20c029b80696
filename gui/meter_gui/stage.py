"""The whole scene: a view, a display and a reading put into a layout."""

from functools import lru_cache

from meter_emu.meter import Display
from meter_gui import palette
from meter_gui.actions import DismissNotice, ShowFaceAlone, ShowHelp, SidePanel
from meter_gui.captions import Caption, Language
from meter_gui.face import face
from meter_gui.geometry import Rect, Size
from meter_gui.help import help_card
from meter_gui.layout import Layout, layout
from meter_gui.panels.bench import bench
from meter_gui.panels.house import house
from meter_gui.panels.inside import inside
from meter_gui.panels.shop import shop
from meter_gui.reading import Reading
from meter_gui.scene import Align, Box, Part, Scene, Shadow
from meter_gui.sheet import Sheet
from meter_gui.typeface import wrapped
from meter_gui.view import View

NOTICE_LINES = 3


def scene_of(size: Size, view: View, display: Display, reading: Reading) -> Scene:
    """The picture for a window of ``size``."""
    places = layout_of(size, view)
    parts = list(face(places.face, display, reading, view))
    for panel, area in places.panels.items():
        match panel:
            case SidePanel.HOUSE:
                parts.append(house(area, places.scale, view, reading))
            case SidePanel.BENCH:
                parts.append(bench(area, places.scale, view, reading))
            case SidePanel.SHOP:
                parts.append(shop(area, places.scale, view, reading))
            case SidePanel.INSIDE:
                parts.append(inside(area, places.scale, view))
    parts.append(_panels_button(places, is_face_alone=view.is_face_alone))
    parts.append(_help_button(places.face, places.face_scale, view.language))
    if view.is_help_shown:
        parts.append(help_card(places.size, places.scale, view.language))
    if view.notice:
        parts.append(_notice(places.size, places.scale, view.notice))
    return Scene(places.size, tuple(parts))


def layout_of(size: Size, view: View) -> Layout:
    """The layout that a view asks for."""
    return _layout(size, view.opened, view.is_face_alone)


@lru_cache(maxsize=8)
def _layout(size: Size, opened: tuple[SidePanel, ...], is_face_alone: bool) -> Layout:
    return layout(size, opened, is_face_alone=is_face_alone)


def _panels_button(places: Layout, *, is_face_alone: bool) -> Part:
    """The small arrows in the corner of the meter's lower edge: panels away, panels back."""
    face_rect, scale = places.face, places.face_scale
    width, height = round(38 * scale), round(16 * scale)
    rect = Rect(face_rect.centre[0] - round(62 * scale), face_rect.bottom - round(22 * scale), width, height)
    sheet = Sheet(rect, scale)
    left = ((0.0, 0.5), (0.32, 0.1), (0.4, 0.2), (0.16, 0.5), (0.4, 0.8), (0.32, 0.9))
    right = tuple((1 - x, y) for x, y in left)
    inwards = tuple((x + 0.6, y) for x, y in left), tuple((x - 0.6, y) for x, y in right)
    sheet.add(Box(rect, palette.BODY_BELOW, height // 2, edge=palette.GROOVE))
    sheet.shape(rect.centred(sheet.u(20), sheet.u(10)), palette.MUTED, *(inwards if is_face_alone else (left, right)))
    sheet.target(rect, ShowFaceAlone())
    return sheet.part()


@lru_cache(maxsize=4)
def _help_button(face_rect: Rect, scale: float, language: Language) -> Part:
    """What names the key that names all keys, beside the arrows."""
    left, top = face_rect.centre[0] - round(14 * scale), face_rect.bottom - round(22 * scale)
    sheet = Sheet(Rect(left, top, round(76 * scale), round(16 * scale)), scale)
    sheet.add(Box(sheet.rect, palette.BODY_BELOW, sheet.rect.h // 2, edge=palette.GROOVE))
    sheet.text(sheet.rect.inset(sheet.u(6), 0), Caption.HELP.in_language(language), 11, palette.MUTED, Align.CENTRE)
    sheet.target(sheet.rect, ShowHelp())
    return sheet.part()


@lru_cache(maxsize=4)
def _notice(size: Size, scale: float, notice: str) -> Part:
    """A line that something went wrong, over the lower edge of the window."""
    width = min(size[0] - round(40 * scale), round(720 * scale))
    text_size = max(1, round(13 * scale))
    lines = wrapped(notice, text_size, width - round(32 * scale))[:NOTICE_LINES]
    height = round((len(lines) * 18 + 20) * scale)
    sheet = Sheet(Rect((size[0] - width) // 2, size[1] - height - round(12 * scale), width, height), scale)
    u = sheet.u
    sheet.add(
        Shadow(sheet.rect, u(10), u(6), palette.SHADOW_STRENGTH),
        Box(sheet.rect, palette.INK, u(10)),
    )
    for number, line in enumerate(lines):
        place = Rect(sheet.rect.x + u(16), sheet.rect.y + u(10) + number * u(18), sheet.rect.w - 2 * u(16), u(18))
        sheet.text(place, line, 13, palette.PAPER, Align.CENTRE)
    sheet.target(sheet.rect, DismissNotice())
    return sheet.part()
