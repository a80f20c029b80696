"""State, the one value that holds all that survives a power cut. Every part of the meter owns one field of it."""

from dataclasses import dataclass, field

from meter_emu.meter.alarm import Alarm
from meter_emu.meter.clock import Seconds
from meter_emu.meter.credit import Credit
from meter_emu.meter.history import History
from meter_emu.meter.key_register import KeyRegister, PendingKeyChange
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.overload import Overload
from meter_emu.meter.results import ResultCode
from meter_emu.meter.tamper import Tamper
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.numbers import Drn


@dataclass(frozen=True)
class State:
    """A meter at one moment, ``clock``. Functions make the next State; nothing changes one."""

    drn: Drn
    clock: Seconds
    key: KeyRegister
    profile: str = "pln"
    """The name of the brand profile."""
    credit: Credit = field(default_factory=Credit)
    tids: TidStore = field(default_factory=TidStore)
    lockout: Lockout = field(default_factory=Lockout)
    pending: PendingKeyChange = field(default_factory=PendingKeyChange)
    tamper: Tamper = field(default_factory=Tamper)
    overload: Overload = field(default_factory=Overload)
    alarm: Alarm = field(default_factory=Alarm)
    history: History = field(default_factory=History)
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
