"""The panels: house, test bench, shop, inside; and that the window and everybody else act on one meter."""

import sqlite3
import threading

import pygame
import pytest

from meter_emu.meter import Cause
from meter_emu.store import Store
from meter_emu.sts.tokens import Token, TokenType, encode
from meter_gui.actions import (
    AskForClearance,
    Buy,
    DismissNotice,
    Fold,
    GrabLoad,
    SetLoad,
    SetSpeed,
    ShowHelp,
    SidePanel,
    StickRelay,
    SwitchAppliance,
    SwitchPower,
    SwitchSensor,
    TypeToken,
)
from meter_gui.captions import Caption, Language
from meter_gui.desk import Desk
from meter_gui.history import History
from meter_gui.house import APPLIANCES, MOST_WATTS, WATTS
from meter_gui.panels.house import lasts_for, slider_of
from meter_gui.shop import Refusal, Slip
from meter_gui.stage import layout_of
from meter_gui.stored_meter import StoredMeter
from meter_gui.view import View


def slip_of(token: str) -> Slip:
    return Slip("STRUK", (("NO METER", "12345678911"), ("RP BAYAR", "Rp 50.000,00")), token)


def clearance(meter) -> str:
    return encode(Token.build(TokenType.CLEAR_TAMPER_CONDITION, rnd=0, tid=5000, pad=0), meter.state.key.cipher)


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


def test_what_others_do_is_seen_and_what_is_done_here_others_see(open_window, charged, credit_token):
    hand = open_window(charged())
    with Store(hand.path) as others:
        others.change(hand.drn, lambda meter: (meter.set_load(600, hand.civil()), [], None))
        hand.wait(0.3)
        assert hand.desk.reading.load == 600
        assert "600 W" in hand.texts()
        token = credit_token(2000, 55)
        others.change(hand.drn, lambda meter: (meter.enter(token, hand.civil())[0], [], None))
        hand.wait(0.3)
        assert hand.lcd[0] == "BENAR"
        assert hand.desk.view.story.digits == token
        hand.keys("37")
        assert others.load(hand.drn).panel.line == "37"
        hand.desk.do(SetLoad(1000), hand.real)
        assert others.load(hand.drn).state.load == 1000


def test_somebody_else_lets_time_run(open_window, charged):
    hand = open_window(charged())
    with Store(hand.path) as others:
        others.change(hand.drn, lambda meter: (meter.advance(hand.civil() + 7200), [], None))
    hand.wait(0.5)
    assert hand.desk.reading.clock >= hand.started + 7200


def test_cutting_the_power(open_window, charged):
    hand = open_window(charged())
    hand.click(SwitchPower())
    assert not hand.stored().state.is_powered
    assert hand.desk.display.lines == ("", "")
    hand.click(SwitchPower())
    assert hand.stored().state.is_powered


def test_a_tampered_meter_is_cleared_with_a_token(open_window, charged, credit_token, shop_of):
    meter = charged()
    shop = shop_of(clear_tamper=lambda drn: slip_of(clearance(meter)))
    hand = open_window(meter, shop)
    assert AskForClearance() not in [target.action for target in hand.scene.targets]
    hand.click(SwitchSensor(Cause.METER_COVER))
    assert hand.lcd[1] == "PERIKSA"
    hand.keys(f"{credit_token(2000, 10)}<E>")
    assert hand.lcd[0] == "PERIKSA"
    hand.click(SwitchSensor(Cause.METER_COVER))
    assert hand.stored().state.tamper.is_tampered
    hand.click(AskForClearance())
    hand.desk.wait_for_shop(hand.real)
    hand.click(TypeToken())
    hand.wait(5)
    assert hand.desk.view.story.kind == "clear tamper condition"
    assert not hand.stored().state.tamper.is_tampered


@pytest.mark.parametrize("cause", Cause)
def test_every_sensor_fires_and_goes_quiet(open_window, charged, cause):
    hand = open_window(charged())
    hand.click(SwitchSensor(cause))
    assert hand.stored().state.tamper.causes == (cause,)
    hand.click(SwitchSensor(cause))
    assert hand.stored().state.tamper.causes == ()


def test_a_stuck_relay_stays_closed(open_window):
    hand = open_window()
    assert not hand.desk.display.is_relay_closed
    hand.click(StickRelay())
    assert hand.desk.display.is_relay_closed


def test_power_is_bought_and_keyed_in(open_window, credit_token, shop_of):
    token = credit_token(1000, 1170)
    orders = []

    def buy(drn: str, cents: int) -> Slip:
        orders.append((drn, cents, threading.current_thread().name))
        return slip_of(token)

    hand = open_window(shop=shop_of(buy))
    hand.click(Buy("PL50"))
    hand.desk.wait_for_shop(hand.real)
    assert orders == [("12345678911", 48_400_00, "shop_0")]
    hand.keys(token[:10])
    hand.click(TypeToken())
    hand.wait(5)
    assert hand.lcd[0] in ("BENAR", "117.00 kWh")
    assert hand.stored().state.history.credit_tokens == 1


def test_what_was_bought_and_never_keyed_in_is_shown_until_it_is(open_window, shop_of, credit_token):
    slip = slip_of(credit_token(1000, 10))._replace(number=7)
    told: list[Slip] = []
    hand = open_window(shop=shop_of(due=lambda drn: slip, keyed_in=told.append))
    hand.desk.ask_what_is_due()
    hand.desk.wait_for_shop(hand.real)
    assert hand.desk.view.counter.slip == slip
    hand.keys("00000000000000000001<E>" * 3)
    hand.click(TypeToken())
    hand.wait(5)
    assert hand.lcd[0].startswith("TUNGGU")
    hand.wait(60, step=1)
    assert hand.desk.view.story.verdict == "LockedOut (15)"
    hand.click(TypeToken())
    hand.wait(5)
    assert hand.lcd[0] == "BENAR"
    hand.desk.close(hand.real)
    assert told == [slip]


def test_a_token_that_the_meter_had_before_is_told_of(open_window, shop_of, new_meter, credit_token):
    token = credit_token(1000, 10)
    meter, _ = new_meter().enter(token, new_meter().state.clock)
    told: list[Slip] = []
    hand = open_window(meter, shop_of(due=lambda drn: slip_of(token)._replace(number=7), keyed_in=told.append))
    hand.desk.ask_what_is_due()
    hand.desk.wait_for_shop(hand.real)
    hand.desk.close(hand.real)
    assert [slip.number for slip in told] == [7]


def test_a_slip_whose_token_is_in_the_meter_says_so_and_offers_no_typing(open_window, credit_token, shop_of):
    first, second, third = (credit_token(tid, 10) for tid in (1000, 2000, 3000))
    answers = iter((first, second, third))
    hand = open_window(shop=shop_of(lambda drn, cents: slip_of(next(answers))))

    def buy() -> None:
        hand.click(Buy("PL20"))
        hand.desk.wait_for_shop(hand.real)

    def offers_typing() -> bool:
        return TypeToken() in [target.action for target in hand.scene.targets]

    buy()
    assert "In the meter" not in hand.texts()
    assert offers_typing()
    for keys in (f"{first}<E>", "123<E>", f"{second}<E>"):
        hand.keys(keys)
        assert "In the meter" in hand.texts()
        assert "Key in these 20 digits, then the green key" not in hand.texts()
        assert not offers_typing()
    buy()
    assert not offers_typing(), "keyed in before the slip was there"
    buy()
    assert "In the meter" not in hand.texts()
    assert offers_typing()


def test_the_slip_and_the_button_are_reconciled_by_the_fee(open_window, credit_token, shop_of):
    hand = open_window(shop=shop_of(lambda drn, cents: slip_of(credit_token(1000, 10))._replace(amount=cents)))
    hand.click(Buy("PL75"))
    hand.desk.wait_for_shop(hand.real)
    assert "Rp 73.550" in hand.texts()
    assert "PL75: Rp 75.000 - fee Rp 1.600 = Rp 73.400; the kiosk pays Rp 73.550" in hand.texts()


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


def test_a_clock_that_is_ahead_says_so(open_window, charged):
    hand = open_window(charged())
    assert not any("ahead" in text for text in hand.texts())
    hand.desk.do(SetSpeed(3600), hand.real)
    hand.wait(2)
    hand.desk.do(SetSpeed(1), hand.real)
    hand.wait(3)
    assert "1 h 59 min ahead of real time" in hand.texts()


def test_the_keys_are_named_on_request(open_window, charged):
    hand = open_window(charged())
    hand.click(ShowHelp())
    assert "key in the token in the clipboard" in hand.texts()
    for key in (pygame.K_ESCAPE, pygame.K_ESCAPE):
        pygame.event.post(pygame.Event(pygame.KEYDOWN, key=key, mod=0, unicode=""))
        hand.frame()
        assert not hand.desk.view.is_help_shown
    pygame.event.post(pygame.Event(pygame.KEYDOWN, key=pygame.K_F1, mod=0, unicode=""))
    hand.frame()
    hand.down((5, 5))
    assert not hand.desk.view.is_help_shown


def test_nothing_due_is_nothing_to_see(open_window, shop_of):
    hand = open_window(shop=shop_of())
    before = hand.scene
    hand.desk.ask_what_is_due()
    hand.desk.wait_for_shop(hand.real)
    assert hand.scene == before


def test_the_window_goes_on_while_the_shop_is_busy(open_window, shop_of):
    may_answer = threading.Event()

    def buy(drn: str, cents: int) -> Refusal:
        assert may_answer.wait(10)
        return Refusal("not sold: 0091 the link is down")

    hand = open_window(shop=shop_of(buy))
    hand.click(Buy("PL20"))
    assert Buy("PL20") not in [target.action for target in hand.scene.targets]
    hand.desk.do(Buy("PL25"), hand.real)
    assert hand.desk.view.counter.pending == "PL20"
    hand.keys("123")
    assert hand.lcd == ("123", "3")
    may_answer.set()
    hand.desk.wait_for_shop(hand.real)
    assert "not sold: 0091 the link is down" in " ".join(hand.texts())


def test_a_shop_with_a_defect_says_so_and_gives_nothing_away(open_window, shop_of):
    def buy(drn: str, cents: int) -> Refusal:
        raise ValueError("abababababababab")

    hand = open_window(shop=shop_of(buy))
    hand.click(Buy("PL20"))
    hand.desk.wait_for_shop(hand.real)
    assert "ValueError" in hand.desk.view.counter.refusal
    assert "abab" not in " ".join(hand.texts())


def test_without_a_shop_nothing_is_sold(open_window):
    hand = open_window()
    assert not any(isinstance(target.action, Buy) for target in hand.scene.targets)


def test_digits_are_marked_on_the_slip_as_they_are_typed(open_window, credit_token, shop_of):
    from meter_gui import palette
    from meter_gui.scene import Box

    token = credit_token(1000, 10)
    hand = open_window(shop=shop_of(lambda drn, cents: slip_of(token)))
    hand.click(Buy("PL20"))
    hand.desk.wait_for_shop(hand.real)

    def marked(colour) -> int:
        shop = hand.target(TypeToken())
        return sum(isinstance(item, Box) and item.fill == colour and item.rect.y > shop.y for item in hand.scene.items)

    before = marked(palette.GREEN_GROUND)
    hand.keys(token[:7])
    assert marked(palette.GREEN_GROUND) - before == 7
    hand.keys("1" if token[7] != "1" else "2")
    assert marked(palette.GREEN_GROUND) - before == 7
    assert marked(palette.RED_GROUND) >= 1


def test_inside_says_what_the_token_says(open_window, credit_token):
    token = credit_token(6780030, 325)
    hand = open_window()
    hand.keys(f"{token}<E>")
    texts = hand.texts()
    for text in ("electricity credit", "0 · credit", "32.5 kWh", "6780030", "Accept (1)"):
        assert text in texts
    assert any(text.startswith("2026-11-22 08:30") for text in texts)
    hand.keys("00000000000000000001<E>")
    assert hand.desk.view.story.verdict.endswith("(13)")
    assert not hand.desk.view.story.is_right


def test_inside_starts_with_the_last_token_of_the_meter(open_window, new_meter, credit_token):
    meter, _ = new_meter().enter(credit_token(1000, 10), new_meter().state.clock)
    assert open_window(meter).desk.view.story.digits == credit_token(1000, 10)


def test_inside_never_shows_a_key(open_window, new_meter, charged):
    meter = charged()
    section = encode(
        Token.build(
            TokenType.SET_1ST_SECTION_DECODER_KEY,
            kenho=15,
            krn=2,
            ro=0,
            three_kct=0,
            kt=2,
            nkho=0xDEADBEEF,
        ),
        meter.state.key.cipher,
    )
    hand = open_window(meter)
    hand.keys(f"{section}<E>")
    assert hand.desk.view.story.is_accepted
    assert "deadbeef" not in " ".join(hand.texts()).lower()
    assert "*" in hand.desk.view.story.plain_bits


def test_panels_fold_and_open(open_window):
    hand = open_window(size=(800, 600))

    def opened() -> list[SidePanel]:
        return [panel for panel, area in layout_of((800, 600), hand.desk.view).panels.items() if area.is_open]

    assert opened() == [SidePanel.SHOP]
    hand.click(Fold(SidePanel.HOUSE))
    assert opened() == [SidePanel.HOUSE]
    hand.click(Fold(SidePanel.HOUSE))
    assert SidePanel.HOUSE not in opened()


def test_a_memory_that_is_held_by_others_is_told_of_and_the_window_goes_on(open_window, charged):
    hand = open_window(charged())
    holder = sqlite3.connect(hand.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    hand.keys("1")
    assert "busy" in hand.desk.view.notice
    hand.wait(0.5)
    holder.execute("ROLLBACK")
    holder.close()
    hand.click(DismissNotice())
    assert hand.desk.view.notice == ""
    hand.keys("2")
    assert hand.stored().panel.line == "2"


def test_a_meter_that_was_uninstalled_is_told_of(open_window, charged):
    hand = open_window(charged())
    with Store(hand.path) as others:
        meter = hand.stored()
        others.uninstall(hand.drn)
        hand.wait(0.3)
        assert "not installed" in hand.desk.view.notice
        from meter_emu.store import Entry

        others.install(meter, Entry(meter.state.clock, "installed", {}))
    hand.wait(0.3)


def test_closing_the_window_loses_nothing(open_window, charged):
    hand = open_window(charged())
    hand.desk.do(SetLoad(3600), hand.real)
    hand.wait(100)
    hand.window.close()
    assert hand.stored().state.credit.balance == 100 * 3_600_000 - 3600 * 100
    hand.window = type("Closed", (), {"close": lambda self: None})()


def test_time_that_ran_ahead_is_the_meters_own_and_goes_on_from_there(open_window, charged):
    hand = open_window(charged())
    hand.desk.do(SetLoad(1000), hand.real)
    hand.desk.do(SetSpeed(3600), hand.real)
    hand.wait(5)
    hand.desk.do(SetSpeed(1), hand.real)
    hand.wait(5)
    hand.desk.close(hand.real)
    ahead = 5 * 3600 + 5
    assert hand.stored().state.clock == hand.desk.reading.clock == hand.started + ahead
    assert hand.stored().state.credit.balance == 100 * 3_600_000 - 1000 * ahead
    again = Desk(StoredMeter(hand.store, hand.drn), hand.civil, 0, View())
    assert again.reading.clock == hand.started + ahead


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
