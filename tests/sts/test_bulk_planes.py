"""The parts of bulk EA07: blocks on their side, and boxes as rows of ANDs and XORs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from meter_emu.sts.bulk.bit_planes import from_planes, to_planes
from meter_emu.sts.bulk.boolean_network import SIZE, BooleanNetwork

words = st.lists(st.integers(0, 2**64 - 1), max_size=200)
boxes = st.lists(st.lists(st.integers(0, SIZE - 1), min_size=SIZE, max_size=SIZE), min_size=1, max_size=2)


@given(words)
def test_planes_turn_back_into_the_same_blocks(values):
    blocks = np.array(values, dtype=np.uint64)
    assert from_planes(to_planes(blocks), len(blocks)).tolist() == values


@given(words)
def test_plane_i_holds_bit_i_of_every_block(values):
    planes = to_planes(np.array(values, dtype=np.uint64))
    for bit, plane in enumerate(planes):
        assert sum(int(word).bit_count() for word in plane) == sum(value >> bit & 1 for value in values)


@given(words)
def test_turning_back_leaves_the_planes_as_they_are(values):
    planes = to_planes(np.array(values, dtype=np.uint64))
    kept = planes.copy()
    from_planes(planes, len(values))
    assert (planes == kept).all()


@given(boxes)
def test_a_network_is_its_boxes(tables):
    network = BooleanNetwork.of(tables)
    for value in range(SIZE):
        assert network.evaluate(value) == sum(table[value] << 4 * place for place, table in enumerate(tables))


@given(st.permutations(range(SIZE)))
def test_a_permutation_needs_no_product_of_all_four_bits(box):
    assert len(BooleanNetwork.of([box]).products) <= 10


def test_a_network_of_constants():
    network = BooleanNetwork.of([[0b0101] * SIZE])
    assert (network.products, network.sums) == ((), ())
    assert {network.evaluate(value) for value in range(SIZE)} == {0b0101}
