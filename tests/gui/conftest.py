"""A window without a screen or a sound device, at a meter in a memory of the test's own; its time is what the test says."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pygame
import pytest

from meter_emu.meter import Key, Meter, parse_keys
from meter_emu.store import Entry, Store
from meter_gui.actions import Action
from meter_gui.desk import Desk
from meter_gui.geometry import Rect, Size
from meter_gui.meter_clock import SECOND
from meter_gui.shop import Answer, NothingDue, Offer, Refusal, Shop, Slip
from meter_gui.stored_meter import StoredMeter
from meter_gui.view import View
from meter_gui.window import Window
from pln_sim.reseller.prices import built_in_prices

NOMINALS = {price.code: price.nominal for price in built_in_prices().prices}
OFFERS = tuple(Offer(*offer, NOMINALS[offer.code]) for offer in built_in_prices().offers(date(2026, 11, 22), "PL"))
KEY_CODES = {Key.BACKSPACE: pygame.K_BACKSPACE, Key.ENTER: pygame.K_RETURN}


class Hand:
    """A person at the window: posts events, lets time pass, looks."""

    def __init__(self, meter: Meter, folder: Path, shop: Shop | None, view: View, size: Size) -> None:
        self.real = 0
        self.path = folder / "meters.db"
        self.drn = meter.state.drn
        self.started = meter.state.clock
        self.store = Store(self.path, patience_seconds=0.05)
        self.store.install(meter, Entry(self.started, "installed", {}))
        self.desk = Desk(StoredMeter(self.store, self.drn), self.civil, 0, view, shop)
        self.window = Window(self.desk, "test", size, clock=lambda: self.real)
        pygame.event.clear()
        self.frame()

    def civil(self) -> int:
        return self.started + self.real // SECOND

    def frame(self) -> bool:
        return self.window.frame()

    def wait(self, seconds: float, step: float = 0.1) -> None:
        """Time passes, frame by frame."""
        until = self.real + round(seconds * SECOND)
        while self.real < until:
            self.real = min(until, self.real + round(step * SECOND))
            self.frame()

    def keys(self, text: str) -> None:
        """Digits on the keyboard, <B> and <E>."""
        for key in parse_keys(text):
            code = KEY_CODES.get(key) or ord(key.value)
            unicode = key.value if key not in KEY_CODES else ""
            pygame.event.post(pygame.Event(pygame.KEYDOWN, key=code, mod=0, unicode=unicode))
            pygame.event.post(pygame.Event(pygame.KEYUP, key=code, mod=0))
            self.wait(0.1)

    def click(self, action: Action) -> None:
        """Press the left button where that action is, and let go."""
        point = self.target(action).centre
        self.down(point)
        pygame.event.post(pygame.Event(pygame.MOUSEBUTTONUP, pos=point, button=1))
        self.wait(0.1)

    def down(self, point: tuple[int, int]) -> None:
        pygame.event.post(pygame.Event(pygame.MOUSEBUTTONDOWN, pos=point, button=1))
        self.frame()

    def target(self, action: Action) -> Rect:
        """Where a person finds an action."""
        (rect,) = (target.rect for target in self.scene.targets if target.action == action)
        return rect

    @property
    def scene(self):
        return self.desk.scene(self.window.surface.get_size())

    @property
    def lcd(self) -> tuple[str, str]:
        first, second = self.desk.display.lines
        return first.strip(), second.strip()

    def stored(self) -> Meter:
        return self.store.load(self.drn)

    def texts(self) -> list[str]:
        return [item.text for item in self.scene.items if hasattr(item, "text")]


@pytest.fixture(scope="session")
def offers() -> tuple[Offer, ...]:
    """The voucher guide's price list."""
    return OFFERS


@pytest.fixture(scope="session")
def shop_of() -> Callable[..., Shop]:
    """``shop_of(buy=, due=, keyed_in=, clear_tamper=)``: a shop that does what is said here, and is closed else."""

    def make(
        buy: Callable[[str, int], Slip | Refusal] = lambda drn, cents: Refusal("closed"),
        due: Callable[[str], Answer] = lambda drn: NothingDue(),
        keyed_in: Callable[[Slip], None] = lambda slip: None,
        clear_tamper: Callable[[str], Slip | Refusal] = lambda drn: Refusal("closed"),
    ) -> Shop:
        return Shop(OFFERS, buy, due, keyed_in, clear_tamper)

    return make


@pytest.fixture(scope="session")
def slip_of() -> Callable[[str], Slip]:
    """``slip_of(token)``: a slip of PL50."""

    def make(token: str) -> Slip:
        return Slip("STRUK", (("NO METER", "12345678911"), ("RP BAYAR", "Rp 50.000,00")), token)

    return make


@pytest.fixture(autouse=True)
def no_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")


@pytest.fixture
def open_window(new_meter: Callable[[], Meter], tmp_path: Path, no_devices: None) -> Iterator[Callable[..., Hand]]:
    """``open_window(meter=, shop=, view=, size=)``."""
    hands: list[Hand] = []

    def open_one(
        meter: Meter | None = None, shop: Shop | None = None, view: View | None = None, size: Size = (1280, 720)
    ) -> Hand:
        hands.append(Hand(meter or new_meter(), tmp_path, shop, view or View(), size))
        return hands[-1]

    yield open_one
    for hand in hands:
        hand.window.close()
        hand.store.close()


@pytest.fixture
def charged(new_meter: Callable[[], Meter], credit_token: Callable[..., str]) -> Callable[..., Meter]:
    """A meter with so many tenths of a kWh."""

    def make(tenths: int = 1000) -> Meter:
        meter = new_meter()
        meter, outcome = meter.enter(credit_token(1000, tenths), meter.state.clock)
        assert outcome.accepted
        return meter._replace(panel=new_meter().panel)

    return make
