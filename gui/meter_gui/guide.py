"""Guide, one sentence beside the LCD: what it says now, and what to do. The meter speaks the words of its profile; what they
mean is in the table of captions.

>>> Guide("SALAH", (Caption.NOT_THIS_METERS,)).in_language(Language.ENGLISH)
'SALAH: no token of this meter, or mistyped.'
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from meter_emu.meter import Meter
from meter_emu.meter.clock import MINUTE, Seconds
from meter_emu.meter.lockout import FREE_TRIES
from meter_emu.meter.overload import LOCK, TRIP_WINDOW, TRIPS_TO_LOCK
from meter_emu.meter.panel import LONGEST_SHORT_CODE
from meter_emu.meter.profiles import Word
from meter_emu.meter.relay import RelayOpen, opened_by
from meter_emu.meter.results import ResultCode
from meter_emu.sts.tokens.codec import TOKEN_DIGITS
from meter_gui.captions import Caption, Language

RESULTS: Mapping[ResultCode, Caption] = {
    ResultCode.ACCEPT: Caption.TAKEN,
    ResultCode.FIRST_KEY_CHANGE_TOKEN: Caption.SECTION_TAKEN,
    ResultCode.OTHER_KEY_CHANGE_TOKEN: Caption.SECTION_TAKEN,
    ResultCode.OVERFLOW_ERROR: Caption.TOO_MUCH_CREDIT,
    ResultCode.KEY_TYPE_ERROR: Caption.WRONG_KEY_CHANGE,
    ResultCode.FORMAT_ERROR: Caption.NO_SUCH_TOKEN,
    ResultCode.RANGE_ERROR: Caption.OUT_OF_RANGE,
    ResultCode.FUNCTION_ERROR: Caption.NOT_SUPPORTED,
    ResultCode.OLD_ERROR: Caption.TOO_OLD,
    ResultCode.USED_ERROR: Caption.ALREADY_USED,
    ResultCode.KEY_EXPIRED_ERROR: Caption.KEY_EXPIRED,
    ResultCode.DDTK_ERROR: Caption.DEFAULT_KEY,
    ResultCode.CRC_ERROR: Caption.NOT_THIS_METERS,
    ResultCode.MFR_CODE_ERROR: Caption.OTHER_MAKER,
    ResultCode.LOCKED_OUT: Caption.LOCKED_OUT,
    ResultCode.TAMPERED: Caption.REFUSED_TAMPERED,
}
WRONG_TRIES = ResultCode.FORMAT_ERROR, ResultCode.CRC_ERROR
RELAY_OPEN: Mapping[RelayOpen, tuple[Word, Caption]] = {
    RelayOpen.NO_CREDIT: (Word.NO_CREDIT, Caption.NO_CREDIT),
    RelayOpen.OVERLOAD: (Word.OVERLOAD, Caption.OVERLOAD),
    RelayOpen.OVERLOAD_LOCKED: (Word.OVERLOAD, Caption.OVERLOAD_LOCKED),
}


class Guide(NamedTuple):
    """What the LCD says (empty for digits and numbers), the sentences that explain it, and the numbers in these."""

    word: str = ""
    captions: tuple[Caption, ...] = ()
    values: tuple[tuple[str, int], ...] = ()

    def in_language(self, language: Language) -> str:
        """The sentences, as one line of text."""
        said = " ".join(caption.in_language(language) for caption in self.captions).format(**dict(self.values))
        return f"{self.word}: {said}" if self.word and said else said


def guide_of(meter: Meter, now: Seconds) -> Guide:
    """The guide to what ``meter`` shows at ``now``."""
    if not meter.state.is_powered:
        return Guide("", (Caption.DARK,))
    page = _page_at(meter, now)
    if page is not None:
        return _answer(meter, page, now)
    digits = len(meter.panel.line_at(now, meter.profile.line_timeout))
    if digits and not meter.state.lockout.seconds_left(now):
        return _typed(digits)
    return _status(meter, now)


def shown_total(meter: Meter, now: Seconds) -> str | None:
    """The credit that the answer to a credit token ends with, while the LCD shows it; None at any other time."""
    page, pages = _page_at(meter, now), meter.panel.pages
    if page is None or page + 1 < len(pages) or not (_answers_token(meter) and meter.state.last_token.credit_added):
        return None
    return pages[page][0]


def _page_at(meter: Meter, now: Seconds) -> int | None:
    """Which page of an answer the LCD shows."""
    return next((number for number, (_, until) in enumerate(meter.panel.pages) if now < until), None)


def _answers_token(meter: Meter) -> bool:
    """Whether the LCD answers the last token, and not a short code."""
    last, pages = meter.state.last_token, meter.panel.pages
    if last.outcome is None or last.at != meter.panel.touched:
        return False
    return pages[0][0].startswith(meter.profile.texts[last.outcome.result_code].partition("{")[0])


def _answer(meter: Meter, page: int, now: Seconds) -> Guide:
    pages, words = meter.panel.pages, meter.profile.words
    text, last, outcome = pages[page][0], meter.state.last_token, meter.state.last_token.outcome
    if outcome is None or not _answers_token(meter):
        return Guide(text, (Caption.NO_SHORT_CODE,)) if text == words[Word.UNKNOWN] else Guide("", (Caption.SHORT_CODE_ANSWER,))
    if page == 0:
        digits = len(last.digits)
        return Guide(text, tuple(_verdict(outcome.result_code, digits, meter, now)), _tries(meter, now, digits))
    if outcome.credit_added:
        return Guide("", (Caption.CREDIT_ADDED if page + 1 < len(pages) else Caption.CREDIT_NOW,))
    if text.startswith(words[Word.AWAITED_SECTIONS].partition("{")[0]):
        return Guide(text, (Caption.SECTIONS_AWAITED,))
    return Guide("", (Caption.SHORT_CODE_ANSWER,))


def _verdict(code: ResultCode, digits: int, meter: Meter, now: Seconds) -> Iterator[Caption]:
    yield Caption.NOT_20_DIGITS if code is ResultCode.FORMAT_ERROR and digits != TOKEN_DIGITS else RESULTS[code]
    if code in WRONG_TRIES:
        yield Caption.WRONG_TRY_LOCKS if meter.state.lockout.seconds_left(now) else _warning(meter)


def _warning(meter: Meter) -> Caption:
    return Caption.WRONG_TRY if meter.state.lockout.wrong_tokens < FREE_TRIES else Caption.NEXT_TRY_LOCKS


def _tries(meter: Meter, now: Seconds, digits: int) -> tuple[tuple[str, int], ...]:
    lockout = meter.state.lockout
    return (
        *(("digits", digits), ("wrong", lockout.wrong_tokens), ("tries", FREE_TRIES + 1)),
        *(("longest", LONGEST_SHORT_CODE), ("seconds", lockout.seconds_left(now))),
    )


def _typed(digits: int) -> Guide:
    values = ("digits", digits), ("missing", TOKEN_DIGITS - digits), ("longest", LONGEST_SHORT_CODE)
    if digits == TOKEN_DIGITS:
        return Guide("", (Caption.ALL_DIGITS,))
    return Guide("", (Caption.MAYBE_SHORT_CODE if digits <= LONGEST_SHORT_CODE else Caption.DIGITS_MISSING,), values)


def _status(meter: Meter, now: Seconds) -> Guide:
    state, profile = meter.state, meter.profile
    reason = opened_by(state)
    if state.lockout.seconds_left(now):
        return Guide("", (Caption.STILL_LOCKED,), _tries(meter, now, 0))
    if state.tamper.is_tampered:
        return Guide(profile.words[Word.TAMPERED], (Caption.TAMPERED if reason is None else Caption.TAMPERED_OPEN,))
    limits = ("limit", state.overload.limit or 0), ("minutes", LOCK // MINUTE), ("within", TRIP_WINDOW // MINUTE)
    if reason is not None and reason in RELAY_OPEN:
        word, caption = RELAY_OPEN[reason]
        return Guide(profile.words[word], (caption,), (*limits, ("trips", TRIPS_TO_LOCK)))
    if state.overload.since is not None:
        seconds = ("seconds", profile.overload_warning)
        return Guide(profile.words[Word.OVERLOAD_WARNING], (Caption.OVERLOAD_WARNING,), (*limits, seconds))
    if state.is_relay_stuck and state.credit.balance <= 0:
        return Guide("", (Caption.STUCK,))
    if state.lockout.wrong_tokens:
        return Guide("", (Caption.KEY_IN, _warning(meter)), _tries(meter, now, 0))
    return Guide("", (Caption.KEY_IN,))
