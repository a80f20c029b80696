"""VirtualMeter: a meter at a port, and a tester's hands on its keys, its load, its covers, its supply and its clock."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from operator import index
from pathlib import Path

from firmware_proto.links.link import Link
from meter_emu.cli.factory import install_meter
from meter_emu.meter.clock import Seconds, moment_of, seconds_of
from meter_emu.meter.display import Display
from meter_emu.meter.energy import kwh_text
from meter_emu.meter.meter import Meter
from meter_emu.meter.panel import parse_keys
from meter_emu.meter.tamper import Cause
from meter_emu.store import FILE_NAME, Entry, Store
from meter_emu.store.entries import load_entry, power_entry, tamper_entry, token_entry
from meter_emu.sts.errors import RangeError
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT, format_tenths, tenths
from meter_emu.sts.tokens import TokenType
from meter_emu.sts.tokens.layout import RANDOM_NUMBERS
from meter_emu.testing.server_thread import ServerThread

DRN = Drn("12345678911")
BEGINNING = datetime(2026, 1, 1, 8, 0)


class Clock:
    """The civil time of a test, which stands until the test moves it."""

    __slots__ = ("_seconds",)

    def __init__(self, beginning: datetime = BEGINNING) -> None:
        self._seconds = seconds_of(beginning)

    @property
    def now(self) -> datetime:
        """What it shows."""
        return moment_of(self._seconds)

    @property
    def seconds(self) -> Seconds:
        """The same as the meter counts it."""
        return self._seconds

    def __repr__(self) -> str:
        return f"<Clock at {self.now.isoformat(sep=' ')}>"

    def advance(self, *bare: object, days: int = 0, hours: int = 0, minutes: int = 0, seconds: int = 0) -> None:
        """Let so much time pass. ValueError for a time that runs back: no meter's clock does; TypeError for a bare number."""
        if bare:
            raise TypeError(f"of what? Say advance(seconds={bare[0]!r}), or days, hours, minutes")
        passed = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) // timedelta(seconds=1)
        if passed < 0:
            raise ValueError(f"time does not run back, by {-passed} s")
        self._seconds += passed


class VirtualMeter:
    """A meter that hangs on the wall of a test. Every act is in its memory when it returns, and seen at the port at once."""

    __slots__ = ("_drn", "_home", "_store", "clock", "number", "port")

    def __init__(self, home: Path, store: Store, clock: Clock, port: str, drn: Drn = DRN) -> None:
        self.port = port
        """What a client opens, as pyserial names it."""
        self.number = str(drn)
        """The 11 digits on its plate; also its device address."""
        self.clock = clock
        self._home, self._store, self._drn = home, store, drn

    def __repr__(self) -> str:
        return f"<VirtualMeter {self.number} at {self.port}>"

    @property
    def meter(self) -> Meter:
        """All of it, as it is now."""
        meter = self._store.load(self._drn)
        return meter.advance(meter.time_at(self.clock.seconds))

    @property
    def display(self) -> Display:
        """What a person sees: LCD lines, LEDs, relay, buzzer."""
        meter = self.meter
        return meter.display(meter.state.clock)

    @property
    def lcd(self) -> tuple[str, str]:
        """The two lines of the LCD."""
        first, second = self.display.lines
        return first.strip(), second.strip()

    @property
    def credit_kwh(self) -> Decimal:
        """The credit left."""
        return Decimal(kwh_text(self.meter.state.credit.balance))

    @property
    def consumed_kwh(self) -> Decimal:
        """The energy register."""
        return Decimal(kwh_text(self.meter.state.credit.consumed))

    @property
    def load_watts(self) -> int:
        """What the house asks for; assigning another load turns it on now."""
        return self.meter.state.load

    @load_watts.setter
    def load_watts(self, watts: int) -> None:
        whole = index(watts)  # Refuses what is no whole number.

        def act(meter: Meter) -> tuple[Meter, Sequence[Entry], None]:
            after = meter.set_load(whole, self._now(meter))
            return after, [load_entry(after)], None

        self._store.change(self._drn, act)

    def press(self, keys: str) -> Display:
        """Press keys: digits, ``<B>`` Backspace, ``<E>`` Enter; what is seen then. 20 digits and Enter are a token."""
        pressed = parse_keys(keys)

        def act(meter: Meter) -> tuple[Meter, Sequence[Entry], Display]:
            entries = []
            for key in pressed:
                now = self._now(meter)
                line = meter.panel.line_at(max(now, meter.state.clock), meter.profile.line_timeout)
                meter, outcome = meter.press(key, now)
                if outcome is not None:
                    entries.append(token_entry(meter, line, outcome))
            return meter, entries, meter.display(meter.state.clock)

        return self._store.change(self._drn, act)

    def cut_power(self) -> None:
        """The supply fails. The port goes on answering: its power comes from the reading head."""
        self._set_power(is_on=False)

    def restore_power(self) -> None:
        """The supply is back."""
        self._set_power(is_on=True)

    def tamper(self, cause: str = Cause.METER_COVER.value, *, is_there: bool = True) -> None:
        """Open a cover, or bypass a wire; with ``is_there=False`` put it right again. ValueError for what is no ``Cause``."""
        if cause not in list(Cause):
            raise ValueError(f"{cause!r} is no tamper: {', '.join(Cause)}")

        def act(meter: Meter) -> tuple[Meter, Sequence[Entry], None]:
            after = meter.sense(Cause(cause), is_there, self._now(meter))
            return after, [tamper_entry(after, cause, is_there)], None

        self._store.change(self._drn, act)

    def issue_token(self, kwh: Decimal | int | str) -> str:
        """The 20 digits of a new credit token for this meter, such as the vending side sells it; each is good once. ValueError
        for an amount that no token can be sold for."""
        amount = tenths(str(kwh))
        if not 0 < amount <= MAXIMUM_AMOUNT:
            raise RangeError(f"kwh must be 0.1 to {format_tenths(MAXIMUM_AMOUNT)}, not {kwh}", field="kwh")
        from pln_sim.storage import FILE_NAME as VENDING_FILE
        from pln_sim.storage import open_depot
        from pln_sim.vending.generator import issue
        from pln_sim.vending.ledger import reserve

        keys = KeyStore.empty()
        card = keys.card(self._drn)
        wanted = TokenIdentifier.at(self.clock.now, card.parameters.base_date)
        with open_depot(self._home / VENDING_FILE) as depot:
            (tid,) = depot.run(lambda storage: reserve(storage, card, wanted))
        cipher, values = keys.key_of(card).decoder_key.cipher(), {"amount": amount}
        return issue(card, cipher, TokenType.ELECTRICITY_CREDIT, values, tid, secrets.randbelow(RANDOM_NUMBERS)).digits

    def _set_power(self, *, is_on: bool) -> None:
        def act(meter: Meter) -> tuple[Meter, Sequence[Entry], None]:
            now = self._now(meter)
            after = meter.restore_power(now) if is_on else meter.cut_power(now)
            return after, [power_entry(after)], None

        self._store.change(self._drn, act)

    def _now(self, meter: Meter) -> Seconds:
        return meter.time_at(self.clock.seconds)


@contextmanager
def virtual_meter_at(link: str, home: Path, number: str = DRN) -> Iterator[VirtualMeter]:
    """A new meter whose memory is in ``home``, listening at ``link``: ``tcp``, ``pty`` or a serial device. StsError for what is
    no meter number, AddressError for a link that cannot be had."""
    drn = Drn(number)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock = Clock()
    with Store(home / FILE_NAME) as store:
        keys = KeyStore.empty()
        install_meter(store, keys, keys.card(drn), clock.seconds, None)
        with ServerThread(home / FILE_NAME, _link(link), lambda: clock.seconds) as server:
            yield VirtualMeter(home, store, clock, f"socket://{server.name}" if link == "tcp" else server.name, drn)


def _link(name: str) -> Link:
    if name == "tcp":
        from firmware_proto.links.tcp import TcpLink

        return TcpLink("127.0.0.1", 0)
    if name == "pty":
        from firmware_proto.links.pseudo_terminal import PtyLink

        return PtyLink()
    from firmware_proto.links.serial_port import SerialLink

    return SerialLink(name)
