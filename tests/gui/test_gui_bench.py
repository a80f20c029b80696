"""The test bench panel: power cuts, sensors and their clearance, a stuck relay, a clock that runs ahead."""

import pytest

from meter_emu.meter import Cause
from meter_emu.sts.tokens import Token, TokenType, encode
from meter_gui.actions import AskForClearance, SetSpeed, StickRelay, SwitchPower, SwitchSensor, TypeToken


def clearance(meter) -> str:
    return encode(Token.build(TokenType.CLEAR_TAMPER_CONDITION, rnd=0, tid=5000, pad=0), meter.state.key.cipher)


def test_cutting_the_power(open_window, charged):
    hand = open_window(charged())
    hand.click(SwitchPower())
    assert not hand.stored().state.is_powered
    assert hand.desk.display.lines == ("", "")
    hand.click(SwitchPower())
    assert hand.stored().state.is_powered


def test_a_tampered_meter_is_cleared_with_a_token(open_window, charged, credit_token, shop_of, slip_of):
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


def test_a_clock_that_is_ahead_says_so(open_window, charged):
    hand = open_window(charged())
    assert not any("ahead" in text for text in hand.texts())
    hand.desk.do(SetSpeed(3600), hand.real)
    hand.wait(2)
    hand.desk.do(SetSpeed(1), hand.real)
    hand.wait(3)
    assert "1 h 59 min ahead of real time" in hand.texts()
