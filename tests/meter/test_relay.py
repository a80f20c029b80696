"""The relay: why it is open, the strongest reason first, and that nothing flows then."""

import pytest

from meter_emu.meter.credit import Credit
from meter_emu.meter.energy import KWH
from meter_emu.meter.overload import Overload
from meter_emu.meter.relay import RelayOpen, flowing, opened_by

CREDIT = Credit(accepted=KWH)
PAUSED = Overload(limit=1).watch(2, now=0).trip(now=30)
LOCKED = Overload(limit=1, open_until=1800, trips=5)
"""After the fifth trip no recent one is kept."""


@pytest.mark.parametrize(("fields", "reason"), [
    ({}, RelayOpen.NO_CREDIT),
    ({"credit": CREDIT}, None),
    ({"credit": Credit(consumed=1)}, RelayOpen.NO_CREDIT),
    ({"credit": CREDIT, "overload": PAUSED}, RelayOpen.OVERLOAD),
    ({"credit": CREDIT, "overload": LOCKED}, RelayOpen.OVERLOAD_LOCKED),
    ({"overload": PAUSED}, RelayOpen.NO_CREDIT),
    ({"credit": CREDIT, "is_powered": False}, RelayOpen.NO_POWER),
    ({"is_relay_stuck": True, "overload": LOCKED}, None),
    ({"is_relay_stuck": True, "is_powered": False}, RelayOpen.NO_POWER),
])  # fmt: skip
def test_reasons(utility, fields, reason):
    state = utility.meter(load=700, **fields).state
    assert opened_by(state) is reason
    assert flowing(state) == (700 if reason is None else 0)
    assert utility.meter(**fields).display(state.clock).is_relay_closed == (reason is None)


@pytest.mark.parametrize(("fields", "text"), [
    ({"credit": CREDIT, "overload": PAUSED}, "BEBAN LEBIH"), ({"credit": CREDIT, "overload": LOCKED}, "BEBAN LEBIH"),
    ({}, "KREDIT HABIS"), ({"credit": CREDIT}, ""), ({"credit": CREDIT, "is_powered": False}, ""),
])  # fmt: skip
def test_the_lcd_says_why(utility, fields, text):
    meter = utility.meter(**fields)
    assert meter.display(meter.state.clock).lines[1] == text
