"""The kinds of arrays that are handed around here, and how many blocks are worked at a time."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Octets: TypeAlias = NDArray[np.uint8]
"""Bytes; where there are two axes, a row for each token or meter."""
Halves: TypeAlias = NDArray[np.uint16]
"""Numbers of 16 bits."""
Words: TypeAlias = NDArray[np.uint64]
"""Numbers of 64 bits, such as blocks."""
Flags: TypeAlias = NDArray[np.bool_]
"""One truth for each token."""

SLICE = 1 << 15
"""So many blocks are worked at a time: enough to make the calls cheap, and few enough to stay in the processor's cache."""


def slices(length: int) -> Iterator[slice]:
    """``length`` blocks in slices of SLICE; the last one may be shorter."""
    return (slice(start, min(start + SLICE, length)) for start in range(0, length, SLICE))
