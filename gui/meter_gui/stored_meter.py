"""StoredMeter, a WallMeter in the meters' memory: the same one that the command line and the serial port act on."""

from collections.abc import Sequence

from meter_emu.meter import Cause, Key, Meter
from meter_emu.meter.clock import Seconds
from meter_emu.store import Entry, Store
from meter_emu.store.entries import RELAY_STUCK, load_entry, power_entry, tamper_entry, token_entry
from meter_emu.sts.numbers import Drn

LEAK = 500
"""mA that leave another way when the bench says so; a meter takes 300 for none."""
Acted = tuple[Meter, Sequence[Entry], Meter]


class StoredMeter:
    """A meter in an open memory. Every act is one transaction; it writes the journal as every other way to act does."""

    def __init__(self, store: Store, drn: Drn) -> None:
        self._store = store
        self._drn = drn

    def version(self) -> int:
        """As WallMeter says, like all that follows."""
        return self._store.version()

    def load(self) -> Meter:
        """The meter as it was last left."""
        return self._store.load(self._drn)

    def let_pass(self, now: Seconds) -> Meter:
        """Time passes."""

        def act(meter: Meter) -> Acted:
            after = meter.advance(meter.time_at(now))
            return after, (), after

        return self._store.change(self._drn, act)

    def press(self, keys: Sequence[Key], now: Seconds) -> Meter:
        """Keys are pressed."""

        def act(meter: Meter) -> Acted:
            at = meter.time_at(now)
            meter, entries = meter.advance(at), []
            for key in keys:
                line = meter.panel.line_at(meter.state.clock, meter.profile.line_timeout)
                meter, outcome = meter.press(key, at)
                if outcome is not None:
                    entries.append(token_entry(meter, line, outcome))
            return meter, entries, meter

        return self._store.change(self._drn, act)

    def set_load(self, watts: int, now: Seconds) -> Meter:
        """Another load."""

        def act(meter: Meter) -> Acted:
            after = meter.set_load(watts, meter.time_at(now))
            return after, [load_entry(after)], after

        return self._store.change(self._drn, act)

    def switch_power(self, now: Seconds, *, is_on: bool) -> Meter:
        """The supply."""

        def act(meter: Meter) -> Acted:
            at = meter.time_at(now)
            after = meter.restore_power(at) if is_on else meter.cut_power(at)
            return after, [power_entry(after)], after

        return self._store.change(self._drn, act)

    def sense(self, cause: Cause, now: Seconds, *, is_present: bool) -> Meter:
        """A sensor."""

        def act(meter: Meter) -> Acted:
            at = meter.time_at(now)
            if cause is Cause.CURRENT_DIFFERENCE:
                after = meter.sense_difference(LEAK if is_present else 0, at)
            else:
                after = meter.sense(cause, is_present, at)
            return after, [tamper_entry(after, cause, is_present)], after

        return self._store.change(self._drn, act)

    def stick_relay(self, now: Seconds, *, is_stuck: bool) -> Meter:
        """The relay's fault."""

        def act(meter: Meter) -> Acted:
            after = meter.stick_relay(is_stuck, meter.time_at(now))
            return after, [tamper_entry(after, RELAY_STUCK, is_stuck)], after

        return self._store.change(self._drn, act)
