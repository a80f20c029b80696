"""What is where, without a pixel: everything fits, nothing is cut off, nothing lies on something else, in every size."""

import os

import pygame
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from meter_emu.meter import Cause, CreditLed, Key
from meter_emu.meter.last_token import LastToken
from meter_emu.meter.results import TokenResult
from meter_emu.sts.tokens import Token, TokenType, encode
from meter_gui.actions import SidePanel
from meter_gui.captions import Caption, Language
from meter_gui.geometry import Rect
from meter_gui.help import help_card
from meter_gui.history import History
from meter_gui.layout import layout
from meter_gui.letters import ink_rect
from meter_gui.reading import Reading
from meter_gui.scene import Scene, Shadow, Text
from meter_gui.shop import Counter, Slip
from meter_gui.stage import scene_of
from meter_gui.token_story import story_of
from meter_gui.typeface import OTHER_WIDTHS, letter_width, text_width
from meter_gui.view import SPEEDS, View

SIZES = [(800, 600), (1280, 720), (2560, 1440)]
SMALLEST_TEXT = 8
SLIP = Slip(
    "STRUK PEMBELIAN LISTRIK PRABAYAR",
    (
        ("NO METER", "12345678911"),
        ("NAMA", "NAMA PELANGGAN YANG PANJANG"[:25]),
        ("TARIF/DAYA", "R1M/000006600VA"),
        ("RP BAYAR", "Rp 1.000.000,00"),
        ("RP STROOM/TOKEN", "Rp 970.874,00"),
        ("JML KWH", "2.339,5"),
        ("PBJT-TL", "Rp 29.126,00"),
        ("PPN", "Rp 106.796,00"),
        ("ANGSURAN", "Rp 248.500,00"),
        ("METERAI", "Rp 10.000,00"),
        ("ADMIN BANK", "Rp 2.500,00"),
    ),
    "62203132897824904817",
    number=1,
    amount=998_400_00,
)
REFUSAL = "not sold: 0047 TOTAL KWH MELEBIHI BATAS MAKSIMUM; reconciliation decides on reference " + "0123456789ABCDEF" * 2


def views(meter, language: Language, offers) -> list[View]:
    """The window in the states that need the most room."""
    now = meter.state.clock
    history = History().saw(now - 9000, 0, 10**12).saw(now - 500, 4400, 10**12).saw(now, 4400, 10**12 - 4400 * 500)
    stories = [
        story_of(LastToken().followed_by(encode(token, meter.state.key.cipher), _outcome(), now), meter.state.key)
        for token in (
            Token.build(TokenType.ELECTRICITY_CREDIT, rnd=5, tid=6780030, amount=325),
            Token.build(TokenType.SET_1ST_SECTION_DECODER_KEY, kenho=15, krn=2, ro=0, three_kct=0, kt=2, nkho=1),
            Token.build(TokenType.SET_MAXIMUM_PHASE_POWER_UNBALANCE_LIMIT, rnd=5, tid=6780030, mppul=500),
        )
    ]
    stories.append(story_of(LastToken().followed_by("0" * 20, _outcome(), now), meter.state.key))
    stories.append(story_of(LastToken().followed_by("9" * 20, _outcome(), now), meter.state.key))
    counters = [
        Counter(offers, None, SLIP),
        Counter(offers, "PL1000"),
        Counter(offers, ""),
        Counter(offers, None, None, REFUSAL),
        Counter(),
    ]
    found = [
        View(language, story=story, counter=counter, history=history, speed=speed, is_slowed=speed > 1, ahead=speed * 86_340)
        for story, counter, speed in zip([*stories], counters, SPEEDS, strict=True)
    ]
    found.append(found[0]._replace(counter=Counter(offers, None, SLIP, is_in_meter=True)))
    return [View(language=language), *found, found[0]._replace(is_face_alone=True)]


def _outcome():
    from meter_emu.meter import Outcome

    return Outcome(TokenResult.FORMAT_ERROR)


def states(new_meter):
    """Meters and what they show."""
    meter = new_meter()
    now = meter.state.clock
    typed = meter
    for key in "62203132897824904817":
        typed, _ = typed.press(Key(key), now)
    tampered = meter.set_load(880, now).sense(Cause.METER_COVER, True, now)
    rich = meter._replace(
        state=meter.state._replace(
            credit=meter.state.credit.add(999_999 * 3_600_000),
            load=1_000_000,
            overload=meter.state.overload._replace(limit=2200),
        )
    )
    return [meter, typed, tampered, rich, meter.cut_power(now)]


def overlaps(scene) -> list[tuple[str, str]]:
    """Texts that lie on each other where they have ink."""
    inks = []
    for item in scene.items:
        if isinstance(item, Text):
            ink = ink_rect(item)
            width = text_width(item.text, item.size, is_bold=item.is_bold)
            left = {
                "LEFT": ink.x,
                "CENTRE": ink.x + (ink.w - width) // 2,
                "RIGHT": ink.right - width,
            }[item.align.name]
            # The last row of descenders may touch the first of the next line's capitals.
            inks.append((item.text, Rect(left + 1, ink.y + 1, max(1, width - 2), max(1, ink.h - 2))))
    return [(a, b) for n, (a, one) in enumerate(inks) for b, other in inks[n + 1 :] if one.meets(other)]


def faults(scene) -> list[str]:
    """All that is wrong with where things are."""
    window = Rect(0, 0, *scene.size)
    found = [f"{a!r} lies on {b!r}" for a, b in overlaps(scene)]
    for part in scene.parts:
        if not window.contains(part.rect):
            found.append(f"a part leaves the window: {part.rect}")
        for item in part.items:
            if not isinstance(item, Shadow) and not part.rect.contains(item.rect):
                found.append(f"{item!r:.120} leaves {part.rect}")
            if isinstance(item, Text):
                needed = text_width(item.text, item.size, is_bold=item.is_bold, pitch=item.pitch)
                if needed > item.rect.w:
                    found.append(f"{item.text!r} needs {needed} of {item.rect.w}")
                if not part.rect.contains(ink_rect(item)._replace(x=item.rect.x, w=1)):
                    found.append(f"{item.text!r} is cut off below: {ink_rect(item)} of {part.rect}")
                if item.size < SMALLEST_TEXT:
                    found.append(f"{item.text!r} is only {item.size} high")
        for target in part.targets:
            if not window.contains(target.rect):
                found.append(f"{target} leaves the window")
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", Language)
def test_every_text_fits_and_none_lies_on_another(new_meter, offers, size, language):
    for number, view in enumerate(views(new_meter(), language, offers)):
        for panel in SidePanel if size == (800, 600) else (SidePanel.SHOP,):
            opened = (*(other for other in view.opened if other is not panel), panel)
            for meter in states(new_meter):
                now = meter.state.clock
                scene = scene_of(size, view._replace(opened=opened), meter.display(now), Reading.of(meter, now))
                assert faults(scene) == [], f"view {number}, {panel}"


@settings(max_examples=60)
@example(width=900, height=600, opened=(SidePanel.HOUSE,), language=Language.ENGLISH)
@example(width=1024, height=600, opened=(SidePanel.SHOP,), language=Language.ENGLISH)
@given(
    width=st.integers(1, 6000),
    height=st.integers(1, 4000),
    opened=st.permutations(list(SidePanel)).flatmap(lambda panels: st.integers(0, 4).map(lambda n: tuple(panels[:n]))),
    language=st.sampled_from(Language),
)
def test_any_size_with_any_panels(new_meter, offers, width, height, opened, language):
    meter = new_meter()
    now = meter.state.clock
    view = View(language=language, opened=opened, counter=Counter(offers, None, SLIP))
    scene = scene_of((width, height), view, meter.display(now), Reading.of(meter, now))
    assert faults(scene) == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", Language)
def test_the_help_fits(size, language):
    scale = layout(size).scale
    part = help_card(size, scale, language)
    assert faults(Scene(size, (part,))) == []
    keys = [item.text for item in part.items if isinstance(item, Text)]
    assert {"Ctrl-V", "M", "F", "F11", "F1"} <= set(keys)


def test_a_notice_fits(new_meter):
    meter = new_meter()
    now = meter.state.clock
    for size in SIZES:
        view = View(notice="meter file /a/rather/long/path/to/a/home/meters.db: database is locked: " + "keep it busy " * 20)
        scene = scene_of(size, view, meter.display(now), Reading.of(meter, now))
        notice = scene.parts[-1]
        assert notice.rect.bottom <= size[1]
        assert all(text_width(item.text, item.size) <= item.rect.w for item in notice.items if isinstance(item, Text))


def test_the_widths_are_those_of_the_font():
    pygame.font.init()
    path = os.path.join(os.path.dirname(pygame.__file__), pygame.font.get_default_font())
    font = pygame.font.Font(path, 1000)
    for letter in [*map(chr, range(32, 127)), *OTHER_WIDTHS]:
        assert font.metrics(letter)[0][4] == letter_width(letter, is_bold=True), letter


def test_every_letter_of_every_caption_has_a_width():
    letters = {letter for caption in Caption for language in Language for letter in caption.in_language(language)}
    assert all(" " <= letter <= "~" or letter in OTHER_WIDTHS for letter in letters)


def test_each_state_of_the_credit_lamp_has_a_word_and_a_mark_of_its_own(new_meter):
    meter = new_meter()
    display, reading = meter.display(meter.state.clock), Reading.of(meter, meter.state.clock)
    seen = set()
    for led in CreditLed:
        scene = scene_of((1280, 720), View(), display._replace(credit_led=led), reading)
        lamps = scene.parts[2]
        words = tuple(item.text for item in lamps.items if isinstance(item, Text))
        shapes = tuple(item.polygons for item in lamps.items if hasattr(item, "polygons"))
        seen.add((words[1], shapes))
    assert len(seen) == len(CreditLed)
    assert len({words for words, _ in seen}) == len({shapes for _, shapes in seen}) == len(CreditLed)
