"""Meter, the whole of it: the state that survives a power cut and the panel that does not. Every act makes a new one."""

from typing import NamedTuple

from meter_emu.meter import short_codes
from meter_emu.meter.acceptance import accept
from meter_emu.meter.clock import Seconds, moment_of
from meter_emu.meter.display import CreditLed, Display
from meter_emu.meter.energy import KWH, kwh_text, lcd_text
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.metering import advance
from meter_emu.meter.outcome import Outcome
from meter_emu.meter.panel import LONGEST_SHORT_CODE, Key, Panel, answering
from meter_emu.meter.profiles import PROFILES, Profile, Word
from meter_emu.meter.relay import RelayOpen, opened_by
from meter_emu.meter.state import State
from meter_emu.meter.tamper import Cause
from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.tokens.key_change import SECTIONS_OF_KEY_LENGTH

LARGEST_LOAD = 1_000_000
"""W; more than any house, less than would make the numbers silly."""
_RELAY_WORDS = {
    RelayOpen.NO_CREDIT: Word.NO_CREDIT,
    RelayOpen.OVERLOAD: Word.OVERLOAD,
    RelayOpen.OVERLOAD_LOCKED: Word.OVERLOAD,
}


class Meter(NamedTuple):
    """A meter on the wall. ``now`` is the civil time as the meter counts it, which ``time_at`` tells; an earlier one than its
    clock changes none."""

    state: State
    panel: Panel = Panel()

    @property
    def profile(self) -> Profile:
        """The brand's data."""
        return PROFILES[self.state.profile]

    def __repr__(self) -> str:
        """Short, and without keys: a test that fails prints it."""
        state = self.state
        relay = "closed" if opened_by(state) is None else "open"
        return f"<Meter {state.drn}, {kwh_text(state.credit.balance)} kWh left, relay {relay}, at {moment_of(state.clock)}>"

    def advance(self, now: Seconds) -> "Meter":
        """Time passes up to ``now``."""
        return self._replace(state=advance(self.state, now))

    def press(self, key: Key, now: Seconds) -> tuple["Meter", Outcome | None]:
        """A key is pressed. The outcome is that of the token, where the key was an Enter that ended one."""
        meter = self.advance(now)
        now = meter.state.clock
        if not meter.state.is_powered:
            return meter, None
        timeout = self.profile.line_timeout
        if key is not Key.ENTER:
            return meter._replace(panel=meter.panel.press(key, now, timeout)), None
        line = meter.panel.line_at(now, timeout)
        if not line:
            return meter._replace(panel=Panel()), None
        if len(line) <= LONGEST_SHORT_CODE:
            return meter._short_code(line), None
        return meter.enter(line, now)

    def enter(self, digits: str, now: Seconds) -> tuple["Meter", Outcome]:
        """A whole token, as if its digits and Enter had been keyed."""
        state, outcome = accept(self.state, digits, now)
        panel = answering(self._answer(outcome, state), state.clock, beeps=not outcome.accepted)
        return Meter(state, panel if state.is_powered else Panel()), outcome

    def lcd_texts(self, outcome: Outcome) -> tuple[str, ...]:
        """What the LCD says to ``outcome``, in order; this meter is the one after it."""
        return tuple(text.replace("\n", " ") for text, _ in self._answer(outcome, self.state) if text)

    def set_load(self, watts: int, now: Seconds) -> "Meter":
        """The house asks for ``watts`` from ``now`` on. ValueError below 0 and above LARGEST_LOAD: no house feeds a meter."""
        if not 0 <= watts <= LARGEST_LOAD:
            raise ValueError(f"load must be 0 to {LARGEST_LOAD} W, not {watts}")
        return self._changed(self.advance(now).state._replace(load=watts))

    def cut_power(self, now: Seconds) -> "Meter":
        """The supply fails: the panel goes dark and forgets, the memory stays."""
        state = self.advance(now).state
        if not state.is_powered:
            return self._replace(state=state)
        failed = state._replace(is_powered=False, power_failures=state.power_failures + 1, power_failed_at=state.clock)
        return Meter(failed)

    def restore_power(self, now: Seconds) -> "Meter":
        """The supply is back. A power cycle ends a lockout."""
        state = self.advance(now).state
        if state.is_powered:
            return self._replace(state=state)
        return self._changed(state._replace(is_powered=True, power_restored_at=state.clock, lockout=Lockout()))

    def time_at(self, world: Seconds) -> Seconds:
        """What this meter calls the moment that is ``world`` elsewhere: later by what the service has set its clock ahead."""
        return world + self.state.clock_offset

    def set_clock(self, to: Seconds, now: Seconds) -> "Meter":
        """The service sets the clock forward; from here on the meter's time is ``time_at`` the world's.

        No energy flows in the time that is left out, and what waits for a moment waits no longer than that moment. ValueError
        for a time before the clock's own: deadlines would come back, quarters of the load profile close twice, and the
        journal run out of order.
        """
        state = self.advance(now).state
        ahead = to - state.clock
        if ahead < 0:
            raise ValueError(f"the clock never runs back, from {state.clock} to {to}")
        if ahead == 0:
            return self._replace(state=state)
        return self._changed(state._replace(clock=to, clock_offset=state.clock_offset + ahead, clock_set_at=to))

    def sense(self, cause: Cause, present: bool, now: Seconds) -> "Meter":
        """A tamper sensor reports that a cause is there, or gone."""
        state = self.advance(now).state
        return self._replace(state=state._replace(tamper=state.tamper.sense(cause, present, state.clock)))

    def sense_difference(self, milliamps: int, now: Seconds) -> "Meter":
        """The neutral carries ``milliamps`` more than the phase."""
        state = self.advance(now).state
        return self._replace(state=state._replace(tamper=state.tamper.sense_difference(milliamps, state.clock)))

    def stick_relay(self, is_stuck: bool, now: Seconds) -> "Meter":
        """The fault of a relay that no longer opens, or its repair."""
        return self._changed(self.advance(now).state._replace(is_relay_stuck=is_stuck))

    def display(self, now: Seconds) -> Display:
        """What a person sees at ``now``, which is the meter's clock or a little later."""
        state, panel = self.state, self.panel
        is_lit = state.is_powered
        line = panel.line_at(now, self.profile.line_timeout)
        return Display(
            lines=self._lines(now, line) if is_lit else ("", ""),
            digits_entered=len(line),
            credit_led=_credit_led(state) if is_lit else CreditLed.OFF,
            is_lit=is_lit,
            is_relay_closed=opened_by(state) is None,
            is_beeping=is_lit and (now < panel.beep_until or state.alarm.is_sounding(now)),
            impulses=state.credit.consumed * self.profile.impulses_per_kwh // KWH,
        )

    def _lines(self, now: Seconds, line: str) -> tuple[str, str]:
        columns = self.profile.lcd_columns
        page = self.panel.page_at(now)
        if page is not None:
            first, _, second = page.partition("\n")
            return first, second
        if line:
            return grouped(line, "-")[-columns:].rjust(columns), str(len(line)).rjust(columns)
        return lcd_text(self.state.credit.balance), self._status()

    def _status(self) -> str:
        state, words = self.state, self.profile.words
        if state.tamper.is_tampered:
            return words[Word.TAMPERED]
        reason = opened_by(state)
        if reason in _RELAY_WORDS:
            return words[_RELAY_WORDS[reason]]
        return words[Word.OVERLOAD_WARNING] if state.overload.since is not None else ""

    def _short_code(self, keyed: str) -> "Meter":
        changed = short_codes.change_setting(self.state, keyed)
        state, text = changed or (self.state, short_codes.show(self.state, keyed))
        beeps = self.profile.codes.get(keyed) == short_codes.BUZZER_TEST
        panel = answering(((text, self.profile.code_time),), state.clock, beeps=beeps)
        return self._changed(state)._replace(panel=panel)

    def _answer(self, outcome: Outcome, after: State) -> tuple[tuple[str, Seconds], ...]:
        """The texts for an outcome, each with how long it is shown."""
        profile = self.profile
        verdict = profile.texts[outcome.result_code].format(seconds_left=outcome.seconds_left)
        pages = [(verdict, profile.verdict_time)]
        if outcome.credit_added:
            pages.append((lcd_text(outcome.credit_added), profile.credit_time))
            pages.append((lcd_text(after.credit.balance), profile.credit_time))
        if outcome.awaited:
            sections = SECTIONS_OF_KEY_LENGTH[after.key.decoder_key.algorithm.key_length]
            numbers = " ".join(str(sections.index(section) + 1) for section in outcome.awaited)
            pages.append((profile.words[Word.AWAITED_SECTIONS].format(sections=numbers), profile.credit_time))
        pages += [(short_codes.SHORT_CODES[number].show(after, profile), profile.code_time) for number in outcome.shows]
        return tuple(pages)

    def _changed(self, state: State) -> "Meter":
        """This meter with another state, and what follows from it on the same second."""
        return self._replace(state=advance(state, state.clock))


def _credit_led(state: State) -> CreditLed:
    balance, limit = state.credit.balance, state.alarm.limit
    if balance <= 0:
        return CreditLed.RED_BLINKING
    if balance <= limit:
        return CreditLed.RED
    return CreditLed.YELLOW if balance <= 2 * limit else CreditLed.GREEN
