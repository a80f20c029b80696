"""The report of an audit: how many rows, how many mismatches of each kind, the first examples of each kind.

Pieces are added in their order, and the repeats, which need the whole file, at the end; so the same file gives the same
report wherever its pieces were audited.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pln_sim.audit.checks import PieceReport
from pln_sim.audit.lines import AuditedLines
from pln_sim.audit.mismatch import Example, Mismatch
from pln_sim.audit.repeats import Repeats

DRN_FORM = "{:011d}"


@dataclass(frozen=True)
class Report:
    """What an audit found. ``examples`` are in the order of kinds and lines, at most so many of a kind as were asked for."""

    rows: int
    """Lines between header and checksum row."""
    counts: Counter[Mismatch]
    examples: tuple[Example, ...]

    @property
    def mismatches(self) -> int:
        """All kinds together; a row that differs in two ways counts twice."""
        return self.counts.total()

    def of(self, mismatch: Mismatch) -> list[Example]:
        """The examples of a kind."""
        return [example for example in self.examples if example.mismatch is mismatch]

    def json_object(self) -> dict[str, object]:
        """The report for machines."""
        return {
            "rows": self.rows,
            "mismatches": self.mismatches,
            "counts": {mismatch.value: self.counts[mismatch] for mismatch in Mismatch},
            "examples": [example._asdict() for example in self.examples],
        }


def compile_report(lines: AuditedLines, pieces: Iterable[PieceReport], most_examples: int) -> Report:
    """The report of all pieces of a file, which ``lines`` handed out. FileError if there is no room for temporary files."""
    counts: Counter[Mismatch] = Counter()
    examples: list[Example] = []
    with Repeats() as tokens, Repeats() as tids:
        for piece in pieces:
            counts += piece.counts
            room = dict.fromkeys(Mismatch, most_examples)
            examples = [*_first(examples + piece.examples, room)]
            sold = piece.sold
            tokens.add(sold.block, sold.front, sold.lines, sold.lines)
            one = sold.is_decoded
            tids.add(sold.meters[one], sold.tid[one], sold.block[one], sold.lines[one])
        for mismatch, repeats in ((Mismatch.REPEATED_TOKEN, tokens), (Mismatch.REPEATED_TID, tids)):
            count, found = _repeated(repeats, mismatch, most_examples)
            counts[mismatch] += count
            examples += found
    counts[Mismatch.INCOMPLETE_FILE] += len(lines.examples)
    order = list(Mismatch)
    examples = sorted([*lines.examples, *examples], key=lambda example: (order.index(example.mismatch), example.line))
    return Report(lines.rows, +counts, tuple(examples))


def _first(examples: Iterable[Example], room: dict[Mismatch, int]) -> Iterable[Example]:
    for example in examples:
        if room[example.mismatch]:
            room[example.mismatch] -= 1
            yield example


def _repeated(repeats: Repeats, mismatch: Mismatch, most: int) -> tuple[int, list[Example]]:
    count = 0
    first: list[tuple[int, int, int]] = []
    for found in repeats.found():
        count += len(found.line)
        lowest = np.argsort(found.line, kind="stable")[:most]
        columns = (found.line[lowest].tolist(), found.earlier[lowest].tolist(), found.first[lowest].tolist())
        first = sorted([*first, *zip(*columns, strict=True)])[:most]
    is_tid = mismatch is Mismatch.REPEATED_TID
    examples = [
        Example(line, mismatch, DRN_FORM.format(meter) if is_tid else "", "", f"as in line {earlier}")
        for line, earlier, meter in first
    ]
    return count, examples
