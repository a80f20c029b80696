"""The five steps together: verdicts, idempotence, discrepancies, files that are not there or wrong, and the property that
counts: whatever was bought and whatever is suspect, the day ends with equal ledgers and the right sum."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.columns import SUSPECTS
from pln_sim.reconciliation.data_file import write_data_file
from pln_sim.reconciliation.errors import BrokenFile, NotPublished
from pln_sim.reconciliation.names import Kind, control_of
from pln_sim.reconciliation.places import Place
from pln_sim.reconciliation.result import Result
from pln_sim.reconciliation.sources import transaction_of_answer


def test_a_mixed_day(mixed_day, world):
    txt, ftr, suspected, expected, owed = mixed_day.run()
    assert (txt.count, ftr.count) == (4, 4)
    assert (suspected.cancels, suspected.forces, suspected.discrepancies) == (2, 2, 0)
    assert expected.results == dict.fromkeys([Result.FORCED, Result.NOT_FORCED, Result.CANCELLED, Result.NOT_CANCELLED], 1)
    assert expected.transfer == owed.transfer
    assert owed.transfer.count == 4
    assert owed.transfer.amount == 4 * 50_000_000
    assert set(mixed_day.ledger("gateway")) == set(mixed_day.ledger("switching")) == {f"{n:032X}" for n in (1, 2, 4, 5)}


def test_the_files_of_a_mixed_day(mixed_day, world):
    mixed_day.run()
    final = mixed_day.file(Place.FINAL, Kind.FINAL).read_text().splitlines()
    assert final[0].startswith("RC|DT|SWITCHERID|")
    assert [line.split("|")[0] for line in final] == ["RC", "5", "6", "3", "4", "0"]
    assert [line.split("|")[15] for line in final[1:-1]] == [f"{number:020}" for number in (3, 4, 5, 6)]
    assert final[-1].split("|")[1:5] == ["20080502000000", "10000D3", "0000", f"{4:032}"]
    assert mixed_day.file(Place.FINAL, Kind.FINAL).with_suffix(".fcn.ctl").read_text() == f"{4:032}|{200_000_000:012}\n"
    assert not mixed_day.file(Place.TRANSACTION, Kind.TRANSACTION).exists()
    assert mixed_day.file(Place.PROCESS, Kind.TRANSACTION).exists()


def test_every_step_twice_changes_nothing(mixed_day):
    first = []
    for step in mixed_day.steps:
        result = step()
        before = mixed_day.snapshot()
        assert step() == result
        assert mixed_day.snapshot() == before
        first.append(result)
    before = mixed_day.snapshot()
    assert mixed_day.run() == first
    assert mixed_day.snapshot() == before


def test_a_folder_on_another_disk(mixed_day, monkeypatch):
    """Where no second name can be given to a file it is copied."""
    *_, owed = mixed_day.run()
    right = mixed_day.snapshot()
    shutil.rmtree(mixed_day.folder / "files" / "pre")
    shutil.rmtree(mixed_day.folder / "files" / "switching")
    mixed_day.station = type(mixed_day.station)(mixed_day.folder / "files")

    def refuse(*_):
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refuse)
    assert mixed_day.run()[-1] == owed
    assert mixed_day.snapshot() == right


def test_a_day_without_transactions_has_its_files_too(business_day):
    *_, owed = business_day.run()
    assert (owed.transfer.count, owed.transfer.amount) == (0, 0)
    lines = business_day.file(Place.PROCESS, Kind.TRANSACTION).read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].split("|")[3] == "0" * 32


def test_discrepancies_are_reported_and_held_back(business_day, world):
    day = business_day
    ours = [world.sold(number) for number in (1, 2, 3, 4)]
    theirs = [ours[0], ours[1]._replace(amount=1), ours[2]._replace(meter="1"), ours[3]._replace(token="9" * 20)]
    day.gateway, day.switching = ours, theirs
    _, _, suspected, expected, owed = day.run()
    assert (suspected.cancels, suspected.forces, suspected.discrepancies) == (0, 0, 3)
    assert expected.transfer == owed.transfer
    assert (owed.transfer.count, owed.held_back.count) == (1, 3)
    lines = day.file(Place.SUSPECT, Kind.DISCREPANCIES).read_bytes().splitlines(keepends=True)[1:]
    assert lines == [line for pair in zip(ours[1:], theirs[1:], strict=True)
                     for line in (b"G|" + pair[0].row, b"S|" + pair[1].row)]  # fmt: skip


def test_other_columns_may_differ(business_day, world):
    transaction = world.sold(1)
    business_day.gateway = [transaction]
    business_day.switching = [transaction._replace(local_time="20080502110611", merchant_category="6011")]
    _, _, suspected, *_ = business_day.run()
    assert (suspected.cancels, suspected.forces, suspected.discrepancies) == (0, 0, 0)


def test_a_file_nobody_has_taken_is_brought_up_to_date(business_day, world):
    business_day.report_gateway()
    business_day.gateway.append(world.sold(1))
    assert business_day.report_gateway().count == 1
    business_day.report_switching()
    assert business_day.find_suspects().cancels == 1


def test_a_file_that_was_taken_stays(mixed_day, world):
    mixed_day.run()
    before = mixed_day.snapshot()
    for ledger in (mixed_day.gateway, mixed_day.switching):
        ledger.append(world.sold(7))
    for step in mixed_day.steps[:2]:
        with pytest.raises(FileError, match="taken already"):
            step()
    assert mixed_day.snapshot() == before


@pytest.mark.parametrize("missing", range(4))
def test_a_step_waits_for_the_one_before(mixed_day, missing):
    steps = mixed_day.steps
    for step in steps[:missing]:
        step()
    for step in steps[max(2, missing + 1) :]:
        with pytest.raises(NotPublished, match="ctl"):
            step()


@pytest.mark.parametrize(("step", "place", "kind"), [
    (2, Place.TRANSACTION, Kind.TRANSACTION),
    (2, Place.SWITCHING, Kind.SWITCHING),
    (3, Place.SUSPECT, Kind.RECONCILIATION),
    (4, Place.FINAL, Kind.FINAL),
])  # fmt: skip
def test_nothing_is_read_without_its_control_file(mixed_day, step, place, kind):
    for each in mixed_day.steps[:step]:
        each()
    path = mixed_day.file(place, kind)
    control = path.with_name(control_of(path.name))
    content = control.read_bytes()
    control.unlink()
    with pytest.raises(NotPublished, match=r"must not be read before"):
        mixed_day.steps[step]()
    control.write_bytes(content)
    mixed_day.steps[step]()


@pytest.mark.parametrize("kept", [0, 1, 200, 227, 454, -228, -1])
def test_a_truncated_file_is_not_taken(mixed_day, kept):
    mixed_day.report_gateway()
    mixed_day.report_switching()
    path = mixed_day.file(Place.SWITCHING, Kind.SWITCHING)
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    if kept == -1:  # a missing line end at the end loses nothing
        mixed_day.find_suspects()
        return
    with pytest.raises(BrokenFile):
        mixed_day.find_suspects()
    assert not mixed_day.file(Place.SUSPECT, Kind.RECONCILIATION).exists()
    path.write_bytes(whole)
    assert mixed_day.find_suspects().forces == 2


def test_a_reference_that_stands_twice_is_an_error(business_day, world):
    business_day.gateway = [world.sold(1), world.sold(2), world.sold(1)]
    business_day.report_gateway()
    business_day.report_switching()
    with pytest.raises(BrokenFile, match=rf"\.txt, REFNUM: the PLN reference {1:032X} stands there twice"):
        business_day.find_suspects()


def test_the_first_verdict_is_final(mixed_day):
    *_, expected, _ = mixed_day.run()
    mixed_day.approved = tuple(f"{number:032X}" for number in range(1, 9))
    mixed_day.file(Place.FINAL, Kind.FINAL).unlink()
    assert mixed_day.decide() == expected


def test_what_was_checked_by_hand_is_approved(mixed_day):
    mixed_day.approved = tuple(f"{number:032X}" for number in (4, 6))
    *_, expected, owed = mixed_day.run()
    assert expected.results == {Result.FORCED: 2, Result.CANCELLED: 2}
    assert expected.transfer == owed.transfer


def test_a_force_of_another_days_sale_is_refused(mixed_day, world):
    mixed_day.other_days = {f"{5:032X}": world.Sold(world.date(2008, 4, 24), world.sold(5).row)}
    *_, expected, owed = mixed_day.run()
    assert expected.results[Result.NOT_FORCED] == 2
    assert expected.transfer == owed.transfer
    assert "2008-04-24" in mixed_day.verdicts("gateway")[f"{5:032X}"].reason


def test_suspects_that_pln_s_own_file_contradicts_decide_nothing(mixed_day, world):
    """An agent that asks to cancel more than was sold, to cancel what was not, or to force what PLN has."""
    for step in mixed_day.steps[:3]:
        step()
    honest = rows_of(mixed_day.file(Place.SUSPECT, Kind.RECONCILIATION))
    for rows in (
        [b"2|" + world.sold(3)._replace(amount=10**9).row],
        [b"2|" + world.sold(9).row],
        [b"1|" + world.sold(1).row],
        [b"3|" + world.sold(5).row],
    ):
        publish(mixed_day, world, Place.SUSPECT, Kind.RECONCILIATION, rows)
        with pytest.raises(BrokenFile, match=r"\.rcn, RC"):
            mixed_day.decide()
        assert mixed_day.ledger("gateway") == {each.reference: each.row for each in mixed_day.gateway}
    publish(mixed_day, world, Place.SUSPECT, Kind.RECONCILIATION, honest)
    assert mixed_day.decide().transfer == mixed_day.report_transfer().transfer


def test_a_verdict_that_does_not_answer_the_suspects_decides_nothing(mixed_day, world):
    for step in mixed_day.steps[:4]:
        step()
    honest = rows_of(mixed_day.file(Place.FINAL, Kind.FINAL))
    for rows in (honest[:-1], [*honest, b"6|" + world.sold(9).row], [b"3" + honest[0][1:], *honest[1:]], [*honest, honest[0]]):
        publish(mixed_day, world, Place.FINAL, Kind.FINAL, rows)
        with pytest.raises(BrokenFile, match=r"does not answer .*\.rcn row by row"):
            mixed_day.report_transfer()
        assert mixed_day.ledger("switching") == {each.reference: each.row for each in mixed_day.switching}


def rows_of(path):
    return path.read_bytes().splitlines(keepends=True)[1:-1]


def publish(day, world, place, kind, rows):
    """A data file with these rows, as another party's program might write it."""
    path = day.file(place, kind)
    write_data_file(path, SUSPECTS, [rows], world.SWITCHER, world.FRIDAY, world.BANK)


FATES = ("both", "cancelled", "not cancelled", "forced", "not forced", "token came late", "advice answered")
AMOUNTS = st.tuples(*[st.integers(0, 10**9)] * 6)


@st.composite
def purchases(draw):
    """References in any order and any likeness, amounts to the cent, and what became of each."""
    references = draw(st.lists(st.text("0F", min_size=1, max_size=4), max_size=12, unique_by=lambda text: text.rjust(32, "0")))
    return [(reference.rjust(32, "0"), draw(AMOUNTS), draw(st.sampled_from(FATES))) for reference in references]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(purchases(), st.randoms(use_true_random=False))
def test_any_day_ends_with_equal_ledgers(world, bought, random):
    folder = Path(tempfile.mkdtemp())
    try:
        day = world.BusinessDay(folder)
        right = 0
        for number, (reference, parts, fate) in enumerate(bought):
            charges = dict(zip(
                ("admin_charge", "stamp_duty", "value_added_tax", "lighting_tax", "instalment", "power_purchase"), parts,
                strict=True))  # fmt: skip
            paid = sum(parts) + 1
            transaction = world.sold(number, reference=reference, amount=paid, **(charges | {"power_purchase": parts[-1] + 1}))
            entries = enter(day, world, transaction, fate)
            if entries:
                day.log[reference] = world.entries(transaction, entries)
            right += paid * (fate not in ("cancelled", "not forced"))
        random.shuffle(day.gateway)
        random.shuffle(day.switching)
        *_, expected, owed = day.run()
        assert expected.transfer == owed.transfer
        assert owed.transfer.amount == right
        assert day.ledger("gateway") == day.ledger("switching")
        assert owed.held_back.count == 0
    finally:
        shutil.rmtree(folder)


def enter(day, world, transaction, fate):
    """Enter a purchase into the ledgers that know of it; what the log shows."""
    silent, sells = world.unanswered(transaction), [world.answer(transaction)]
    if fate not in ("forced", "not forced"):
        day.gateway.append(transaction)
    if fate in ("both", "forced", "not forced"):
        day.switching.append(transaction)
    return {
        "cancelled": silent,
        "not cancelled": silent[:-1],
        "forced": sells,
        "token came late": silent + sells,
        "advice answered": [*silent, world.answer(transaction, mti=world.ADVICES[1], trace=4)],
    }.get(fate)


class RememberingTruth:
    """Keeps the first answer that sold each reference, whether it arrived or not."""

    def __init__(self, truth):
        self.truth, self.sales = truth, {}

    def answer(self, stream):
        reply = self.truth.answer(stream)
        with suppress(ValueError):
            self.sales.setdefault(transaction_of_answer(reply).reference, reply)
        return reply


FAULTS = ("ok", "lost", "late", "garbage", "echo", "stuck", "cut before", "cut after", "0005", "0068", "0090")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(FAULTS), max_size=6), max_size=6))
def test_what_a_client_bought_over_a_bad_network(world, switching_bench, faults):
    """A real client with its journal and its log against a gateway that keeps the truth."""
    folder = Path(tempfile.mkdtemp())
    try:
        day = world.BusinessDay(folder)
        truth = switching_bench.Truth()
        network = switching_bench.Network(RememberingTruth(truth))
        with switching_bench.Journal(folder / "journal.db") as journal, network.client(journal) as client:
            journal._connection.execute("PRAGMA synchronous = OFF")
            for each in faults:
                network.faults.extend(["ok", *each])
                client.buy(switching_bench.METER, switching_bench.RUPIAH_20000)
                network.faults.clear()
            network.settle()
            day.gateway = [transaction_of_answer(stream) for stream in network.truth.sales.values()]
            day.switching = [transaction_of_answer(each) for each in journal.answers_of_day(world.SWITCHER, world.FRIDAY)]
            day.streams_of = lambda references: (
                world.LogEntry(f"{each.at:%Y%m%d%H%M%S}", each.reference, each.meter, each.amount, each.stream)
                for each in journal.streams_of(references)
            )
            *_, expected, owed = day.run()
        assert expected.transfer == owed.transfer
        assert set(day.ledger("gateway")) == set(day.ledger("switching"))
        assert not expected.results[Result.FORCED]
        assert not expected.results[Result.NOT_FORCED]
    finally:
        shutil.rmtree(folder)
