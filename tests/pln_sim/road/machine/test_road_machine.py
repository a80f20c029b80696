"""Client, network and gateway together, with everything lost, doubled, delayed, cut, and either side killed at any step.

The client is the real one over its real journal; the gateway is the real desk over its real database; between them is a
network without sockets and a clock without time. Who is killed forgets all but what is on disk. Always: at most one token
for a reference; the two ledgers agree, or the purchase is marked suspect; money in is tokens out; what leaves either house
is on its disk before.
"""

import tempfile
from collections import deque
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pln_sim.gateway import checks
from pln_sim.gateway.checks import CHECKS
from pln_sim.gateway.messages import Mti, ResponseCode, read, table
from pln_sim.storage import sql_storage
from pln_sim.switching.exchange import GIVEN_BACK, LAST_WORDS, Event
from pln_sim.switching.journal import Journal, Step, TakenOver
from pln_sim.switching.purchase import TABLE, Outcome, State


def strategies(road):
    """What is bought, what the messages meet, and what the connections do."""
    in_time, late, very_late = 1, road.WAIT + 1, 1000
    arrivals = st.sampled_from(
        (
            *((), (in_time,), (road.WAIT - 1,), (late,), (2 * road.WAIT + 5,), (very_late,)),
            *((0, 0), (0, in_time), (0, late), (late, 2 * road.WAIT + 5), (in_time, very_late)),
        )
    )
    one, no_strike = st.just((0,)), st.just("")
    struck = st.sampled_from(road.STRIKES)
    trips = st.builds(road.Trip, arrivals, arrivals, st.one_of(no_strike, struck))
    likely = st.one_of(
        st.builds(road.Trip, one, one, struck),
        st.builds(road.Trip, arrivals, one, no_strike),
        st.builds(road.Trip, one, arrivals, no_strike),
        trips,
    )
    # Most trouble is where it matters: behind the 2200, and the further behind the likelier.
    seldom = st.lists(st.sampled_from((road.SMOOTH,) * 9) | trips, max_size=3)
    often = st.lists(likely, min_size=1, max_size=3)
    at_times = st.lists(likely, max_size=2)
    any_ = st.fixed_dictionaries({"2800": seldom, "2100": seldom, "2200": often, "2220": at_times, "2221": at_times})
    unheard = st.sampled_from(
        (road.Trip(replies=()), road.Trip(replies=(late,)), road.Trip(requests=(late,)), road.Trip(requests=()))
    )
    suspect = st.fixed_dictionaries(
        {"2200": st.lists(unheard, min_size=1, max_size=1), "2220": st.lists(unheard, min_size=1, max_size=1)}
        | {"2221": st.lists(unheard, min_size=2, max_size=2)}
    )
    scripts = st.one_of(any_, any_, suspect)
    orders = st.lists(st.sampled_from(road.METERS), min_size=1, max_size=3)
    doors = st.lists(st.sampled_from(("open",) * 4 + ("shut", "client dies")), max_size=4)
    return SimpleNamespace(orders=orders, scripts=scripts, doors=doors)


def machine(road, empty):
    """The state machine; ``empty`` are the bytes of both files as they are before the first purchase."""

    drawn = strategies(road)

    class Road(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.folder = tempfile.TemporaryDirectory()
            folder = Path(self.folder.name)
            self.path = folder / "switching.db"
            self.path.write_bytes(empty["switching.db"])
            (folder / "gateway.db").write_bytes(empty["gateway.db"])
            self.gateway = road.Gateway(folder / "gateway.db")
            self.network = road.Network(self.gateway, self.path)
            self.network.resume = self.resumed_by_another
            self.shown = set()
            self.start()

        def start(self):
            self.journal = Journal(self.path)
            self.journal._connection.execute("PRAGMA synchronous = OFF")
            self.client = self.network.client(self.journal)

        def work(self, script, doors, work):
            self.network.script = {mti: deque(trips) for mti, trips in script.items()}
            self.network.doors = deque(doors)
            try:
                work()
            except road.Killed:
                self.journal.close()
                self.start()
            except TakenOver:
                pass

        def buy_and_tell(self, meter, is_told=True):
            result = self.client.buy(meter, road.AMOUNT)
            if is_told and not result.is_open:
                self.tell(self.client, result)

        def tell(self, client, result):
            if result.sale is not None:
                self.shown.add(result.sale.token)
            client.told(result)

        def resumed_by_another(self):
            """Somebody runs ``buy --resume`` while this one is at work; he may be killed too."""
            with Journal(self.path) as journal:
                other = self.network.client(journal)
                try:
                    for result in other.resume():
                        if not result.is_open:
                            self.tell(other, result)
                except (road.Killed, TakenOver):
                    pass

        @rule(meters=drawn.orders, script=drawn.scripts, doors=drawn.doors, is_told=st.booleans())
        def buy(self, meters, script, doors, is_told):
            self.work(script, doors, lambda: [self.buy_and_tell(meter, is_told) for meter in meters])

        @rule(script=drawn.scripts, doors=drawn.doors)
        def resume(self, script, doors):
            self.work(script, doors, lambda: list(self.client.resume()))

        @rule(step=st.integers(0, 8), is_written=st.booleans(), resumes=st.booleans(), script=drawn.scripts)
        def client_dies_while_writing(self, step, is_written, resumes, script):
            """Before or after the commit number ``step``."""
            left, commit = [step], self.journal.step

            class Fatal:
                def __init__(self, owner):
                    self.inner = commit(owner)

                def __enter__(self):
                    left[0] -= 1
                    if left[0] < 0 and not is_written:
                        raise road.Killed
                    return self.inner.__enter__()

                def __exit__(self, *error):
                    self.inner.__exit__(*error)
                    if left[0] < 0:
                        raise road.Killed

            self.journal.step = Fatal
            try:
                self.work(script, [], lambda: list(self.client.resume()) if resumes else self.buy_and_tell(road.METERS[0]))
            finally:
                vars(self.journal).pop("step", None)

        @rule()
        def gateway_dies(self):
            self.gateway.die()

        @rule(seconds=st.sampled_from((1, road.WAIT, 1000)))
        def time_passes(self, seconds):
            self.network.wait(self.network.seconds + seconds)

        @invariant()
        def one_token_for_a_reference(self):
            assert all(len(told) == 1 for told in self.gateway.told.values()), self.gateway.told

        @invariant()
        def the_ledgers_agree(self):
            assert road.differences(self.purchases(), self.sales()) == []

        @invariant()
        def money_in_is_tokens_out(self):
            sales = {sale.reference: sale for sale in self.sales()}
            results = [purchase.result for purchase in self.purchases()]
            taken = sum(result.order.amount for result in results if result.outcome is Outcome.SOLD)
            undecided = {result.pln_reference for result in results if result.outcome is Outcome.SUSPECT}
            assert taken == sum(sale.paid for sale in sales.values() if sale.reference not in undecided)

        @invariant()
        def one_purchase_request_for_a_reference_and_no_trace_number_twice(self):
            sent = [read(message.stream) for message in self.journal.messages() if message.is_sent]
            references = [message[table.PLN_REFERENCE] for message in sent if message.mti is Mti.PURCHASE_REQUEST]
            traces = [message[table.TRACE_NUMBER] for message in sent if table.TRACE_NUMBER in message]
            assert len(references) == len(set(references))
            assert len(traces) == len(set(traces))

        def purchases(self):
            return self.journal.purchases()

        def sales(self):
            return list(self.gateway.depot.sales())

        def teardown(self):
            try:
                self.end_well()
            finally:
                self.journal.close()
                self.network.observer.close()
                self.gateway.close()
                self.folder.cleanup()

        def end_well(self):
            """When all works again everything is decided, every sold token has been shown, and nothing late changes it."""
            self.network.doors.clear()
            self.network.script.clear()
            assert all(not result.is_open for result in self.client.resume())
            assert self.journal.open_purchases() == []
            for result in self.journal.untold():
                self.tell(self.client, result)
            self.network.settle()
            self.the_ledgers_agree()
            self.money_in_is_tokens_out()
            self.one_token_for_a_reference()
            sold = {result.sale.token for result in (p.result for p in self.purchases()) if result.sale is not None}
            assert self.shown == sold

    return Road


SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def test_client_network_and_gateway_agree(road, empty):
    run_state_machine_as_test(
        machine(road, empty),
        settings=settings(max_examples=80, stateful_step_count=10, deadline=None, suppress_health_check=SLOW_IS_FINE),
    )


def with_row(state, **changes):
    return {"switching.purchase.TABLE": {**TABLE, state: replace(TABLE[state], **changes)}}


def with_arrow(state, event, to):
    return with_row(state, next={**TABLE[state].next, event: to})


def save_whoever_owns(step, purchase, save=Step.save):
    (step._owner,) = step._connection.execute("SELECT owner FROM purchase WHERE serial = ?", (purchase.serial,)).fetchone()
    save(step, purchase)


def without_check(mti, check):
    return {**CHECKS, mti: tuple(each for each in CHECKS[mti] if each is not check)}


BROKEN = {
    "advice does not bury the reference": {"storage.sql_storage.SqlStorage.bury": lambda depot, number: None},
    "a reference is sold twice": {
        "gateway.desk.CHECKS": without_check(Mti.PURCHASE_REQUEST, checks.cannot_buy),
        "storage.sql_storage._INSERT_SALE": sql_storage._INSERT_SALE.replace("INSERT", "INSERT OR REPLACE"),
    },
    "a sale is told and not kept": {"storage.sql_storage.SqlStorage.add_sale": lambda depot, sale: None},
    "a message leaves before it is logged": {"switching.journal.Step.send": lambda step, purchase, at: None},
    "a message leaves before its state is on disk": {"switching.journal.Step.save": lambda step, purchase: None},
    "whoever resumes does not own the purchase": {"switching.journal.Step.save": save_whoever_owns},
    "any refusal of a purchase is believed": {
        "switching.exchange.LAST_WORDS": {**LAST_WORDS, Mti.PURCHASE_REQUEST: frozenset(ResponseCode)}
    },
    "a killed purchase is thought not sold": with_arrow(State.PURCHASING, Event.RESUMED, State.NOT_SOLD),
    "silence after all advice is thought not sold": with_arrow(State.REPEATING_LAST, Event.SILENT, State.NOT_SOLD),
    "advice is another 2200": with_row(State.ADVISING, mti=Mti.PURCHASE_REQUEST),
    "any reply of the right type counts": {"switching.exchange.GIVEN_BACK": dict.fromkeys(GIVEN_BACK, ())},
    "trace numbers are used again": {"switching.purchase.MESSAGES_EACH": 3},
}
"""Ways to break the product, each of which the machine must see, or it proves nothing."""


@pytest.mark.soak
@pytest.mark.parametrize("defect", BROKEN)
def test_a_broken_product_is_seen(defect, road, empty, monkeypatch):
    for place, broken in BROKEN[defect].items():
        monkeypatch.setattr(f"pln_sim.{place}", broken)
    alike = settings(
        max_examples=1000, stateful_step_count=10, phases=[Phase.generate], derandomize=True, database=None, deadline=None,
        suppress_health_check=SLOW_IS_FINE, report_multiple_bugs=False,
    )  # fmt: skip
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine(road, empty), settings=alike)
