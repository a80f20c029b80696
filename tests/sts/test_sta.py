"""EA07 against the standard's own description, bit by bit and slow, with the sample tables and any others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.ciphers.sta import Sta
from meter_emu.sts.errors import FormatError

ONES = 2**64 - 1
BLOCKS = st.integers(0, ONES)
KEYS = st.binary(min_size=8, max_size=8)
TABLES = st.builds(
    StaTables,
    permutation=st.permutations(range(64)).map(tuple),
    substitution=st.tuples(st.permutations(range(16)).map(tuple), st.permutations(range(16)).map(tuple)),
)


def rotate_left(number: int, count: int) -> int:
    return (number << count | number >> 64 - count) & ONES


def plain_encrypt(key: bytes, block: int, tables: StaTables) -> int:
    k = rotate_left(int.from_bytes(key, "big") ^ ONES, 64 - 12)
    for _ in range(16):
        substituted = 0
        for n in range(16):
            box = tables.substitution[k >> 4 * n + 3 & 1]
            substituted |= box[block >> 4 * n & 15] << 4 * n
        block = 0
        for i in range(64):
            block |= (substituted >> i & 1) << tables.permutation[i]
        k = rotate_left(k, 1)
    return block


def plain_decrypt(key: bytes, block: int, tables: StaTables) -> int:
    k = int.from_bytes(key, "big")
    for _ in range(16):
        permuted = 0
        for i in range(64):
            permuted |= (block >> i & 1) << tables.permutation.index(i)
        block = 0
        for n in range(16):
            box = tables.substitution[1 - (k >> 4 * n & 1)]
            block |= box.index(permuted >> 4 * n & 15) << 4 * n
        k = rotate_left(k, 63)
    return block


@settings(max_examples=60)
@given(KEYS, BLOCKS)
def test_the_merged_tables_do_what_the_rounds_say(key, block):
    sta = Sta(key)
    assert sta.encrypt(block) == plain_encrypt(key, block, SAMPLE_TABLES)
    assert sta.decrypt(block) == plain_decrypt(key, block, SAMPLE_TABLES)


@settings(max_examples=15)
@given(KEYS, BLOCKS, TABLES)
def test_any_valid_tables_do(key, block, tables):
    sta = Sta(key, tables)
    assert sta.encrypt(block) == plain_encrypt(key, block, tables)
    assert sta.decrypt(sta.encrypt(block)) == block


@given(KEYS, st.integers(0, 15), st.integers(0, 15))
def test_the_substitution_box_in_closed_form(key, round_number, n):
    natural = int.from_bytes(key, "big")
    k = rotate_left(rotate_left(natural ^ ONES, 52), round_number)
    assert k >> 4 * n + 3 & 1 == 1 - (natural >> (4 * n + 15 - round_number) % 64 & 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "[" * 100_000,
        '{"permutation": 1, "substitution": [[], []]}',
        '{"permutation": [], "substitution": [[], []]}',
        '{"permutation": [], "substitution": [[]]}',
        f'{{"permutation": {list(range(64))}, "substitution": [{list(range(16))}, {[0] * 16}]}}',
        f'{{"permutation": {list(range(63))}, "substitution": [{list(range(16))}, {list(range(16))}]}}',
        f'{{"permutation": {[float(i) for i in range(64)]}, "substitution": [{list(range(16))}, {list(range(16))}]}}',
        f'{{"permutation": {[False, True, *range(2, 64)]}, "substitution": [1, 2]}}'.replace("F", "f").replace("T", "t"),
    ],
)
def test_tables_that_are_none_are_refused(text):
    with pytest.raises(FormatError, match="STA tables"):
        StaTables.from_json(text)
