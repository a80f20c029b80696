"""The house panel: appliances and a slider make the load; the credit is the LCD's, and it says how long that lasts."""

import pygame
import pytest

from meter_gui.actions import GrabLoad, SetLoad, SidePanel, SwitchAppliance
from meter_gui.captions import Caption, Language
from meter_gui.history import History
from meter_gui.house import APPLIANCES, MOST_WATTS, WATTS
from meter_gui.panels.house import lasts_for, slider_of
from meter_gui.stage import layout_of
from meter_gui.view import View


def test_appliances_make_the_load(open_window, charged):
    hand = open_window(charged())
    hand.click(SwitchAppliance("fridge"))
    hand.click(SwitchAppliance("iron"))
    assert hand.stored().state.load == WATTS["fridge"] + WATTS["iron"]
    assert "470 W" in hand.texts()
    hand.click(SwitchAppliance("fridge"))
    assert hand.stored().state.load == WATTS["iron"]
    assert [entry.event for entry in hand.store.journal(hand.drn, 3)] == ["load"] * 3


def test_the_slider_is_dragged(open_window, charged):
    hand = open_window(charged())
    hand.click(SwitchAppliance("air_conditioner"))
    places = layout_of((1280, 720), hand.desk.view)
    track = slider_of(places.panels[SidePanel.HOUSE], places.scale)
    assert hand.target(GrabLoad()).holds(track.centre)
    hand.down(track.centre)
    assert abs(hand.stored().state.load - MOST_WATTS // 2) <= 20
    pygame.event.post(pygame.Event(pygame.MOUSEMOTION, pos=(track.right + 500, 0), rel=(1, 1), buttons=(1, 0, 0)))
    hand.wait(0.1)
    assert hand.stored().state.load == MOST_WATTS
    pygame.event.post(pygame.Event(pygame.MOUSEMOTION, pos=(track.x + 2, 0), rel=(1, 1), buttons=(1, 0, 0)))
    pygame.event.post(pygame.Event(pygame.MOUSEBUTTONUP, pos=track.centre, button=1))
    pygame.event.post(pygame.Event(pygame.MOUSEMOTION, pos=track.centre, rel=(1, 1), buttons=(0, 0, 0)))
    hand.wait(0.1)
    assert hand.stored().state.load < 100
    assert hand.desk.view.appliances == frozenset()


def test_a_load_of_no_appliance_is_told_of(open_window, charged):
    hand = open_window(charged().set_load(470, charged().state.clock))
    assert "Other load, of no appliance here: 470 W" in hand.texts()
    hand.click(SwitchAppliance("fridge"))
    assert "Other load, of no appliance here: 470 W" in hand.texts()
    hand.desk.do(SetLoad(WATTS["fridge"]), hand.real)
    hand.wait(0.1)
    assert not any("Other load" in text for text in hand.texts())


def test_lcd_and_house_say_one_number(open_window, new_meter, credit_token):
    meter = new_meter()
    hand = open_window(meter.set_load(4400, meter.state.clock))
    hand.keys(f"{credit_token(1000, 1718)}<E>")
    seen = set()
    for _ in range(400):
        hand.wait(0.05)
        if hand.desk.reading.guide.captions in ((Caption.CREDIT_NOW,), (Caption.KEY_IN,)):
            assert hand.lcd[0] in hand.texts()
            seen.add((hand.lcd[0], hand.desk.reading.guide.captions))
    assert len(seen) > 2


@pytest.mark.parametrize(
    ("language", "watts", "tenths", "words"),
    [
        (Language.ENGLISH, 1000, 325, "1 d 8 h"),
        (Language.INDONESIAN, 1000, 325, "1 hr 8 jam"),
        (Language.ENGLISH, 1000, 15, "1 h 30 min"),
        (Language.ENGLISH, 4000, 1, "1 min"),
        (Language.ENGLISH, 0, 1, "no current"),
        (Language.ENGLISH, 1, 10000, "41666 d"),
    ],
)
def test_how_long_the_credit_lasts(open_window, charged, language, watts, tenths, words):
    hand = open_window(charged(tenths), view=View(language=language))
    hand.desk.do(SetLoad(watts), hand.real)
    assert lasts_for(hand.desk.reading, language) == words


def test_the_history_is_bounded_and_keeps_what_matters():
    history = History()
    for second in range(5000):
        history = history.saw(second, second % 7, 10**9 - second)
    assert len(history.corners) == 1200
    assert history.corners[-1].at == 4999


def test_the_appliances_are_named_once():
    assert len({appliance.name for appliance in APPLIANCES}) == len(APPLIANCES)
