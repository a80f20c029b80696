"""RandomBytes: bytes that nobody can guess, asked of the system many at a time, since each asking costs as much as the rest
of an inquiry's reference. For one thread of one process.

>>> drawn = iter([b"abcdef", b"ghijkl"])
>>> random_bytes = RandomBytes(lambda count: next(drawn))
>>> [random_bytes.take(4), random_bytes.take(4)]
[b'abcd', b'ghij']
"""

import secrets
from collections.abc import Callable

_STOCK = 4096


class RandomBytes:
    """A stock of random bytes, none of which is handed out twice. ``draw`` makes so many of them."""

    def __init__(self, draw: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self._draw = draw
        self._stock = b""
        self._used = 0

    def take(self, count: int) -> bytes:
        """The next ones; at most 4096."""
        first = self._used
        if first + count > len(self._stock):
            self._stock, first = self._draw(_STOCK), 0
        self._used = first + count
        return self._stock[first : self._used]
