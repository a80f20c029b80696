"""What the journal has on disk, and when: before each send, in order, for its owner alone."""

import stat
from collections import deque
from itertools import pairwise

import pytest

from meter_emu.shell.errors import FileError
from pln_sim.gateway.messages import read, table
from pln_sim.switching.client import new_reference
from pln_sim.switching.journal import Journal
from pln_sim.switching.purchase import Outcome, State

STATE_WHEN_SENT = {
    "2100": State.INQUIRING,
    "2200": State.PURCHASING,
    "2220": State.ADVISING,
    "2221": {4: State.REPEATING, 5: State.REPEATING_LAST},
}


@pytest.fixture
def told_apart(client, network, journal, truth, bench):
    """A sale without trouble before and after a suspect purchase; the suspect's result."""
    client.buy(bench.METER, bench.RUPIAH_20000)
    network.fault_of = {"2200": "late", "2220": "late", "2221": "lost"}
    suspect = client.buy(bench.METER, bench.RUPIAH_20000)
    network.fault_of = {}
    client.buy(bench.METER, bench.RUPIAH_20000)
    return suspect


def test_only_the_owner_reads_it(journal, tmp_path):
    assert stat.S_IMODE((tmp_path / "switching.db").stat().st_mode) == 0o600


def test_every_state_is_on_disk_before_its_message_leaves(client, network, truth, tmp_path, bench):
    network.fault_of = dict.fromkeys(("2200", "2220", "2221"), "lost")
    answer, seen = truth.answer, []

    def looking(stream):
        message = read(stream)
        if table.TRACE_NUMBER in message:
            with Journal(tmp_path / "switching.db") as other:
                seen.append((message, other.purchases()[-1], other.messages()[-1]))
        return answer(stream)

    truth.answer = looking
    client.buy(bench.METER, bench.RUPIAH_20000)
    for message, purchase, logged in seen:
        wanted = STATE_WHEN_SENT[message.mti]
        if isinstance(wanted, dict):
            wanted = wanted[int(message[table.TRACE_NUMBER]) % 10]
        assert purchase.state is wanted
        assert logged.is_sent
        assert logged.stream.startswith(message.mti.encode())
    assert [message.mti for message, _, _ in seen] == ["2100", "2200", "2220", "2221", "2221"]


def test_the_log_of_a_suspect_purchase(told_apart, journal):
    assert told_apart.outcome is Outcome.SUSPECT
    log = journal.messages_of(told_apart.pln_reference)
    kinds = [(message.stream[:4].decode(), message.is_sent, message.note.split(":")[0]) for message in log]
    assert kinds == [
        ("2100", True, ""),
        ("2110", False, ""),
        ("2200", True, ""),
        ("2220", True, ""),
        ("2210", False, "dropped"),
        ("2221", True, ""),
        ("2221", True, ""),
    ]
    assert "late" in log[4].note
    waits = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(log)]
    assert (waits[2], waits[4], waits[5]) == (30, 30, 30)


def test_each_reference_has_its_own_log(told_apart, journal):
    purchases = journal.purchases()
    logs = [journal.messages_of(purchase.pln_reference) for purchase in purchases]
    assert [len(log) for log in logs] == [4, 7, 4]
    assert journal.messages_of("F" * 32) == []
    sign_ons = [message for message in journal.messages() if message.stream[:2] == b"28"]
    assert len(journal.messages()) == sum(map(len, logs)) + len(sign_ons)


def test_a_late_reply_is_filed_under_its_own_purchase(client, network, journal, truth, bench):
    network.fault_of = {"2200": "late"}
    first = client.buy(bench.METER, bench.RUPIAH_20000)
    client._link.inbox.append(truth.answer(journal.messages_of(first.pln_reference)[2].stream))
    network.fault_of = {}
    client.buy(bench.METER, bench.RUPIAH_20000)
    log = journal.messages_of(first.pln_reference)
    assert [m.note.startswith("dropped: late or unasked") for m in log if m.stream.startswith(b"2210")] == [False, True]


def test_references_that_were_used_are_known(told_apart, journal):
    assert told_apart.pln_reference in journal
    assert "F" * 32 not in journal


def test_what_nobody_was_told_of(client, network, journal, bench):
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert journal.untold() == [result]
    client.told(result)
    assert journal.untold() == []
    network.faults, network.doors = deque(["ok", "ok", "kill after"]), deque()
    client.close()
    with pytest.raises(bench.Killed):
        client.buy(bench.METER, bench.RUPIAH_20000)
    assert journal.untold() == []
    assert [purchase.state for purchase in journal.open_purchases()] == [State.PURCHASING]


def test_what_is_open_cannot_be_told(client, network, journal, bench):
    network.faults, network.doors = deque(["ok", "ok", "cut after"]), deque(["open", *["shut"] * 30])
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert result.is_open
    with pytest.raises(ValueError, match="nothing to tell yet"):
        client.told(result)
    # A journal in which it was marked before all the same: the end is news.
    journal._connection.execute("UPDATE purchase SET is_told = 1")
    network.doors.clear()
    (end,) = client.resume()
    assert end.outcome is Outcome.SOLD
    assert journal.untold() == [end]


def test_numbers_are_not_used_again_after_a_loss(client, journal, bench):
    first = client.buy(bench.METER, bench.RUPIAH_20000)
    journal._connection.execute("PRAGMA foreign_keys = OFF")
    journal._connection.execute("DELETE FROM purchase")
    assert client.buy(bench.METER, bench.RUPIAH_20000).serial == first.serial + 1


def test_nothing_is_sent_that_cannot_be_written(client, journal, truth, bench):
    journal._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(FileError, match=r"switching journal .*switching\.db"):
        client.buy(bench.METER, bench.RUPIAH_20000)
    assert truth.asked == []


def test_a_result_gives_nothing_away_by_chance(client, bench):
    result = client.buy(bench.METER, bench.RUPIAH_20000)
    assert result.sale.token not in repr(result)
    assert result.pln_reference not in repr(result)


def test_receipt_references_are_random():
    assert len({new_reference() for _ in range(100)}) == 100
    assert len(new_reference()) == 32
