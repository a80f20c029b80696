"""What the tests of the meter share: a utility that makes tokens for one meter, and a slow second opinion on the metering.

Test folders are no packages, so fixtures hand it out. A test that needs other parameters asks ``utility.of(...)`` or
``utility.changed(...)`` for another utility, and any utility for a fresh ``meter(...)`` of its own.
"""

from dataclasses import dataclass
from datetime import datetime

import pytest

from meter_emu.meter import Cause, KeyRegister, Meter, State, parse_keys, seconds_of
from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.tamper import Tamper
from meter_emu.sts.keys import DecoderKey, default_parameters
from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers import Drn
from meter_emu.sts.tokens import NewKey, Token, TokenType, encode, key_change_tokens
from meter_emu.sts.tokens.codec import join
from meter_emu.sts.tokens.crc import crc_field

START = seconds_of(datetime(2026, 1, 15, 12))
"""The clock of a new meter."""


@dataclass(frozen=True)
class Utility:
    """The supply side of one meter: its card, its key, and the tokens that key makes."""

    card: MeterCard
    decoder_key: DecoderKey

    @classmethod
    def of(cls, drn="12345678911", **parameters):
        """For a meter with the published test parameters, but for those given."""
        return cls._of(MeterCard(default_parameters(Drn(drn))).changed(**parameters))

    @classmethod
    def _of(cls, card):
        return cls(card, KeyStore.empty().key_of(card).decoder_key)

    def changed(self, **parameters):
        """For the same meter after a key change."""
        return self._of(self.card.changed(**parameters))

    def meter(self, **fields):
        """A meter as it leaves the factory, or with these fields of its state."""
        state = State(self.card.drn, START, KeyRegister.install(self.card, self.decoder_key))
        return Meter(state._replace(**fields))

    def tampered_meter(self, **fields):
        """A meter whose cover was opened and closed again."""
        opened = Tamper().sense(Cause.METER_COVER, True, now=0)
        return self.meter(tamper=opened.sense(Cause.METER_COVER, False, now=1), **fields)

    def token(self, token_type, **values):
        """The 20 digits of any token."""
        return encode(Token.build(token_type, **values), self.decoder_key.cipher())

    def credit(self, tid, tenths=10, *, token_type=TokenType.ELECTRICITY_CREDIT):
        """A credit token of ``tenths`` of a kWh."""
        return self.token(token_type, rnd=5, tid=tid, amount=tenths)

    def clear_credit(self, tid, register=0):
        """A clear-credit token."""
        return self.token(TokenType.CLEAR_CREDIT, rnd=5, tid=tid, register=register)

    def power_limit(self, tid, watts):
        """A set-maximum-power-limit token."""
        return self.token(TokenType.SET_MAXIMUM_POWER_LIMIT, rnd=5, tid=tid, mpl=watts)

    def clear_tamper(self, tid):
        """A clear-tamper token."""
        return self.token(TokenType.CLEAR_TAMPER_CONDITION, rnd=5, tid=tid, pad=0)

    def test_display(self, control=0, maker=0, *, token_type=TokenType.METER_TEST_MFR2):
        """A class 1 token."""
        return self.token(token_type, control=control, mfr_code=maker)

    def key_change(self, new, *, rollover=False, **altered):
        """The tokens of a key change to the key of the utility ``new``, in the order of their sections.

        ``altered`` overrides fields of the tokens, for sets that no honest utility would make.
        """
        known = new.card.parameters
        sgc = known.sgc if known.ea.key_length == 16 else None
        key = NewKey(new.decoder_key, sgc, known.ti, known.kt, known.krn, new.card.ken, rollover)
        digits = []
        for token in key_change_tokens(key):
            values = {field.name: token[field.name] for field in token.layout.fields}
            values |= {name: altered[name] for name in values.keys() & altered.keys()}
            digits.append(self.token(token.token_type, **values))
        return tuple(digits)

    def sealed(self, token_class, front):
        """Any class and 48 bits with a right CRC, such as a subclass that does not exist."""
        block = front << 16 | crc_field(token_class, front)
        return join(token_class, block if token_class == 1 else self.decoder_key.cipher().encrypt(block))


class SlowHouse:
    """The rules of metering, spelt out second by second: what a person with a stop-watch would write down."""

    warning = 30
    pause = 60
    lock = 1800

    def __init__(self, clock, balance=0):
        self.clock = clock
        self.balance = balance
        self.consumed = 0
        self.in_debt = 0
        self.load = 0
        self.limit = None
        self.alarm_limit = 5 * KWH
        self.low_since = None
        self.is_powered = True
        self.is_stuck = False
        self.over_since = None
        self.open_until = None
        self.trip_times = []
        self.trips = 0

    @property
    def is_closed(self):
        if not self.is_powered:
            return False
        return self.is_stuck or (self.balance > 0 and self.open_until is None)

    @property
    def power(self):
        return self.load if self.is_closed else 0

    def settle(self):
        """What happens on this very second."""
        if self.open_until is not None and self.clock >= self.open_until:
            self.open_until = None
        if self.limit is None or self.power <= self.limit:
            self.over_since = None
        elif self.over_since is None:
            self.over_since = self.clock
        if self.over_since is not None and self.clock >= self.over_since + self.warning and not self.is_stuck:
            self._trip()
        if self.balance > self.alarm_limit:
            self.low_since = None
        elif self.low_since is None:
            self.low_since = self.clock

    def _trip(self):
        self.trips += 1
        self.over_since = None
        self.trip_times = [time for time in self.trip_times if time > self.clock - 1800] + [self.clock]
        if len(self.trip_times) == 5:
            self.trip_times = []
            self.open_until = self.clock + self.lock
        else:
            self.open_until = self.clock + self.pause

    def run(self, until):
        """Second after second up to ``until``."""
        self.settle()
        while self.clock < until:
            energy = self.power
            if not self.is_stuck:
                energy = min(energy, max(0, self.balance))
            self.in_debt += energy - min(energy, max(0, self.balance))
            self.balance -= energy
            self.consumed += energy
            self.clock += 1
            self.settle()

    def take_over(self, meter):
        """Goes on from where ``meter`` stands, its settings untouched."""
        state = meter.state
        self.clock, self.balance, self.consumed = state.clock, state.credit.balance, state.credit.consumed
        self.in_debt, self.low_since = state.credit.consumed_in_debt, state.alarm.low_since
        self.over_since, self.open_until = state.overload.since, state.overload.open_until
        self.trip_times, self.trips = list(state.overload.recent_trips), state.overload.trips

    def seen(self):
        """What can be compared with a meter."""
        return {
            "clock": self.clock,
            "balance": self.balance,
            "consumed": self.consumed,
            "in debt": self.in_debt,
            "closed": self.is_closed,
            "over since": self.over_since,
            "open until": self.open_until,
            "trips": self.trips,
            "low since": self.low_since,
        }

    @staticmethod
    def seen_of(meter):
        """The same of a meter."""
        state = meter.state
        return {
            "clock": state.clock,
            "balance": state.credit.balance,
            "consumed": state.credit.consumed,
            "in debt": state.credit.consumed_in_debt,
            "closed": meter.display(state.clock).is_relay_closed,
            "over since": state.overload.since,
            "open until": state.overload.open_until,
            "trips": state.overload.trips,
            "low since": state.alarm.low_since,
        }


@pytest.fixture(scope="session")
def utility():
    """The utility of meter 12345678911: EA11, DKGA04, base date 2014, SGC 123457."""
    return Utility.of()


@pytest.fixture(scope="session", params=[("11", "04"), ("07", "04"), ("07", "02")], ids="EA{0[0]}-DKGA{0[1]}".format)
def any_utility(request):
    """One for each cipher and each way to a key."""
    ea, dkga = request.param
    return Utility.of(ea=ea, dkga=dkga)


@pytest.fixture(scope="session")
def slow_house():
    """Makes a SlowHouse."""
    return SlowHouse


@pytest.fixture
def meter(utility):
    """A new meter, no credit."""
    return utility.meter()


@pytest.fixture
def rich_meter(utility):
    """A meter with 100 kWh."""
    return utility.meter(credit=Credit(accepted=100 * KWH)).advance(START)


@pytest.fixture(scope="session")
def press():
    """Presses keys, all in one second: the meter afterwards and the outcome of the last Enter that ended a token."""

    def press_all(meter, keys, now):
        last = None
        for key in parse_keys(keys):
            meter, outcome = meter.press(key, now)
            last = outcome or last
        return meter, last

    return press_all
