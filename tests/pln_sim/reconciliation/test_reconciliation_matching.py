"""Matching, in groups or not, against the plainest way to say it; and verdicts, line by line of the log."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pln_sim.gateway.messages import Mti, write
from pln_sim.reconciliation.columns import TRANSACTIONS
from pln_sim.reconciliation.errors import BrokenFile
from pln_sim.reconciliation.groups import in_groups
from pln_sim.reconciliation.log_file import LogEntry, log_line, read_log
from pln_sim.reconciliation.matching import Duplicate, match, match_streams
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.verdict import Sold, judge

KEY = TRANSACTIONS.reference
references = st.text("0Af", min_size=1, max_size=4).map(lambda text: text.ljust(32, "0"))
sides = st.dictionaries(references, st.integers(0, 2), max_size=25)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sides, sides, st.sampled_from([1, 500, 3000, 10**6]), st.randoms(use_true_random=False))
def test_groups_of_any_size_find_what_a_dictionary_finds(world, tmp_path, ours, theirs, most, random):
    """``most`` is so small that the rows go to files and these are split again."""
    rows = [
        [world.sold(1, reference=reference, amount=50_000_000 + amount).row for reference, amount in side.items()]
        for side in (ours, theirs)
    ]
    for side in rows:
        random.shuffle(side)
    streams = [[side[start : start + 3] for start in range(0, len(side), 3)] for side in rows]
    suspects, discrepancies = [], []
    for group in in_groups(streams, [KEY, KEY], tmp_path, most):
        matched = match(*group)
        suspects += [(row[:1], row[2:][KEY].decode()) for row in matched.suspects]
        discrepancies += [row[KEY].decode() for row, _ in matched.discrepancies]
    cancels, forces = ours.keys() - theirs.keys(), theirs.keys() - ours.keys()
    assert suspects == sorted([(b"2", each) for each in cancels] + [(b"1", each) for each in forces], key=lambda each: each[1])
    assert discrepancies == sorted(each for each in ours.keys() & theirs.keys() if ours[each] != theirs[each])
    assert list(tmp_path.iterdir()) == []


def test_a_duplicate_on_either_side(world, tmp_path):
    row = world.sold(1).row
    for side in (0, 1):
        streams = [[[row]], [[row]]]
        streams[side] = [[row], [row]]
        with pytest.raises(Duplicate, match="twice") as caught:
            list(match_streams(*streams, tmp_path))
        assert caught.value.side == side


CANCEL, FORCE = Result.CANCEL.prefix, Result.FORCE.prefix


def test_the_documents_log_approves_a_cancel(world):
    """An inquiry with its answer, a purchase, an advice and two repeats, none of them answered (attachment D)."""
    suspect = world.sold(1)
    inquiry = world.request(Mti.INQUIRY_REQUEST, suspect, 1)
    log = lines(world, suspect, [write(inquiry), *world.unanswered(suspect)])
    assert judge(CANCEL + suspect.row, log, sale(world, suspect), [world.FRIDAY], ()).result is Result.CANCELLED


@pytest.mark.parametrize(("left_out", "added"), [
    ([1], []),                                       # no advice
    ([2], []),                                       # one repeat alone
    ([3], []),
    ([2, 3], ["echo"]),                              # one repeat, which came back as an echo
    ([], ["advice answered"]),
    ([], ["late answer"]),
])  # fmt: skip
def test_any_other_log_does_not(world, left_out, added):
    suspect = world.sold(1)
    streams = [stream for place, stream in enumerate(world.unanswered(suspect)) if place not in left_out]
    repeat = world.unanswered(suspect)[2]
    more = {"echo": [repeat, repeat], "advice answered": [world.answer(suspect, Mti.ADVICE_REQUEST, 3)]}
    more["late answer"] = [world.answer(suspect)]
    for name in added:
        streams += more[name]
    log = lines(world, suspect, streams)
    verdict = judge(CANCEL + suspect.row, log, sale(world, suspect), [world.FRIDAY], ())
    assert verdict.result is Result.NOT_CANCELLED
    assert verdict.reason
    approved = judge(CANCEL + suspect.row, log, sale(world, suspect), [world.FRIDAY], {suspect.reference})
    assert approved.result is Result.CANCELLED


@pytest.mark.parametrize(("change", "sold_on", "result"), [
    ({}, None, Result.FORCED),
    ({"token": "9" * 20}, None, Result.NOT_FORCED),
    ({"meter": "12345678911"}, None, Result.NOT_FORCED),
    ({"amount": 50_000_001}, None, Result.NOT_FORCED),
    ({"reference": "F" * 32}, None, Result.NOT_FORCED),
    ({}, date(2008, 5, 1), Result.NOT_FORCED),
])  # fmt: skip
def test_a_force_needs_the_gateways_own_answer(world, change, sold_on, result):
    suspect = world.sold(1)
    log = lines(world, suspect, [world.answer(suspect._replace(**change))])
    elsewhere = Sold(sold_on, suspect.row) if sold_on else None
    assert judge(FORCE + suspect.row, log, elsewhere, [world.FRIDAY], ()).result is result


def test_garbage_in_the_log_decides_nothing(world):
    suspect = world.sold(1)
    streams = [b"", b"2210", b"GARBAGE|\x00\xff\n", b"2231" + b"x" * 333]
    log = lines(world, suspect, [*streams, *world.unanswered(suspect)])
    assert judge(FORCE + suspect.row, log, None, [world.FRIDAY], ()).result is Result.NOT_FORCED
    assert Counter(line.count(b"\n") for line in log) == {1: len(log)}


def lines(world, transaction, streams):
    return [log_line(entry) for entry in world.entries(transaction, streams)]


def sale(world, transaction):
    return Sold(world.FRIDAY, transaction.row)


def test_the_documents_log_lines_are_read(tmp_path):
    path = tmp_path / "x.log"
    example = "20080725121511|31384A17FDCF7804659E2072931F009F|01325938973|0000120000|INQUIRY_REQUEST_STREAM\n"
    path.write_text(example * 3)
    (read,) = read_log(path)
    assert LogEntry.of(read[0]) == (
        "20080725121511", "31384A17FDCF7804659E2072931F009F", "01325938973", 120_000, b"INQUIRY_REQUEST_STREAM",
    )  # fmt: skip
    path.write_text(example + "what is this\n")
    with pytest.raises(BrokenFile, match="line 2"):
        list(read_log(path))
