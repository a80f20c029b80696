"""BooleanNetwork: a function of four bits as a short row of ANDs and XORs, which work on whole planes where a table cannot.

Every bit that comes out is an XOR of products of the bits that go in (its algebraic normal form). Of a permutation's
products none has all four bits. What the outputs have in common is made once: again and again the two registers that most
outputs want together are joined (Paar's greedy method), which takes the XORs of EA07's two boxes from 51 to 33.

>>> network = BooleanNetwork.of([tuple((x + 1) % 16 for x in range(16))])
>>> len(network.products), len(network.sums), [network.evaluate(x) for x in (0, 6, 15)]
(3, 4, [1, 7, 0])
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

BITS = 4
SIZE = 1 << BITS
ONE, ZERO = 0, SIZE
"""The register that is always 1, and the one that is always 0. Register 1, 2, 4, 8: the bits that go in; 3: bits 0 and 1 ..."""
Step = tuple[int, int, int]
"""The register it fills, and the two that it joins."""


@dataclass(frozen=True)
class BooleanNetwork:
    """First the products, each an AND, then the sums, each an XOR; then ``outputs`` are in the registers it names."""

    products: tuple[Step, ...]
    sums: tuple[Step, ...]
    outputs: tuple[int, ...]

    @classmethod
    def of(cls, boxes: Sequence[Sequence[int]]) -> "BooleanNetwork":
        """The network of functions from 4 to 4 bits, given as lists of 16 values; four outputs for each, lowest bit first."""
        wanted = [_terms([value >> bit & 1 for value in box]) for box in boxes for bit in range(BITS)]
        return cls(_products(set().union(*wanted)), *_sums(wanted))

    @property
    def registers(self) -> int:
        """How many registers there are, those that are always the same included."""
        return ZERO + 1 + len(self.sums)

    def evaluate(self, value: int) -> int:
        """The outputs for one value, the first one lowest: what the network is checked with."""
        register = {ONE: 1, ZERO: 0} | {1 << bit: value >> bit & 1 for bit in range(BITS)}
        for target, a, b in self.products:
            register[target] = register[a] & register[b]
        for target, a, b in self.sums:
            register[target] = register[a] ^ register[b]
        return sum(register[output] << place for place, output in enumerate(self.outputs))


def _terms(truth: Sequence[int]) -> set[int]:
    """The products in the algebraic normal form of a function, each as the register it is in (the Moebius transform)."""
    form = list(truth)
    for bit in range(BITS):
        for value in range(SIZE):
            if value >> bit & 1:
                form[value] ^= form[value ^ 1 << bit]
    return {term for term, is_in in enumerate(form) if is_in}


def _products(wanted: set[int]) -> tuple[Step, ...]:
    steps: dict[int, Step] = {}

    def make(term: int) -> None:
        lowest = term & -term
        rest = term ^ lowest
        if rest and term not in steps:
            make(rest)
            steps[term] = (term, lowest, rest)

    for term in sorted(wanted):
        make(term)
    return tuple(steps.values())


def _sums(wanted: Sequence[set[int]]) -> tuple[tuple[Step, ...], tuple[int, ...]]:
    wanted = [set(terms) for terms in wanted]
    steps: list[Step] = []
    while any(len(terms) > 1 for terms in wanted):
        pairs = Counter(pair for terms in wanted for pair in combinations(sorted(terms), 2))
        (a, b), _ = max(pairs.items(), key=lambda entry: (entry[1], entry[0]))
        target = ZERO + 1 + len(steps)
        steps.append((target, a, b))
        for terms in wanted:
            if a in terms and b in terms:
                terms -= {a, b}
                terms.add(target)
    return tuple(steps), tuple(next(iter(terms), ZERO) for terms in wanted)
