"""Who buys what on that day, where, and what goes wrong. Everything here follows from a seed.

>>> plan = Plan.of(7)
>>> plan == Plan.of(7), len({order.meter for order in plan.morning}) > 3
(True, True)
"""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import NamedTuple

MORNING_ORDERS = 12
PIN = "2468"
WRONG_PIN = "1111"
FIRST_DAY, LAST_DAY = date(2017, 5, 1), date(2045, 11, 20)
"""The days that can be played: the built-in tariffs have a price for every customer from the one on, and soon after the other
the TIDs of base date 2014 end."""
CODES = ("PLN20", "PL20", "PL50", "PL75", "PL100", "PLA20", "PLA50")
"""What people buy at kiosks."""


class Kiosk(NamedTuple):
    """A shop with a telephone."""

    name: str
    number: str
    deposit: int
    """Cents, paid in before the day."""


class Customer(NamedTuple):
    """Somebody with a meter."""

    name: str
    meter: str


class Trouble(NamedTuple):
    """A customer whose reply meets a fault of the line, which a test meter of the gateway provokes."""

    customer: Customer
    fault: str
    happens: str


class Order(NamedTuple):
    """An order at a kiosk."""

    kiosk: Kiosk
    customer: Customer
    code: str

    @property
    def meter(self) -> str:
        """For which meter."""
        return self.customer.meter

    def text(self, pin: str = PIN) -> str:
        """The text message."""
        return f"{self.code}.{self.meter}.{pin}"


KIOSKS = (
    Kiosk("Warung Bu Ani", "081234567801", 150_000_000),
    Kiosk("Kios Pak Darma", "081234567802", 120_000_000),
    Kiosk("Toko Sumber Rejeki", "081234567803", 150_000_000),
    Kiosk("Konter Melati", "081234567804", 5_000_000),
)
CUSTOMERS = (
    Customer("Budi Santoso", "14100000018"),
    Customer("Agus Wijaya", "14100000034"),
    Customer("Dewi Lestari", "14100000042"),
    Customer("Rina Marlina", "14100000075"),
    Customer("Tan Mei Ling", "14100000083"),
    Customer("H. Abdullah", "14100000091"),
    Customer("Toko Maju Jaya", "14100000117"),
    Customer("Kantor Kelurahan", "14100000133"),
)
UPGRADED = Customer("Putu Adi", "14100000059")
AT_THE_BANK = (Customer("Siti Aminah", "14100000026"), Customer("PT Sinar Terang", "14100000125"))
TROUBLES = (
    Trouble(Customer("Wayan", "99000300014"), "lost reply", "the token is sold, and the 2210 that says so is lost"),
    Trouble(Customer("Nengah", "99000300022"), "two lost replies", "neither the 2210 nor the first advice's answer arrives"),
    Trouble(Customer("Ketut", "99000300048"), "late reply", "the 2210 comes after its time, when the advice is under way"),
    Trouble(Customer("Kadek", "99000300055"), "cut before", "the line breaks before PLN has carried the 2200 out"),
    Trouble(Customer("Gede", "99000300063"), "cut after", "the line breaks after the sale, before the 2210"),
    Trouble(Customer("Komang", "99000300071"), "slow bytes", "the 2210 comes byte by byte"),
    Trouble(Customer("Luh", "99000300089"), "garbage", "random bytes come in place of the 2210"),
    Trouble(Customer("Made", "99000300030"), "silence", "the token is sold, and no answer arrives, three advices long"),
)
KILLED = Customer("Nyoman", "99000300113")
SILENT_AT_THE_BANK = Customer("Ni Putu", "99000300121")
LAST = Customer("Iluh", "99000300139")
LAST_AT_A_KIOSK = Customer("Putri", "99000300147")
FURTHER_TEST_METERS = f"""
[[test_meter]]
meter = "{KILLED.meter}"
fault = "lost-reply"

[[test_meter]]
meter = "{SILENT_AT_THE_BANK.meter}"
fault = "lost-reply"
on = ["2200", "2220", "2221"]

[[test_meter]]
meter = "{LAST.meter}"
fault = "lost-reply"

[[test_meter]]
meter = "{LAST_AT_A_KIOSK.meter}"
fault = "lost-reply"
"""
"""What the gateway is told beside what it knows by itself."""


@dataclass(frozen=True)
class Plan:
    """What people want."""

    morning: tuple[Order, ...]
    troubles: tuple[tuple[Order, Trouble], ...]
    at_the_bank: tuple[tuple[Customer, int], ...]
    """Rupiah at the counter of a bank, which buys without a reseller."""

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        draw = Random(seed)
        rich = KIOSKS[:3]
        pairs = draw.sample([(customer, code) for customer in CUSTOMERS for code in CODES], MORNING_ORDERS)
        morning = tuple(Order(draw.choice(rich), customer, code) for customer, code in pairs)
        troubles = tuple(
            (Order(rich[place % 3], each.customer, draw.choice(CODES)), each) for place, each in enumerate(TROUBLES)
        )
        at_the_bank = tuple((customer, draw.choice((50_000, 100_000, 200_000))) for customer in AT_THE_BANK)
        return cls(morning, troubles, at_the_bank)

    @property
    def meters(self) -> list[str]:
        """All meters of the day."""
        unlucky = [*(each.customer for each in TROUBLES), KILLED, SILENT_AT_THE_BANK, LAST, LAST_AT_A_KIOSK]
        return sorted({customer.meter for customer in (*CUSTOMERS, *AT_THE_BANK, UPGRADED, *unlucky)})
