"""The meter's face under a person's hands: keys, LCD, lamps, buzzer; on the Display and on pixels where it matters."""

import pygame
import pytest

from meter_emu.meter import CreditLed, Key
from meter_emu.meter.energy import KWH
from meter_gui import glyphs, palette
from meter_gui.actions import Mute, Press, SetLoad, SetSpeed, ShowFaceAlone, SidePanel, SwitchPower
from meter_gui.drawing import lcd_dots
from meter_gui.face import key_rect, lamp_rects, lcd_rect
from meter_gui.house import MOST_WATTS
from meter_gui.panels.house import slider_of
from meter_gui.scene import Cells, Text
from meter_gui.stage import layout_of

WRONG = "00000000000000000001"


def face_of(hand):
    return layout_of(hand.window.surface.get_size(), hand.desk.view).face


def shown_on_pixels(hand) -> tuple[str, str]:
    """The LCD as it is read off the pixels, dot by dot."""
    (cells,) = (item for item in hand.scene.items if isinstance(item, Cells))
    area, pitch = lcd_dots(cells)
    letters = [chr(code) for code in range(32, 127)]
    lines = []
    for line in range(2):
        text = ""
        for column in range(cells.columns):
            octets = bytearray(glyphs.COLUMNS)
            for dot in range(glyphs.COLUMNS * glyphs.ROWS):
                x, y = dot % glyphs.COLUMNS, dot // glyphs.COLUMNS
                at = (
                    int(area.x + (column * 6 + x + 0.4) * pitch),
                    int(area.y + (line * 10 + y + 0.4) * pitch),
                )
                octets[x] |= (sum(hand.window.surface.get_at(at)[:3]) < 250) << y
            text += next((letter for letter in letters if glyphs.glyph(letter) == bytes(octets)), "\N{REPLACEMENT CHARACTER}")
        lines.append(text)
    return lines[0].strip(), lines[1].strip()


def lamp_colour(hand, number: int) -> tuple[int, int, int]:
    """The lens of a lamp, near its lower edge, where no mark is."""
    rect = lamp_rects(face_of(hand))[number]
    return tuple(hand.window.surface.get_at((rect.centre[0], rect.bottom - rect.h // 5)))[:3]


def is_near(colour, other, tolerance=60) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(colour, other, strict=True))


def test_a_whole_purchase_to_benar(open_window, credit_token):
    hand = open_window()
    assert hand.desk.display.credit_led is CreditLed.RED_BLINKING
    token = credit_token(1000, 325)
    hand.keys(token[:6])
    assert hand.lcd == (f"{token[:4]}-{token[4:6]}", "6")
    hand.keys(token[6:])
    assert hand.lcd[1] == "20"
    hand.keys("<E>")
    assert hand.lcd[0] == "BENAR" == shown_on_pixels(hand)[0]
    hand.wait(3)
    assert shown_on_pixels(hand)[0] == "32.50 kWh"
    hand.wait(10)
    assert hand.lcd == ("32.50 kWh", "")
    assert hand.desk.display.credit_led is CreditLed.GREEN
    assert is_near(lamp_colour(hand, 0), palette.LAMPS[CreditLed.GREEN])
    assert hand.stored().state.credit.balance == 32 * KWH + KWH // 2


@pytest.mark.parametrize("size", [(800, 600), (1280, 720), (2560, 1440), (1023, 777)])
def test_every_dot_is_where_it_belongs(open_window, charged, size):
    hand = open_window(charged(325), size=size)
    assert shown_on_pixels(hand) == ("32.50 kWh", "")
    hand.keys("1234567890")
    assert shown_on_pixels(hand) == ("1234-5678-90", "10")


def test_keys_are_pressed_with_the_mouse_and_look_it(open_window):
    hand = open_window()
    five = key_rect(face_of(hand), Key.DIGIT_5)
    spot = (five.x + five.w // 4, five.y + 4)
    up = hand.window.surface.get_at(spot)
    hand.down(five.centre)
    assert Key.DIGIT_5 in hand.desk.view.keys_down
    assert hand.window.surface.get_at(spot) != up
    pygame.event.post(pygame.Event(pygame.MOUSEBUTTONUP, pos=five.centre, button=1))
    hand.wait(0.3)
    assert not hand.desk.view.keys_down
    assert hand.window.surface.get_at(spot) == up
    for key in (Key.DIGIT_1, Key.DIGIT_2, Key.BACKSPACE):
        hand.click(Press(key))
    assert hand.lcd == ("51", "2")


def touch(hand, kind: int, point: tuple[float, float]) -> None:
    """A finger, whose events say in parts of the window where it is."""
    width, height = hand.window.surface.get_size()
    place = {"x": (point[0] + 0.5) / width, "y": (point[1] + 0.5) / height, "dx": 0.0, "dy": 0.0}
    pygame.event.post(pygame.Event(kind, touch_id=1, finger_id=1, pressure=1.0, **place))
    hand.wait(0.1)


def test_keys_are_pressed_with_a_finger(open_window):
    hand = open_window()
    for key in (Key.DIGIT_4, Key.DIGIT_2):
        point = key_rect(face_of(hand), key).centre
        touch(hand, pygame.FINGERDOWN, point)
        assert key in hand.desk.view.keys_down
        touch(hand, pygame.FINGERUP, point)
        assert not hand.desk.view.keys_down
    assert hand.lcd == ("42", "2")


def test_the_load_is_set_with_a_finger(open_window, charged):
    hand = open_window(charged())
    places = layout_of((1280, 720), hand.desk.view)
    track = slider_of(places.panels[SidePanel.HOUSE], places.scale)
    touch(hand, pygame.FINGERDOWN, track.centre)
    touch(hand, pygame.FINGERMOTION, (track.right, track.y))
    touch(hand, pygame.FINGERUP, (track.right, track.y))
    touch(hand, pygame.FINGERMOTION, track.centre)
    assert hand.stored().state.load == MOST_WATTS


class DenseWindow:
    """A window on a HiDPI screen: twice as many pixels each way as it says it is large."""

    def __init__(self) -> None:
        self.size = (1280, 720)
        self.surface = pygame.Surface((2560, 1440), 0, 32)

    def get_surface(self) -> pygame.Surface:
        return self.surface

    def flip(self) -> None:
        pass

    def destroy(self) -> None:
        pass


def test_a_hidpi_window_has_all_its_pixels_and_its_keys_where_they_are_seen(open_window, charged, monkeypatch):
    hand = open_window(charged(325))
    with monkeypatch.context() as patch:
        patch.setattr(hand.window, "_window", DenseWindow())
        hand.frame()
        assert face_of(hand) == layout_of((2560, 1440), hand.desk.view).face
        assert shown_on_pixels(hand) == ("32.50 kWh", "")
        x, y = key_rect(face_of(hand), Key.DIGIT_8).centre
        hand.down((x // 2, y // 2))
        touch(hand, pygame.FINGERDOWN, key_rect(face_of(hand), Key.DIGIT_3).centre)
        assert hand.lcd == ("83", "2")


def test_backspace_takes_the_last_digit(open_window):
    hand = open_window()
    hand.keys("12345<B><B>")
    assert hand.lcd == ("123", "3")
    hand.keys("<B><B><B><B>")
    assert hand.desk.display.digits_entered == 0


def test_a_21st_digit_is_refused_with_a_beep(open_window, charged):
    hand = open_window(charged())
    hand.keys("1" * 20)
    assert not hand.desk.display.is_beeping
    hand.keys("2")
    assert hand.desk.display.is_beeping
    assert hand.window._buzzer.is_beeping
    assert (hand.lcd[1], hand.stored().panel.line) == ("20", "1" * 20)
    hand.wait(2)
    assert not hand.window._buzzer.is_beeping


def test_the_buzzer_can_be_muted(open_window, charged):
    hand = open_window(charged())
    hand.click(Mute())
    hand.keys("1" * 21)
    assert hand.desk.display.is_beeping
    assert not hand.window._buzzer.is_beeping
    hand.click(ShowFaceAlone())
    assert hand.desk.view.is_muted
    hand.click(Mute())
    hand.keys("1")
    assert hand.window._buzzer.is_beeping


def test_a_window_without_a_sound_device_is_silent(open_window, charged, monkeypatch):
    monkeypatch.setenv("SDL_AUDIODRIVER", "no such driver")
    pygame.mixer.quit()
    hand = open_window(charged())
    hand.keys("1" * 21)
    assert hand.desk.display.is_beeping


def test_the_third_wrong_token_locks(open_window, charged):
    hand = open_window(charged())
    for _ in range(3):
        hand.keys(f"{WRONG}<E>")
        assert hand.lcd[0] == "SALAH"
    hand.keys(f"{WRONG}<E>")
    assert hand.lcd[0].startswith("TUNGGU")
    assert hand.desk.view.story.verdict == "LockedOut (15)"


def test_no_credit_no_current(open_window, charged):
    hand = open_window(charged(1))
    hand.desk.do(SetLoad(2000), hand.real)
    hand.wait(0.2)
    assert hand.desk.display.is_relay_closed
    hand.click(SetSpeed(600))
    hand.wait(1)
    assert hand.lcd == ("0.00 kWh", "KREDIT HABIS")
    assert not hand.desk.display.is_relay_closed
    assert hand.desk.display.credit_led is CreditLed.RED_BLINKING
    blinks = set()
    for _ in range(10):
        hand.wait(0.1)
        blinks.add(is_near(lamp_colour(hand, 0), palette.LAMPS[CreditLed.RED]))
    assert blinks == {True, False}
    assert "open" in hand.texts()


def test_low_credit_sounds_the_alarm(open_window, charged):
    hand = open_window(charged(51))
    assert hand.desk.display.credit_led is CreditLed.YELLOW
    assert is_near(lamp_colour(hand, 0), palette.LAMPS[CreditLed.YELLOW])
    hand.desk.do(SetLoad(3600), hand.real)
    heard = False
    for _ in range(1200):
        hand.wait(0.1)
        heard = heard or hand.window._buzzer.is_beeping
    assert hand.desk.display.credit_led is CreditLed.RED
    assert is_near(lamp_colour(hand, 0), palette.LAMPS[CreditLed.RED])
    assert heard


def test_the_pulse_lamp_flashes_with_the_energy(open_window, charged):
    hand = open_window(charged())
    hand.desk.do(SetLoad(2250), hand.real)
    seen = set()
    for _ in range(40):
        hand.wait(0.05)
        seen.add(is_near(lamp_colour(hand, 1), palette.PULSE_LAMP))
    assert seen == {True, False}


def test_a_token_is_pasted(open_window, credit_token, monkeypatch):
    token = credit_token(1000, 10)
    hand = open_window()
    monkeypatch.setattr(pygame.scrap, "has_text", lambda: True)
    monkeypatch.setattr(pygame.scrap, "get_text", lambda: f" {token[:4]} {token[4:8]}-{token[8:12]}\n{token[12:]}\t")
    pygame.event.post(pygame.Event(pygame.KEYDOWN, key=pygame.K_v, mod=pygame.KMOD_CTRL, unicode="\x16"))
    hand.wait(0.1)
    assert hand.stored().panel.line == token
    hand.keys("<E>")
    assert hand.lcd[0] == "BENAR"


@pytest.mark.parametrize("text", ["", "no token", "1" * 21, "1234x", "\u0661\u0662", "\0"])
def test_what_is_no_token_is_not_pasted(open_window, monkeypatch, text):
    hand = open_window()
    monkeypatch.setattr(pygame.scrap, "has_text", lambda: True)
    monkeypatch.setattr(pygame.scrap, "get_text", lambda: text)
    pygame.event.post(pygame.Event(pygame.KEYDOWN, key=pygame.K_v, mod=pygame.KMOD_CTRL, unicode="\x16"))
    hand.wait(0.1)
    assert hand.stored().panel.line == ""
    assert "clipboard" in hand.desk.view.notice


def test_time_runs_at_its_own_pace_while_one_types(open_window, credit_token):
    hand = open_window()
    hand.click(SetSpeed(3600))
    hand.keys(f"{credit_token(1000, 10)}<E>")
    assert hand.lcd[0] == "BENAR"
    assert hand.desk.view.is_slowed
    hand.wait(21)
    assert not hand.desk.view.is_slowed


def test_the_meter_alone(open_window):
    hand = open_window()
    hand.click(ShowFaceAlone())
    assert not any(isinstance(item, Text) and item.text == "House" for item in hand.scene.items)
    assert face_of(hand).centre == (640, 360)
    hand.click(ShowFaceAlone())
    assert "House" in hand.texts()


def test_where_nothing_changes_nothing_is_painted(open_window, charged):
    hand = open_window(charged())
    hand.wait(0.3, step=0.01)
    painted = hand.window.frames_painted
    hand.wait(0.6, step=0.01)
    assert hand.window.frames_painted == painted
    hand.wait(1.0, step=0.01)
    assert hand.window.frames_painted - painted <= 3


def test_nothing_is_seen_of_a_dark_meter(open_window, charged):
    hand = open_window(charged())
    hand.click(SwitchPower())
    assert hand.desk.display.credit_led is CreditLed.OFF
    glass = lcd_rect(face_of(hand))
    dark = [hand.window.surface.get_at((glass.x + glass.w * n // 20, glass.centre[1])) for n in range(1, 20)]
    assert all(is_near(tuple(colour)[:3], palette.LCD_DARK, 30) for colour in dark)
    hand.keys("1")
    assert hand.stored().panel.line == ""
    hand.click(SwitchPower())
    assert hand.stored().state.power_failures == 1
    assert shown_on_pixels(hand)[0] == "100.00 kWh"
