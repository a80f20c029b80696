"""A model of a meter, written as plainly as its rules can be said.

It foretells the result of every token, the credit and the line of digits. Its metering is the stop-watch of ``slow_house``.
"""

import re

import pytest

from meter_emu.meter import Key
from meter_emu.sts.ciphers import EncryptionAlgorithm
from meter_emu.sts.errors import CRCError, FormatError
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.tokens import TokenType, decode

KWH = 3_600_000
CAPACITY = 9_999_999 * KWH // 10
LONGEST_STOP_WATCH = 2000
OUT_OF_ANY_LOCK = 1801
LOCKS = (0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 1280)
SECTIONS = {
    TokenType.SET_1ST_SECTION_DECODER_KEY: 0,
    TokenType.SET_2ND_SECTION_DECODER_KEY: 1,
    TokenType.SET_3RD_SECTION_DECODER_KEY: 2,
    TokenType.SET_4TH_SECTION_DECODER_KEY: 3,
}


class Model:
    """One meter: ``issuer`` is the utility whose tokens it takes, which a key change makes another."""

    def __init__(self, issuer, house):
        self.issuer = issuer
        self.house = house
        self.now = house.clock
        self.house.run(self.now)
        self.accepted = self.cleared = self.power_failures = 0
        self.credited = set()
        self.store = []
        self.pending, self.pending_since = {}, 0
        self.wrong, self.locked_until = 0, 0
        self.is_latched, self.causes = False, set()
        self.line, self.touched = "", 0

    # Tokens.

    def expected_code(self, digits):
        """The result that the rules foretell, and the token where there is one."""
        if not self.house.is_powered:
            return 0, None
        is_locked = self.now < self.locked_until
        token_class = int(digits) >> 27 & 3 if len(digits) == 20 and int(digits) < 2**66 else None
        if token_class in (None, 3):
            return (15 if is_locked else 6), None
        if is_locked and token_class != 1:
            return 15, None
        try:
            token = decode(digits, self.issuer.decoder_key.cipher())
        except CRCError:
            return 13, None
        except FormatError:
            return 6, None
        return self._validated(token) or self._executed(token), token

    def _validated(self, token):
        if token.tid is not None and len(self.store) == 60 and token.tid < min(self.store):
            return 9
        if token.tid in self.store:
            return 10
        if token.layout.token_class.value == 0 and (self.is_latched or self.causes):
            return 16
        return None

    def _executed(self, token):
        kind = token.token_type
        if kind is TokenType.ELECTRICITY_CREDIT:
            if token["amount"] == 0:
                return 7
            return 4 if self.house.balance + token["amount"] * KWH // 10 > CAPACITY else 1
        if kind is TokenType.CLEAR_CREDIT:
            return 1 if token["register"] in (0, 0xFFFF) else 7
        if kind in (TokenType.METER_TEST_MFR2, TokenType.METER_TEST_MFR4):
            return 1 if token["mfr_code"] in (0, 12) else 14
        if kind in SECTIONS:
            pending = {**self._still_pending(), kind: token}
            return 1 if len(pending) == 4 else 2 if SECTIONS[kind] == 0 else 3
        return 1 if kind in (TokenType.SET_MAXIMUM_POWER_LIMIT, TokenType.CLEAR_TAMPER_CONDITION) else 8

    def _still_pending(self):
        return self.pending if self.now - self.pending_since <= 600 else {}

    def note(self, code, token):
        """What the model makes of a token."""
        if code in (6, 13):
            self.wrong += 1
            if self.wrong > 2:
                self.locked_until = self.now + LOCKS[min(self.wrong, 10)]
        if code not in (1, 2, 3) or token.layout.token_class.value == 1:
            return
        self.wrong, self.locked_until = 0, 0
        kind = token.token_type
        if token.tid is not None:
            identity = (self.issuer.decoder_key.octets, self.issuer.card.parameters.base_date, token.tid)
            assert identity not in self.credited
            self.credited.add(identity)
            self.store = sorted([*self.store, token.tid])[-60:]
        if kind is TokenType.ELECTRICITY_CREDIT:
            self.accepted += token["amount"] * KWH // 10
            self.house.balance += token["amount"] * KWH // 10
        elif kind is TokenType.CLEAR_CREDIT:
            self.cleared += max(0, self.house.balance)
            self.house.balance = min(0, self.house.balance)
        elif kind is TokenType.SET_MAXIMUM_POWER_LIMIT:
            self.house.limit = token["mpl"]
        elif kind is TokenType.CLEAR_TAMPER_CONDITION:
            self.is_latched = False
        elif kind in SECTIONS:
            if not self._still_pending():
                self.pending, self.pending_since = {}, self.now
            self.pending[kind] = token
            if len(self.pending) == 4:
                self._change_key()

    def _change_key(self):
        """Every set gives a key, also one of sections that do not belong together."""
        first, second, third, fourth = (self.pending[kind] for kind in SECTIONS)
        parts = (first["nkho"], third["nkmo2"], fourth["nkmo1"], second["nklo"])
        key = DecoderKey(EncryptionAlgorithm.MISTY1, b"".join(part.to_bytes(4, "big") for part in parts))
        card = self.issuer.card
        if first["ro"]:
            card = card.changed(base_date=card.parameters.base_date.next.value)
            self.store = []
        self.issuer = type(self.issuer)(card, key)
        self.pending = {}

    # Time, power, load and faults.

    def wait(self, seconds, meter):
        """Time passes: by the stop-watch if it is short, by a sum if it is long, with a guess where the relay trips.

        ``meter`` is the real one after that time.
        """
        end, house = self.now + seconds, self.house
        if seconds <= LONGEST_STOP_WATCH:
            house.run(end)
        else:
            house.run(self.now + OUT_OF_ANY_LOCK)
            house.balance, house.consumed = self._after_long(end - house.clock, meter.state.credit)
            house.take_over(meter)
        self.now = end

    def _after_long(self, seconds, credit):
        """Balance and consumption after a long time; by the meter's ``credit`` where it trips on and on, if it can be."""
        house = self.house
        trips = house.limit is not None and house.load > house.limit and not house.is_stuck
        energy = house.power * seconds
        if trips and house.is_powered and house.balance > 0:
            energy = credit.consumed - house.consumed
            assert 0 <= energy <= min(house.balance, house.load * seconds)
        elif not house.is_stuck:
            energy = min(energy, max(0, house.balance))
        assert (credit.balance, credit.consumed) == (house.balance - energy, house.consumed + energy)
        return house.balance - energy, house.consumed + energy

    def set_clock(self, now):
        self.now = now
        self.house.clock = now
        self.house.run(now)

    def change_load(self, load):
        self.house.load = load
        self.house.run(self.now)

    def cut_power(self):
        self.power_failures += self.house.is_powered
        self.house.is_powered, self.line = False, ""
        self.house.run(self.now)

    def restore_power(self):
        if not self.house.is_powered:
            self.wrong, self.locked_until = 0, 0
        self.house.is_powered = True
        self.house.run(self.now)

    def sense(self, cause, present):
        self.is_latched |= present and cause not in self.causes
        self.causes = self.causes | {cause} if present else self.causes - {cause}

    def stick_relay(self, is_stuck):
        self.house.is_stuck = is_stuck
        self.house.run(self.now)

    # Keys.

    def press(self, key):
        """What a key does to the line and, as a setting, to the alarm; a token on the line is for ``note``."""
        line = self.standing_line()
        self.touched = self.now
        if key is Key.ENTER:
            self.line = ""
            if re.fullmatch("456[0-9]{2}", line):
                self.house.alarm_limit = int(line[3:]) * KWH
            self.house.run(self.now)
        elif key is Key.BACKSPACE:
            self.line = line[:-1]
        else:
            self.line = (line + key)[:20]

    def standing_line(self):
        """The digits on the LCD; they go after 20 seconds without a key."""
        return self.line if self.now - self.touched < 20 else ""


@pytest.fixture(scope="session")
def model_of(slow_house):
    """``model_of(issuer, now)``: a Model of a new meter."""
    return lambda issuer, now: Model(issuer, slow_house(now))
