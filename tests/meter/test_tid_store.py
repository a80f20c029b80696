"""The TIDs that a meter remembers: 60, of which the earliest makes room, and none works twice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.meter.results import ValidationResult
from meter_emu.meter.tid_store import TidStore


class TestTidStore:
    def test_is_60_deep(self, utility, meter):
        for tid in range(100, 160):
            meter, outcome = meter.enter(utility.credit(tid, 1), meter.state.clock)
            assert outcome.accepted
        codes = {tid: meter.enter(utility.credit(tid), meter.state.clock)[1].result_code for tid in (99, 100, 159, 160)}
        assert codes == {99: 9, 100: 10, 159: 10, 160: 1}

    def test_is_never_old_until_full(self, utility):
        meter = utility.meter(tids=TidStore(tuple(range(100, 159))))
        assert meter.enter(utility.credit(0), meter.state.clock)[1].accepted

    def test_the_earliest_makes_room_and_is_old_then(self, utility):
        meter = utility.meter(tids=TidStore(tuple(range(100, 160))))
        meter, _ = meter.enter(utility.credit(160), meter.state.clock)
        assert meter.enter(utility.credit(100), meter.state.clock)[1].result_code == 9
        assert meter.enter(utility.credit(101), meter.state.clock)[1].result_code == 10

    def test_takes_a_gap_while_full(self, utility):
        meter = utility.meter(tids=TidStore(tuple(range(100, 220, 2))))
        meter, outcome = meter.enter(utility.credit(101), meter.state.clock)
        assert outcome.accepted
        assert meter.enter(utility.credit(101), meter.state.clock)[1].result_code == 10
        assert meter.enter(utility.credit(100), meter.state.clock)[1].result_code == 9

    @given(st.lists(st.integers(0, 150), max_size=400))
    @settings(max_examples=60, deadline=None)
    def test_lets_no_tid_through_twice(self, tids):
        store, used = TidStore(), set()
        for tid in tids:
            verdict = store.check(tid)
            latest = sorted(used)[-60:]
            if tid in latest:
                assert verdict is ValidationResult.USED_ERROR
            elif len(latest) == 60 and tid < latest[0]:
                assert verdict is ValidationResult.OLD_ERROR
            else:
                assert verdict is None
                assert tid not in used
                store = store.remember(tid)
                used.add(tid)
