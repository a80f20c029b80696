"""Who may do what at the meter's port: two passwords, and a delay for those who guess.

The customer's password opens the reading and the entering of tokens, the service's everything. A meter comes with passwords
that everybody knows, until install sets others. Only a hash of a password is kept; the file it lies in is as secret as the
decoder key beside it. After the 3rd wrong password of a level that level is closed for 10 s, doubling up to 1 280 s; only the
right password of the same level ends the counting, not a power cycle.

>>> access = Access().with_password(Level.CUSTOMER, "kilowatt", salt=b"random")
>>> after, is_right = access.give(Level.CUSTOMER, "00000000", now=100)
>>> is_right, after.of(Level.CUSTOMER).wrong, access.give(Level.CUSTOMER, "kilowatt", now=100)[1]
(False, 1, True)
"""

from enum import IntEnum
from typing import NamedTuple

from meter_emu.meter.clock import Seconds
from meter_emu.meter.lockout import FREE_TRIES, lock_time
from meter_emu.sts.errors import FormatError

SHORTEST_PASSWORD = 4
LONGEST_PASSWORD = 32
_NOT_IN_A_PASSWORD = frozenset("()*/!")
"""They have a meaning of their own in a message of IEC 62056-21."""
_HASH_ROUNDS = 2_000


class Level(IntEnum):
    """How much is open; each level opens what the ones below it do."""

    PUBLIC = 0
    CUSTOMER = 1
    SERVICE = 2


DEFAULT_PASSWORDS = {Level.CUSTOMER: "00000000", Level.SERVICE: "11111111"}
"""What a meter has where install was told no other."""


class Password(NamedTuple):
    """One level's password as a hash (None: the default one), and the wrong ones given since the last right one."""

    digest: str | None = None
    wrong: int = 0
    locked_until: Seconds = 0

    def seconds_left(self, now: Seconds) -> Seconds:
        """How long no password of this level is looked at; 0 when one is."""
        return max(0, self.locked_until - now)

    @property
    def is_default(self) -> bool:
        """Whether it is the one that everybody knows."""
        return self.digest is None

    def __repr__(self) -> str:
        return f"Password(hidden, wrong={self.wrong}, locked_until={self.locked_until})"


class Access(NamedTuple):
    """The passwords of the two levels that have one."""

    customer: Password = Password()
    service: Password = Password()

    def of(self, level: Level) -> Password:
        """The password of a level; ValueError for the public one, which has none."""
        if level is Level.PUBLIC:
            raise ValueError("the public level has no password")
        return self.customer if level is Level.CUSTOMER else self.service

    def with_password(self, level: Level, password: str, salt: bytes) -> "Access":
        """Another password for a level, hashed with a random ``salt``. FormatError, without the password in it, for one that
        cannot go over the wire."""
        return self._with(level, Password(_digest(checked_password(password), salt)))

    def give(self, level: Level, password: str, now: Seconds) -> tuple["Access", bool]:
        """Someone says a password at ``now``: the access after it, and whether it was right. None is while locked."""
        kept = self.of(level)
        if kept.seconds_left(now):
            return self, False
        if _is_right(kept, level, password):
            return (self._with(level, Password(kept.digest)) if kept.wrong else self), True
        wrong = kept.wrong + 1
        locked_until = kept.locked_until if wrong <= FREE_TRIES else now + lock_time(wrong)
        return self._with(level, Password(kept.digest, wrong, locked_until)), False

    def _with(self, level: Level, password: Password) -> "Access":
        return self._replace(customer=password) if level is Level.CUSTOMER else self._replace(service=password)


DEFAULT_ACCESS = Access()
"""A meter with the passwords that everybody knows."""


def checked_password(password: str) -> str:
    """The password. FormatError, without the password in it, if it is too short or long or has characters no wire takes."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise FormatError(
            f"password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, not {len(password)}", field="password"
        )
    for position, character in enumerate(password):
        if not " " <= character <= "~" or character in _NOT_IN_A_PASSWORD:
            message = f"password: character {position + 1} is not allowed (printable ASCII without ( ) * / !)"
            raise FormatError(message, field="password", position=position)
    return password


def _is_right(kept: Password, level: Level, password: str) -> bool:
    import hmac

    if kept.digest is None:
        return hmac.compare_digest(DEFAULT_PASSWORDS[level].encode(), password.encode(errors="surrogatepass"))
    salt, _, _ = kept.digest.partition(":")
    return hmac.compare_digest(kept.digest, _digest(password, bytes.fromhex(salt)))


def _digest(password: str, salt: bytes) -> str:
    # Imported late: a command that enters a token asks for no password.
    from hashlib import pbkdf2_hmac

    return f"{salt.hex()}:{pbkdf2_hmac('sha256', password.encode(errors='surrogatepass'), salt, _HASH_ROUNDS).hex()}"
