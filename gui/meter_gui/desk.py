"""Desk, where everything comes together: actions go to the meter, the clock and the shop; out comes the next scene.

It draws nothing and reads no clock: real time comes in as nanoseconds, and pixels are the painter's.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from meter_emu.meter import Key, Meter
from meter_emu.meter.clock import MINUTE, Seconds
from meter_emu.meter.last_token import LastToken
from meter_emu.meter.panel import parse_keys
from meter_emu.meter.results import ValidationResult
from meter_emu.shell.errors import FileError
from meter_gui.actions import (
    Action,
    AskForClearance,
    Buy,
    DismissNotice,
    Fold,
    GrabLoad,
    Mute,
    Paste,
    Press,
    SetLoad,
    SetSpeed,
    ShowFaceAlone,
    ShowHelp,
    SidePanel,
    StickRelay,
    SwitchAppliance,
    SwitchPower,
    SwitchSensor,
    TypeToken,
)
from meter_gui.captions import Caption
from meter_gui.clerk import Clerk
from meter_gui.geometry import Size
from meter_gui.house import still_on, switched
from meter_gui.meter_clock import SECOND, MeterClock
from meter_gui.reading import Reading
from meter_gui.scene import Scene
from meter_gui.shop import Answer, Counter, NothingDue, Refusal, Shop, Slip, digits_right
from meter_gui.stage import layout_of, scene_of
from meter_gui.token_story import story_of
from meter_gui.view import View
from meter_gui.wall_meter import WallMeter

LOOK_EVERY = SECOND // 10
"""How often others' changes are looked for."""
COMMIT_EVERY = SECOND
"""How often time that runs ahead of the machine's is made durable."""
BLINK = SECOND // 2
FLASH = SECOND // 11
SHORTEST_PRESS = SECOND // 11
"""How long a pressed key is to be seen, and the pulse lamp lit."""
TYPING_PAUSE = SECOND // 7
NOTICE_TIME = 8 * SECOND
DIGITS = frozenset("0123456789")
MOST_PASTED = 20


class _Typing(NamedTuple):
    """Keys that are still to be pressed, and when the next one is due."""

    keys: tuple[Key, ...]
    due: int


class Desk:
    """The window without its pixels. ``civil_now`` is the machine's civil time as a meter counts it."""

    def __init__(
        self,
        meter: WallMeter,
        civil_now: Callable[[], Seconds],
        real: int,
        view: View,
        shop: Shop | None = None,
        start: Seconds | None = None,
    ) -> None:
        self._wall = meter
        self._civil_now = civil_now
        self._shop = shop
        self._clerk = Clerk()
        self._typing = _Typing((), 0)
        self._keys_up_at: dict[Key, int | None] = {}
        self._pressed_at: dict[Key, int] = {}
        self._flash_until = self._notice_until = real
        self._looked = self._committed_at = real
        self._left = meter.load()
        self._clock = MeterClock(max(civil_now() if start is None else start, _world_time(self._left)), real)
        self._version = meter.version()
        self._shown = self._left
        self.view = view._replace(
            counter=Counter(shop.offers) if shop else Counter(),
            story=story_of(self._left.state.last_token, self._left.state.key),
        )
        self._scene: tuple[object, Scene] | None = None
        at = max(self._left.time_at(self._clock.now(real)), self._left.state.clock)
        self.display, self.reading = self._left.display(at), Reading.of(self._left, at)
        self.tick(real)

    def begin(self, real: int) -> None:
        """Make the present moment durable. FileError, as from any act, if the memory cannot be written."""
        self._left = self._wall.let_pass(self._clock.now(real))

    def ask_what_is_due(self) -> None:
        """Have the shop say what was bought and has not got to the meter yet."""
        if self._shop is not None:
            due, drn = self._shop.due, self.reading.plate.drn
            self._order("", lambda: due(drn))

    @property
    def meter(self) -> Meter:
        """The meter as it is shown."""
        return self._shown

    def scene(self, size: Size) -> Scene:
        """The picture for a window of ``size``; the same object as long as nothing has changed."""
        shown = (size, self.view, self.display._replace(impulses=0), self.reading)
        if self._scene is None or self._scene[0] != shown:
            self._scene = shown, scene_of(size, self.view, self.display, self.reading)
        return self._scene[1]

    def tick(self, real: int) -> None:
        """Time has passed: look at the meter, the shop, the keys that are still to be typed."""
        try:
            self._pass_time(real)
        except FileError as error:
            self._tell(str(error), real)
        self._serve()
        self._type(real)
        self._show(real)

    def do(self, action: Action, real: int) -> None:
        """Carry out what a person did."""
        try:
            self._carry_out(action, real)
        except FileError as error:
            self._tell(str(error), real)
        self._show(real)

    def release(self, real: int) -> None:
        """Every key that is held goes up, as soon as it was seen down."""
        for key, up_at in self._keys_up_at.items():
            if up_at is None:
                self._keys_up_at[key] = max(real, self._pressed_at[key] + SHORTEST_PRESS)
        self._show(real)

    def close(self, real: int) -> None:
        """The last moment is made durable, and what was ordered is waited for."""
        self._clerk.close()
        self._wall.let_pass(self._clock.now(real))

    def wait_for_shop(self, real: int) -> None:
        """Until the answer of the shop is there."""
        self._clerk.wait()
        self.tick(real)

    def _pass_time(self, real: int) -> None:
        now = self._clock.now(real)
        if real - self._looked >= LOOK_EVERY:
            self._looked = real
            version = self._wall.version()
            if version != self._version:
                self._version = version
                self._leave(self._wall.load())
        runs_ahead = now > self._civil_now() + 1
        if runs_ahead and real - self._committed_at >= COMMIT_EVERY:
            self._committed_at = real
            self._leave(self._wall.let_pass(now))

    def _leave(self, meter: Meter) -> None:
        """The meter as an act, of ours or another's, has left it."""
        before, self._left = self._left, meter
        if meter.state.last_token.number != before.state.last_token.number:
            # With the key from before: a key change token is sealed with the key that it ends.
            self.view = self.view._replace(story=story_of(meter.state.last_token, before.state.key))
            self._compare_slip(meter.state.last_token)

    def _compare_slip(self, last: LastToken) -> None:
        """If the meter has got the token of the slip, now or before, the slip says so, and the sale is over."""
        slip, outcome = self.view.counter.slip, last.outcome
        if self._shop is None or slip is None or slip.token != last.digits or outcome is None:
            return
        if outcome.accepted or outcome.verdict is ValidationResult.USED_ERROR:
            self.view = self.view._replace(counter=self.view.counter._replace(is_in_meter=True))
            if slip.number:
                keyed_in = self._shop.keyed_in
                self._clerk.tell(lambda: keyed_in(slip))

    def _show(self, real: int) -> None:
        """Work out what is to be seen."""
        now = self._clock.now(real)
        if _world_time(self._left) > now:
            self._clock.follow(_world_time(self._left))
        at = max(self._left.time_at(now), self._left.state.clock)
        self._shown = self._left.advance(at)
        display, reading = self._shown.display(at), Reading.of(self._shown, at)
        if display.impulses > self.display.impulses:
            self._flash_until = real + FLASH
        self.display, self.reading = display, reading
        self._keys_up_at = {key: up for key, up in self._keys_up_at.items() if up is None or up > real}
        self.view = self.view._replace(
            keys_down=frozenset(self._keys_up_at),
            is_pulse_lit=real < self._flash_until,
            is_blink_on=real // BLINK % 2 == 0,
            speed=self._clock.speed,
            is_slowed=self._clock.is_slowed(real),
            appliances=still_on(self.view.appliances, reading.load),
            ahead=max(0, now - self._civil_now()) // MINUTE * MINUTE,
            history=self.view.history.saw(reading.clock, reading.flowing, reading.balance),
            notice=self.view.notice if real < self._notice_until else "",
        )

    def _tell(self, words: str, real: int) -> None:
        self.view = self.view._replace(notice=words)
        self._notice_until = real + NOTICE_TIME

    def _carry_out(self, action: Action, real: int) -> None:
        now, view, wall = self._clock.now(real), self.view, self._wall
        match action:
            case Press(key):
                self._typing = _Typing((), 0)
                self._press((key,), real)
            case Paste(text):
                self._paste(text, real)
            case SetLoad(watts):
                if watts != self.reading.load:
                    self._leave(wall.set_load(watts, now))
            case SwitchAppliance(name):
                appliances, load = switched(view.appliances, self.reading.load, name)
                self._leave(wall.set_load(load, now))
                self.view = view._replace(appliances=appliances)
            case SwitchPower():
                self._leave(wall.switch_power(now, is_on=not self.reading.is_powered))
            case SwitchSensor(cause):
                self._leave(wall.sense(cause, now, is_present=cause not in self.reading.causes))
            case StickRelay():
                self._leave(wall.stick_relay(now, is_stuck=not self.reading.is_relay_stuck))
            case SetSpeed(speed):
                self._clock.set_speed(speed, real)
            case Fold(panel):
                self.view = view._replace(opened=self._folded(panel))
            case ShowFaceAlone():
                self.view = view._replace(is_face_alone=not view.is_face_alone)
            case Mute():
                self.view = view._replace(is_muted=not view.is_muted)
            case ShowHelp():
                self.view = view._replace(is_help_shown=not view.is_help_shown)
            case DismissNotice():
                self.view = view._replace(notice="")
            case Buy(code):
                self._buy(code)
            case AskForClearance():
                self._ask_for_clearance()
            case TypeToken():
                if view.counter.slip and not view.counter.is_in_meter:
                    self._typing = _Typing(_keys_from(self.reading.line, view.counter.slip.token), real)
            case GrabLoad():
                pass  # The window follows the pointer and sets the load.

    def _press(self, keys: Sequence[Key], real: int) -> None:
        self._clock.slow_down(real)
        if len(keys) == 1:
            self._keys_up_at[keys[0]] = None
            self._pressed_at[keys[0]] = real
        self._leave(self._wall.press(keys, self._clock.now(real)))

    def _paste(self, text: str, real: int) -> None:
        digits = "".join(text.split()).replace("-", "")
        if not digits or len(digits) > MOST_PASTED or not set(digits) <= DIGITS:
            self._tell(self.view.say(Caption.NOT_A_TOKEN), real)
            return
        self._press(tuple(Key(digit) for digit in digits), real)

    def _type(self, real: int) -> None:
        if self._typing.keys and real >= self._typing.due:
            key, *others = self._typing.keys
            self._typing = _Typing(tuple(others), max(self._typing.due, real - TYPING_PAUSE) + TYPING_PAUSE)
            try:
                self._press((key,), real)
            except FileError as error:
                self._typing = _Typing((), 0)
                self._tell(str(error), real)
            self._keys_up_at[key] = real + SHORTEST_PRESS

    def _folded(self, panel: SidePanel) -> tuple[SidePanel, ...]:
        """The open panels once one is folded, or opened before all others."""
        others = tuple(other for other in self.view.opened if other is not panel)
        area = layout_of((0, 0) if self._scene is None else self._scene[1].size, self.view).panels.get(panel)
        return others if area is not None and area.is_open else (*others, panel)

    def _buy(self, code: str) -> None:
        offer = next((offer for offer in self.view.counter.offers if offer.code == code), None)
        if self._shop is None or offer is None or self.view.counter.pending is not None:
            return
        buy, drn, amount = self._shop.buy, self.reading.plate.drn, offer.amount
        self._order(code, lambda: buy(drn, amount))

    def _ask_for_clearance(self) -> None:
        if self._shop is not None and self.view.counter.pending is None:
            clear, drn = self._shop.clear_tamper, self.reading.plate.drn
            self._order("", lambda: clear(drn))

    def _order(self, code: str, job: Callable[[], Answer]) -> None:
        self.view = self.view._replace(
            counter=self.view.counter._replace(pending=code, slip=None, refusal=None, is_in_meter=False)
        )
        self._clerk.order(job)

    def _serve(self) -> None:
        answer = self._clerk.answer()
        if answer is None:
            return
        slip = answer if isinstance(answer, Slip) else None
        refusal = answer.text if isinstance(answer, Refusal) else None
        self.view = self.view._replace(counter=self.view.counter._replace(pending=None, slip=slip, refusal=refusal))
        if isinstance(answer, NothingDue):
            return
        opened = self.view.opened
        if SidePanel.SHOP in opened:
            opened = (*(panel for panel in opened if panel is not SidePanel.SHOP), SidePanel.SHOP)
        self.view = self.view._replace(opened=opened)
        if slip is not None:
            self._compare_slip(self._left.state.last_token)


def _keys_from(line: str, token: str) -> tuple[Key, ...]:
    """What is to be pressed when ``line`` stands in the LCD and ``token`` is to be entered.

    >>> "".join(_keys_from("1299", "1234"))
    '<B><B>34<E>'
    """
    right = digits_right(line, token)
    return parse_keys(f"{'<B>' * (len(line) - right)}{token[right:]}<E>")


def _world_time(meter: Meter) -> Seconds:
    """The time elsewhere when the meter was last left; the service may have set its own clock ahead."""
    return meter.state.clock - meter.state.clock_offset
