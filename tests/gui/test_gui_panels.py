"""The panels: they fold and open, the keys are named over them, the inside says what the last token says and never a key."""

import pygame

from meter_emu.sts.tokens import Token, TokenType, encode
from meter_gui.actions import Fold, ShowHelp, SidePanel
from meter_gui.stage import layout_of


def test_panels_fold_and_open(open_window):
    hand = open_window(size=(800, 600))

    def opened() -> list[SidePanel]:
        return [panel for panel, area in layout_of((800, 600), hand.desk.view).panels.items() if area.is_open]

    assert opened() == [SidePanel.SHOP]
    hand.click(Fold(SidePanel.HOUSE))
    assert opened() == [SidePanel.HOUSE]
    hand.click(Fold(SidePanel.HOUSE))
    assert SidePanel.HOUSE not in opened()


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
