"""The guide below the LCD: whatever the meter says is explained, in both languages, in words that fit."""

import pytest

from meter_emu.meter import Cause
from meter_emu.meter.profiles import PROFILES, Word
from meter_emu.meter.results import ResultCode
from meter_emu.sts.tokens import Token, TokenType, encode
from meter_gui.captions import Caption, Language
from meter_gui.face import GUIDE_LINES, _guide
from meter_gui.guide import RELAY_OPEN, RESULTS, Guide, guide_of
from meter_gui.layout import layout
from meter_gui.scene import Text

WORST = (
    *(("digits", 19), ("missing", 13), ("longest", 6), ("wrong", 999), ("tries", 3), ("seconds", 1280)),
    *(("limit", 999_999), ("minutes", 30), ("within", 30), ("trips", 5)),
)


def english(hand) -> str:
    return hand.desk.reading.guide.in_language(Language.ENGLISH)


def captions_of_the_guide() -> set[tuple[Caption, ...]]:
    tries = {(caption, Caption.WRONG_TRY_LOCKS) for caption in (Caption.NO_SUCH_TOKEN, Caption.NOT_20_DIGITS)}
    tries |= {(caption, Caption.WRONG_TRY) for caption in (Caption.NO_SUCH_TOKEN, Caption.NOT_20_DIGITS)}
    tries |= {(Caption.NOT_THIS_METERS, Caption.WRONG_TRY_LOCKS), (Caption.KEY_IN, Caption.WRONG_TRY)}
    tries |= {(Caption.NOT_20_DIGITS, Caption.NEXT_TRY_LOCKS), (Caption.KEY_IN, Caption.NEXT_TRY_LOCKS)}
    members = list(Caption)
    status = members[members.index(Caption.DARK) : members.index(Caption.STUCK) + 1]
    return tries | {(caption,) for caption in status}


def test_every_result_and_every_reason_of_an_open_relay_is_explained():
    assert set(RESULTS) == set(ResultCode) - {ResultCode.NONE}
    assert {word for word, _ in RELAY_OPEN.values()} == {Word.NO_CREDIT, Word.OVERLOAD}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("size", [(800, 600), (1280, 720), (2560, 1440)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("is_alone", [False, True], ids=["panels", "alone"])
def test_every_sentence_fits_below_the_lcd(size, language, is_alone):
    face = layout(size, is_face_alone=is_alone).face
    longest = max((word for profile in PROFILES.values() for word in profile.words.values() if "{" not in word), key=len)
    for captions in captions_of_the_guide():
        part = _guide(face, Guide(longest, captions, WORST).in_language(language))
        texts = [item for item in part.items if isinstance(item, Text)]
        assert 1 <= len(texts) <= GUIDE_LINES, captions
        assert all(text.size >= 8 for text in texts)


def test_an_empty_line_asks_for_a_token(open_window, charged):
    assert english(open_window(charged())) == "Key in a 20-digit token and press the green key."


def test_seven_digits_are_no_token_and_no_short_code(open_window, charged):
    hand = open_window(charged())
    hand.keys("1")
    assert "short code" in english(hand)
    hand.keys("234567")
    assert english(hand) == "7 digits: 13 are missing. The green key before the 20th counts as a wrong try."
    hand.keys("<E>")
    assert english(hand).startswith("SALAH: these are 7 digits; a token has 20, a short code 1 to 6. Wrong tries: 1.")
    assert any(text.startswith("7 digits: a token has 20") for text in hand.texts())
    hand.wait(4)
    assert english(hand).endswith("Number 3 in a row locks the meter.")
    assert hand.stored().state.lockout.wrong_tokens == 1


def test_a_lockout_counts_down(open_window, charged):
    hand = open_window(charged())
    hand.keys("00000000000000000001<E>" * 3)
    assert english(hand).startswith("SALAH: no token of this meter, or mistyped. Wrong try 3:")
    hand.wait(4)
    assert english(hand).startswith("Locked after 3 wrong tries: no token is taken for")
    hand.keys("00000000000000000001<E>")
    assert english(hand).startswith("TUNGGU")
    hand.wait(60, step=1)
    assert english(hand).endswith("Wrong tries: 3. One more in a row locks the meter.")


def test_a_used_token_is_told_from_a_wrong_one(open_window, new_meter, credit_token):
    token = credit_token(1000, 325)
    hand = open_window(new_meter())
    assert english(hand).startswith("KREDIT HABIS: the credit is used up, so the relay is open and 0 W flow.")
    hand.keys(f"{token}<E>")
    assert english(hand) == "BENAR: the meter has taken the token."
    hand.wait(4)
    assert english(hand) == "The credit that this token brought."
    hand.wait(5)
    assert english(hand) == "The credit that the meter has now."
    hand.keys(f"{token}<E>")
    assert english(hand).startswith("USED: this meter has had this token before")
    hand.keys("37<E>")
    assert english(hand) == "The value that was asked for."
    hand.keys("99<E>")
    assert english(hand).startswith("----: this meter has no such short code")


def test_tamper_overload_and_a_dark_meter(new_meter, charged):
    meter = charged()
    now = meter.state.clock
    assert guide_of(meter.sense(Cause.METER_COVER, True, now), now).captions == (Caption.TAMPERED,)
    assert guide_of(meter.cut_power(now), now).captions == (Caption.DARK,)
    limited = meter._replace(state=meter.state._replace(overload=meter.state.overload._replace(limit=900)))
    warned = limited.set_load(1000, now)
    assert guide_of(warned, now).in_language(Language.ENGLISH).startswith("AWAS BEBAN LEBIH: the load is above 900 W.")
    tripped = warned.advance(now + 30)
    assert guide_of(tripped, now + 30).word == "BEBAN LEBIH"
    assert guide_of(tripped, now + 30).captions == (Caption.OVERLOAD,)
    empty = new_meter()
    assert guide_of(empty.sense(Cause.BYPASS, True, now), now).captions == (Caption.TAMPERED_OPEN,)
    assert guide_of(empty.stick_relay(True, now), now).captions == (Caption.STUCK,)


def test_half_a_key_change_names_what_is_missing(open_window, charged):
    meter = charged()
    section = Token.build(TokenType.SET_1ST_SECTION_DECODER_KEY, kenho=15, krn=2, ro=0, three_kct=0, kt=2, nkho=1)
    hand = open_window(meter)
    hand.keys(f"{encode(section, meter.state.key.cipher)}<E>")
    assert english(hand) == "BENAR: one part of the new key is in."
    hand.wait(4)
    assert english(hand).startswith("KCT")
    assert "still missing" in english(hand)


def test_the_words_are_those_of_the_meters_profile(charged, monkeypatch):
    meter = charged()
    now = meter.state.clock
    tampered = meter.sense(Cause.METER_COVER, True, now)
    profile = PROFILES[meter.state.profile]
    other = profile._replace(words={**profile.words, Word.TAMPERED: "BUKA"})
    monkeypatch.setitem(PROFILES, meter.state.profile, other)
    assert guide_of(tampered, now).word == "BUKA"
