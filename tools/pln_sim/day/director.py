"""The scenes of the day, from before sunrise to the cut-off. What is faulty is faulty for real: the gateway's own faults by
test meters, a kill -9 in the middle of a sale, a gateway that is gone."""

import re
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from importlib.resources import files
from types import TracebackType
from typing import Any, Self

from pln_sim.day.cast import (
    FURTHER_TEST_METERS,
    KILLED,
    KIOSKS,
    LAST,
    LAST_AT_A_KIOSK,
    PIN,
    SILENT_AT_THE_BANK,
    UPGRADED,
    WRONG_PIN,
    Customer,
    Kiosk,
    Order,
    Plan,
)
from pln_sim.day.errors import DayStopped
from pln_sim.day.house import PATIENCE_SECONDS, House, Served, ask
from pln_sim.day.meters import Meters
from pln_sim.day.story import Story, Tone
from pln_sim.reseller.book import FILE_NAME as BOOK_FILE
from pln_sim.reseller.book import Book
from pln_sim.reseller.pin import SALT_BYTES, hash_pin
from pln_sim.storage import FILE_NAME as DEPOT_FILE
from pln_sim.storage import open_depot
from pln_sim.vending.money import CENTS, format_rupiah

CUT_OFF = time_of_day(22, 0, 0)
CUT_OFF_SECONDS = 1800
_BUILT_IN_CUT_OFF = ("cut_off = 23:59:59", "cut_off_seconds = 0\n")
_SOLD = re.compile(r" BERHASIL .*SN:([0-9]{20})")
_BUYERS = 12
_WAVE = 4
"""Orders at once in the morning."""
_LATE = 1.4
"""How late a late reply is, in waits: when the advice is under way."""
_LOOK_SECONDS = 0.02
_UPGRADE_VA = 3500


@dataclass
class Purchase:
    """What a customer asked for and saw."""

    at: datetime
    customer: Customer
    where: str
    """The kiosk, or the bank."""
    wanted: str
    """The product, or the rupiah."""
    saw: str
    """What was answered, word for word."""
    token: str | None = None
    fault: str = ""
    later: str = ""
    """What became of it after the day."""
    lcd: str = ""
    """What the meter showed."""


@dataclass
class Cast:
    """What a day is played with. ``wait`` is how long the switching waits for each reply, in seconds."""

    date: date
    plan: Plan
    meters: Meters
    seed: int
    wait: float


@dataclass
class Director:
    """Plays the day in a house. A context manager, which lets go of its threads."""

    cast: Cast
    house: House
    story: Story
    purchases: list[Purchase] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(_BUYERS)
        self._gateway: Served | None = None
        self.reseller: Served | None = None
        self._configuration = self.house.folder / "gateway.toml"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self.house.__exit__(None, None, None)  # whoever waits for a process waits no longer
        self._threads.shutdown()

    def play(self) -> None:
        """All scenes. DayStopped if one cannot be played."""
        for hour, minute, scene in (
            (6, 0, self.before_sunrise),
            (7, 0, self.morning),
            (9, 30, self.bad_line),
            (11, 15, self.kill),
            (13, 0, self.bank),
            (16, 0, self.upgrade),
            (21, 50, self.evening),
            (22, 1, self.cut_off),
        ):
            self.house.clock.jump(datetime.combine(self.cast.date, time_of_day(hour, minute)))
            scene()

    # --- The scenes -----------------------------------------------------------------------------------------------------------

    def before_sunrise(self) -> None:
        """Everything opens."""
        self.story.begin("Before sunrise", "PLN's gateway opens, the kiosks pay in, the reseller opens, and the meters hang.")
        text = files("pln_sim.gateway").joinpath("gateway.toml").read_text("utf-8")
        for line, wanted in zip(
            _BUILT_IN_CUT_OFF, (f"cut_off = {CUT_OFF}", f"cut_off_seconds = {CUT_OFF_SECONDS}\n"), strict=True
        ):
            text = text.replace(line, wanted, 1)
        self._configuration.write_text(text + FURTHER_TEST_METERS, "utf-8")
        self._open_gateway("--config", str(self._configuration))
        self.story.tell("PLN", f"the gateway listens; cut-off today at {CUT_OFF:%H:%M}")
        with Book(self.house.home / BOOK_FILE) as book:
            for kiosk in KIOSKS:
                book.open_account(
                    kiosk.number, hash_pin(PIN, f"{kiosk.number:<{SALT_BYTES}}".encode()[:SALT_BYTES]), self._now()
                )
                book.deposit(kiosk.number, kiosk.deposit, self._now())
                self.story.tell(kiosk.name, f"pays in {format_rupiah(kiosk.deposit)}")
        self.reseller = self.house.serve(
            *("reseller", "serve", "--gateway", self.gateway.address, "--wait", f"{self.cast.wait}"),
            *("--buyers", f"{_BUYERS}", "--log-level", "warning"),
        )
        self.story.tell("Reseller", "takes text messages of the form KODE.NoKartuKWH.PIN")
        self.cast.meters.install(self.cast.plan.meters, self._now())
        self.story.tell("PLN", f"{len(self.cast.plan.meters)} prepaid meters are on their walls")

    def morning(self) -> None:
        """Many orders at once, one of them delivered twice, and what kiosks get wrong."""
        self.story.begin(
            "The morning rush",
            "Orders from all kiosks at once; each token is keyed in at home. "
            "A Saldo leaves out what is held for other orders on their way, so it may seem low or out of order.",
        )
        orders = self.cast.plan.morning
        twice = orders[0]
        for wave in range(0, len(orders), _WAVE):
            some = orders[wave : wave + _WAVE]
            answers = self._order_all([*some, *([] if wave else [twice])])
            for order, answer in zip(some, answers, strict=False):
                self._saw(order, answer)
            if not wave:
                self._told_of_two(twice, answers[0], answers[-1])
            self._pass(minutes=20)
        first = orders[1]
        self.story.tell(first.kiosk.name, "mistypes the PIN", self.send(first.kiosk, first.text(WRONG_PIN)), tone=Tone.BAD)
        poor = Order(KIOSKS[-1], first.customer, "PL100")
        self._saw(poor, self.send(poor.kiosk, poor.text()))
        self.key_in(self.purchases)

    def _told_of_two(self, order: Order, answer: str, again: str) -> None:
        is_one = again.partition(" Saldo")[0] == answer.partition(" Saldo")[0]
        what = f"the telephone network delivers {order.code} for {order.customer.name} twice"
        self.story.tell(order.kiosk.name, what, again, "one token, paid once" if is_one else "", tone=Tone.FAULT)

    def bad_line(self) -> None:
        """Every fault of the line, side by side."""
        self.story.begin(
            "A bad line", "Replies are lost, late or garbled, and connections break, each in the middle of a sale."
        )
        for _, trouble in self.cast.plan.troubles:
            self.story.tell(f"{trouble.customer.name}'s order", f"{trouble.fault}: {trouble.happens}", tone=Tone.FAULT)
        answers = self._order_all([order for order, _ in self.cast.plan.troubles])
        begun = len(self.purchases)
        for (order, trouble), answer in zip(self.cast.plan.troubles, answers, strict=True):
            self._saw(order, answer, fault=trouble.fault)
        self.key_in(self.purchases[begun:])

    def kill(self) -> None:
        """kill -9, when the token is sold and the reply is not out."""
        self.story.begin("kill -9", "The gateway's process dies between the sale and its reply, and is started again.")
        order = Order(KIOSKS[0], KILLED, "PL50")
        sold = self._sales()
        waiting = self._threads.submit(self.send, order.kiosk, order.text())
        self._until(lambda: self._sales() > sold)
        self.gateway.kill()
        self.story.tell("PLN", "kill -9: the sale is on disk, the reply is not out", tone=Tone.FAULT)
        self._open_gateway("--config", str(self._configuration), listen=self.gateway.address)
        self.story.tell("PLN", "the gateway is up again, at the same address")
        answer = waiting.result()
        if _SOLD.search(answer) is None:
            self.story.tell("Reseller", "asks for the advice that is due", answer, tone=Tone.WAIT)
            self.house.run(
                "reseller", "resume", "--gateway", self.gateway.address, "--wait", f"{self.cast.wait}", may_fail=True
            )
            answer = self.send(order.kiosk, f"REPEAT.{order.meter}.{PIN}")
        self._saw(order, answer, fault="kill -9")
        self.key_in(self.purchases[-1:])

    def bank(self) -> None:
        """Purchases without a reseller, one of them into silence."""
        self.story.begin("At the bank", "A bank buys as a switching does, with no reseller in between.")
        begun = len(self.purchases)
        wanted = [*self.cast.plan.at_the_bank, (SILENT_AT_THE_BANK, 100_000)]
        results = [self._threads.submit(self._buy, customer, rupiah) for customer, rupiah in wanted]
        for (customer, rupiah), result in zip(wanted, results, strict=True):
            self._saw_at_the_bank(customer, rupiah, result.result(), "silence" if customer is SILENT_AT_THE_BANK else "")
        self.key_in(self.purchases[begun:])

    def upgrade(self) -> None:
        """More power for a customer, with the tokens that tell the meter, between two purchases."""
        self.story.begin("More power", "A customer has the contract upgraded, with an e-voucher from the marketplace.")
        meter = UPGRADED.meter
        self._buy_and_key_in(Order(KIOSKS[0], UPGRADED, "PL20"))
        self._pass(minutes=15)
        vouchers = self.house.run("upgrade", "voucher", meter, "ORDER-1", may_fail=True)
        with_voucher = [word for voucher in vouchers for word in ("--voucher", voucher["voucher"])]
        for voucher in vouchers:
            self.story.tell(
                "Marketplace", f"an e-voucher for {UPGRADED.name}: {voucher['promotion']}, {rupiah(voucher['price'])}"
            )
        (made,) = self.house.run("upgrade", meter, "--va", f"{_UPGRADE_VA}", *with_voucher)
        contracts = f"{made['old_tariff']}/{made['old_va']} VA to {made['tariff']}/{made['va']} VA"
        self.story.tell(
            "PLN", f"{UPGRADED.name} goes from {contracts}, for {rupiah(made['paid'])} instead of {rupiah(made['fee'])}"
        )
        self.story.tell(UPGRADED.name, f"keys in {len(made['tokens'])} tokens: the new key of the tariff, then the power limit",
                        *(self._keyed(meter, token) for token in made["tokens"]), tone=Tone.GOOD)  # fmt: skip
        self._pass(minutes=15)
        self._buy_and_key_in(Order(KIOSKS[0], UPGRADED, "PL50"))

    def evening(self) -> None:
        """The gateway is gone before the advice of the last purchases."""
        about = "Two tokens are sold, their replies are lost, and the gateway goes down for maintenance."
        self.story.begin("The last purchases", about)
        order, sold = Order(KIOSKS[1], LAST_AT_A_KIOSK, "PLA50"), self._sales()
        waiting = self._threads.submit(self._buy, LAST, 50_000)
        self._until(lambda: self._sales() > sold)
        kiosk_waits = self._threads.submit(self.send, order.kiosk, order.text())
        self._until(lambda: self._sales() > sold + 1)
        self.gateway.terminate()
        self.story.tell("PLN", "the gateway is stopped: no advice can be had today", tone=Tone.FAULT)
        self._saw_at_the_bank(LAST, 50_000, waiting.result(), "gateway gone")
        self._saw(order, kiosk_waits.result(), fault="gateway gone")
        self._open_gateway(listen=self.gateway.address)

    def cut_off(self) -> None:
        """Nothing is sold any more."""
        self.story.begin("Cut-off", "The day's account is closed.")
        order = self.cast.plan.morning[2]._replace(code="PL150")
        self._saw(order, self.send(order.kiosk, order.text()))

    # --- What all of them need ------------------------------------------------------------------------------------------------

    @property
    def gateway(self) -> Served:
        """PLN's gateway."""
        assert self._gateway is not None
        return self._gateway

    def key_in(self, purchases: Iterable[Purchase]) -> None:
        """Everybody who has a token goes home and keys it in."""
        entered = 0
        self._pass(minutes=15)
        for purchase in purchases:
            if purchase.token is not None and not purchase.lcd:
                keyed = self.cast.meters.enter(purchase.customer.meter, purchase.token, self._now())
                purchase.lcd = " | ".join(keyed.lcd)
                if not keyed.is_accepted:
                    raise DayStopped(f"meter {purchase.customer.meter} refused a token that was paid: {purchase.lcd}")
                entered += 1
        if entered:
            last = next(purchase for purchase in reversed(self.purchases) if purchase.lcd)
            what = f"{entered} token{'s' * (entered != 1)} keyed in, every meter says BENAR"
            self.story.tell("At home", what, f"{last.customer.name}: {last.lcd}", tone=Tone.GOOD)

    def _buy_and_key_in(self, order: Order) -> None:
        self._saw(order, self.send(order.kiosk, order.text()))
        self.key_in(self.purchases[-1:])

    def _keyed(self, meter: str, token: str) -> str:
        keyed = self.cast.meters.enter(meter, token, self._now())
        if not keyed.is_accepted:
            raise DayStopped(f"meter {meter} refused a token of its upgrade: {' | '.join(keyed.lcd)}")
        return f"{grouped(token)}  {' | '.join(keyed.lcd)}"

    def _order_all(self, orders: Iterable[Order]) -> list[str]:
        """The answers to orders that are sent at once; they come in another order."""
        sent: list[Future[str]] = [self._threads.submit(self.send, order.kiosk, order.text()) for order in orders]
        return [each.result() for each in sent]

    def send(self, kiosk: Kiosk, text: str) -> str:
        """The answer to a text message of a kiosk."""
        assert self.reseller is not None
        return ask(self.reseller.address, f"{kiosk.number} {text}")

    def _buy(self, customer: Customer, rupiah: int) -> dict[str, Any]:
        where = ("--gateway", self.gateway.address, "--wait", f"{self.cast.wait}")
        (result,) = self.house.run("buy", customer.meter, f"{rupiah}", *where, may_fail=True) or [{}]
        if "outcome" not in result:
            raise DayStopped(f"the purchase for meter {customer.meter} ended without a word")
        return result

    def _saw(self, order: Order, answer: str, fault: str = "") -> None:
        sold = _SOLD.search(answer)
        token = sold[1] if sold else None
        purchase = Purchase(self._now(), order.customer, order.kiosk.name, order.code, answer, token, fault)
        self.purchases.append(purchase)
        tone = Tone.GOOD if token else Tone.WAIT if " PENDING " in answer else Tone.BAD
        self.story.tell(order.kiosk.name, f"{order.code} for {order.customer.name}", answer, tone=tone)

    def _saw_at_the_bank(self, customer: Customer, rupiah: int, result: dict[str, Any], fault: str) -> None:
        token, wanted = result["sale"] and result["sale"]["token"], format_rupiah(rupiah * CENTS)
        outcome = "suspect, the advice is still due" if result["open"] else result["outcome"]
        saw = f"{outcome}: {result['sale']['energy']} kWh, token {grouped(token)}" if token else outcome
        self.purchases.append(Purchase(self._now(), customer, "Bank", wanted, saw, token, fault))
        self.story.tell("Bank", f"{wanted} for {customer.name}", saw, tone=Tone.GOOD if token else Tone.WAIT)

    def _open_gateway(self, *options: str, listen: str = "127.0.0.1:0") -> None:
        faults = ("--seed", f"{self.cast.seed}", "--late-seconds", f"{_LATE * self.cast.wait:g}")
        self._gateway = self.house.serve("gateway", *faults, *options, "--log-level", "warning", listen=listen)

    def _sales(self) -> int:
        with open_depot(self.house.home / DEPOT_FILE) as depot:
            return depot.run(lambda storage: storage.next_serial())

    def _until(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            if time.monotonic() > deadline:
                raise DayStopped("the gateway sold nothing")
            time.sleep(_LOOK_SECONDS)

    def _pass(self, minutes: int) -> None:
        """Some time passes in which nothing is under way."""
        self.house.clock.jump(self._now() + timedelta(minutes=minutes))

    def _now(self) -> datetime:
        return self.house.clock.now()


def rupiah(decimal: str) -> str:
    """What a command writes as 20000.00, as people read it."""
    return format_rupiah(int(Decimal(decimal) * CENTS))


def grouped(token: str) -> str:
    """As people read it."""
    return " ".join(re.findall("....", token))
