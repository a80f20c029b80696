"""``pln-sim desk diagnose --meter-home``: where the help desk and a meter meet. The diagnosis knows its memory as a value."""

import os
from datetime import datetime

from meter_emu.meter.clock import moment_of, seconds_of
from meter_emu.meter.results import TokenResult, ValidationResult
from meter_emu.shell.console import Failure
from meter_emu.store import FILE_NAME, Store
from meter_emu.sts.numbers import TokenIdentifier
from meter_emu.sts.numbers.drn import Drn
from pln_sim.helpdesk.meter_view import LookIntoMeter, MeterView

MOST_ENTRIES = 10_000
"""Of a meter's journal, the latest."""
_TAKEN = {
    TokenResult.ACCEPT.value,
    TokenResult.FIRST_KCT.value,
    TokenResult.SECOND_KCT.value,
    TokenResult.THIRD_KCT.value,
    TokenResult.FOURTH_KCT.value,
}


def look_into(meter_home: str, at: datetime) -> LookIntoMeter:
    """Looks into the memory of the meters in a home, as they are at a time; nothing is written.

    Failure if no meter, or not this one, is installed there.
    """

    def look(drn: Drn) -> MeterView:
        path = os.path.join(meter_home, FILE_NAME)
        if not os.path.isfile(path):
            raise Failure(f"no meter is installed in {meter_home}: name the home of a meter, or leave --meter-home out")
        with Store(path) as store:
            if drn not in store.drns():
                raise Failure(f"meter {drn} is not installed in {meter_home}: meter-emu meters lists those that are")
            meter, entries = store.load(drn), store.journal(drn, MOST_ENTRIES)
        state = meter.advance(meter.time_at(seconds_of(at))).state
        taken = (entry for entry in entries if entry.event == "token" and entry.details["result"] in _TAKEN)
        return MeterView(
            ti=str(state.key.ti),
            krn=int(state.key.krn),
            accepted_at={entry.details["token"]: moment_of(entry.at) for entry in taken},
            has_used=lambda tid: state.tids.check(tid) is ValidationResult.USED_ERROR,
            finds_too_old=lambda tid: state.tids.check(tid) is ValidationResult.OLD_ERROR,
            has_expired=lambda tid: state.key.ken.is_expired_for(TokenIdentifier(tid)),
            is_tampered=state.tamper.is_tampered,
            locked_seconds=state.lockout.seconds_left(state.clock),
            has_power=state.is_powered,
        )

    return look
