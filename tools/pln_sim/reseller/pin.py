"""Pin: the secret of an account, kept as salt and scrypt hash. Whoever reads the file must try every PIN at scrypt's price.

Four digits are few, so what really protects an account is that three wrong ones in a row lock it.

>>> kept = hash_pin("1234", b"salt of 16 bytes", cost=2)
>>> is_right("1234", kept), is_right("1235", kept)
(True, False)
>>> "1234" in kept
False
"""

import hashlib
import hmac

SALT_BYTES = 16
COST = 14
"""The logarithm of scrypt's N: 16 MB and some 50 ms for each try."""
MOST_TRIES = 3
_BLOCK, _LANES, _LONGEST = 8, 1, 64 * 1024 * 1024


def hash_pin(pin: str, salt: bytes, cost: int = COST) -> str:
    """What is kept of a PIN."""
    return f"scrypt${cost}${salt.hex()}${_digest(pin, salt, cost).hex()}"


def is_right(pin: str, kept: str) -> bool:
    """Whether it is the PIN of which that was kept."""
    _, cost, salt, digest = kept.split("$")
    return hmac.compare_digest(_digest(pin, bytes.fromhex(salt), int(cost)), bytes.fromhex(digest))


def _digest(pin: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(pin.encode("ascii"), salt=salt, n=1 << cost, r=_BLOCK, p=_LANES, maxmem=_LONGEST)
