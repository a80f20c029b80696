"""What stands twice is found, whether it was held in memory or dealt out to the temporary file."""

import errno
import tempfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.shell.errors import FileError
from pln_sim.audit.repeats import Repeats

small = st.integers(0, 3)
large = st.sampled_from([0, 1, 2**63, 2**64 - 1])
entries = st.lists(st.tuples(large, small, small), max_size=40)


def expected(rows):
    """By looking at every row one after the other."""
    earliest, seen, found = {}, set(), []
    for line, (first, second, third) in enumerate(rows, 2):
        pair = first, second
        if pair in earliest and (pair, third) not in seen:
            found.append((line, earliest[pair]))
        earliest.setdefault(pair, line)
        seen.add((pair, third))
    return found


@given(entries, st.integers(1, 50), st.integers(1, 12))
def test_as_if_looked_at_one_by_one(rows, held, together):
    with Repeats(held) as repeats:
        for start in range(0, len(rows), together):
            columns = np.array(rows[start : start + together], dtype=np.uint64).T
            repeats.add(*columns, np.arange(start, start + columns.shape[1]) + 2)
        found = [pair for some in repeats.found() for pair in zip(some.line.tolist(), some.earlier.tolist(), strict=True)]
    assert sorted(found) == expected(rows)


def test_no_room_for_the_temporary_file_is_one_line(monkeypatch):
    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    column = np.arange(3)
    with Repeats(held=1) as repeats, pytest.raises(FileError, match="No space left on device: looking for repeated tokens"):
        repeats.add(column, column, column, column)
