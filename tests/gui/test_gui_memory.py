"""The window and everybody else act on one meter, whose memory may be held or gone; closing and running ahead lose nothing."""

import sqlite3

from meter_emu.store import Entry, Store
from meter_gui.actions import DismissNotice, SetLoad, SetSpeed
from meter_gui.desk import Desk
from meter_gui.stored_meter import StoredMeter
from meter_gui.view import View


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
