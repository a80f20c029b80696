"""State, the one value that holds all that survives a power cut. Every part of the meter owns one field of it."""

from typing import NamedTuple

from meter_emu.meter.access import Access
from meter_emu.meter.alarm import Alarm
from meter_emu.meter.clock import Seconds
from meter_emu.meter.credit import Credit
from meter_emu.meter.history import History
from meter_emu.meter.key_register import KeyRegister, PendingKeyChange
from meter_emu.meter.last_token import LastToken
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.overload import Overload
from meter_emu.meter.results import ResultCode
from meter_emu.meter.tamper import Tamper
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.numbers import Drn


class State(NamedTuple):
    """A meter at one moment, ``clock``. Functions make the next State; nothing changes one."""

    drn: Drn
    clock: Seconds
    key: KeyRegister
    profile: str = "pln"
    """The name of the brand profile."""
    credit: Credit = Credit()
    tids: TidStore = TidStore()
    lockout: Lockout = Lockout()
    pending: PendingKeyChange = PendingKeyChange()
    tamper: Tamper = Tamper()
    overload: Overload = Overload()
    alarm: Alarm = Alarm()
    history: History = History()
    last_result: ResultCode = ResultCode.NONE
    load: int = 0
    """What the house asks for, in W. It flows while there is power and the relay is closed."""
    is_powered: bool = True
    is_relay_stuck: bool = False
    """A fault: the relay stays closed whatever it is told."""
    power_failures: int = 0
    phase_unbalance_limit: int | None = None
    """W; kept and shown, but a single-phase meter has nothing to compare."""
    tariff_rate: int | None = None
    last_token: LastToken = LastToken()
    access: Access = Access()
    clock_offset: Seconds = 0
    """How far the service has set the clock ahead of the time it is told."""
    clock_set_at: Seconds | None = None
    """When it was last set, as it showed afterwards."""
    power_failed_at: Seconds | None = None
    power_restored_at: Seconds | None = None
