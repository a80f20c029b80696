"""Client, journal and gateway together, with replies lost, doubled, late or cut, and the client killed anywhere.

Always: at most one 2200 for a reference; what the client calls sold or not sold is what the gateway knows, whatever still
arrives; no trace number twice.
"""

import tempfile
from collections import deque
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pln_sim.gateway.messages import Mti, read, table
from pln_sim.switching.journal import Journal
from pln_sim.switching.purchase import Outcome


def machine(bench, empty_journal):
    # Most trouble is where it matters: behind the 2200, and the further behind the likelier.
    at_times = st.lists(st.sampled_from(("ok",) * 9 + bench.FAULTS), max_size=3)
    likely = st.lists(st.sampled_from(bench.FAULTS[1:]), min_size=1, max_size=2)
    faults = st.fixed_dictionaries({"2800": at_times, "2100": at_times, "2200": likely, "2220": likely, "2221": likely})
    doors = st.lists(st.sampled_from(("open",) * 4 + ("shut", "kill")), max_size=4)

    class Purchases(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.folder = tempfile.TemporaryDirectory()
            self.path = Path(self.folder.name) / "switching.db"
            self.path.write_bytes(empty_journal)
            self.truth = bench.Truth()
            self.network = bench.Network(self.truth)
            self.start()

        def start(self):
            self.journal = Journal(self.path)
            # Power cuts are the database's own tests; here processes die, and what they wrote stays.
            self.journal._connection.execute("PRAGMA synchronous = OFF")
            self.client = self.network.client(self.journal)

        def restart(self):
            self.journal.close()
            self.start()

        def surrounded(self, faults, doors, work):
            self.network.script = {mti: deque(row) for mti, row in faults.items()}
            self.network.doors = deque(doors)
            try:
                work()
            except bench.Killed:
                self.restart()

        @rule(faults=faults, doors=doors)
        def buy(self, faults, doors):
            self.surrounded(faults, doors, lambda: self.client.buy(bench.METER, bench.RUPIAH_20000))

        @rule(faults=faults, doors=doors)
        def resume(self, faults, doors):
            self.surrounded(faults, doors, lambda: list(self.client.resume()))

        @rule(step=st.integers(0, 6), is_written=st.booleans(), resumes=st.booleans())
        def buy_and_be_killed_while_writing(self, step, is_written, resumes):
            """The process dies before or after the commit number ``step``."""
            left, commit = [step], self.journal.step

            class Dying:
                def __init__(self, owner):
                    self.inner = commit(owner)

                def __enter__(self):
                    left[0] -= 1
                    if left[0] < 0 and not is_written:
                        raise bench.Killed
                    return self.inner.__enter__()

                def __exit__(self, *error):
                    self.inner.__exit__(*error)
                    if left[0] < 0:
                        raise bench.Killed

            self.journal.step = Dying
            work = (lambda: list(self.client.resume())) if resumes else lambda: self.client.buy(bench.METER, 2_000_000)
            self.surrounded({}, [], work)
            self.journal.step = Journal.step.__get__(self.journal)

        @rule()
        def a_reference_comes_again(self):
            """A gateway that gives out one reference twice is not to be trusted with a second 2200."""
            known = sorted(self.truth.references)
            if known:
                honest, self.truth.next_reference = self.truth.next_reference, lambda: known[0]
                self.surrounded({}, [], lambda: self.client.buy(bench.METER, bench.RUPIAH_20000))
                self.truth.next_reference = honest

        @rule()
        def what_was_under_way_arrives(self):
            self.network.settle()

        @invariant()
        def one_purchase_request_for_a_reference(self):
            assert all(count == 1 for count in self.truth.purchase_requests.values())
            sent = [message for message in self.messages() if message.mti is Mti.PURCHASE_REQUEST]
            references = [message[table.PLN_REFERENCE] for message in sent]
            assert len(references) == len(set(references))

        @invariant()
        def what_is_certain_is_true(self):
            for purchase in self.journal.purchases():
                result = purchase.result
                token = self.truth.tokens.get(result.pln_reference)
                if result.outcome is Outcome.SOLD:
                    assert result.sale.token == token
                if result.outcome is Outcome.NOT_SOLD:
                    assert token is None

        @invariant()
        def trace_numbers_never_repeat(self):
            traces = [message[table.TRACE_NUMBER] for message in self.messages() if table.TRACE_NUMBER in message]
            assert len(traces) == len(set(traces))

        def messages(self):
            return [read(message.stream) for message in self.journal.messages() if message.is_sent]

        def teardown(self):
            self.network.doors.clear()
            self.network.script.clear()
            assert all(not result.is_open for result in self.client.resume())
            assert self.journal.gateways_of_open() == []
            self.network.settle()
            self.what_is_certain_is_true()
            told = {purchase.pln_reference for purchase in self.journal.purchases() if purchase.pln_reference}
            assert self.truth.tokens.keys() <= told
            self.journal.close()
            self.folder.cleanup()

    return Purchases


def test_client_network_and_gateway_agree(bench, empty_journal):
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        machine(bench, empty_journal),
        settings=settings(max_examples=150, stateful_step_count=12, deadline=None, suppress_health_check=checks),
    )
