"""Case: one request with all that the desk looks at to answer it: the connection's session, the time, what is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property

from meter_emu.sts.errors import StsError
from meter_emu.sts.numbers.drn import Drn
from pln_sim.gateway.messages import Message, ResponseCode, table
from pln_sim.gateway.objection import Objection
from pln_sim.gateway.sandbox_meter import Stage, TestMeter
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.reconciliation.decision import Decision
from pln_sim.reconciliation.result import Result
from pln_sim.storage import Reference, Registry, Storage
from pln_sim.vending.bill import Bill, Refusal
from pln_sim.vending.customer import Customer
from pln_sim.vending.money import format_kwh

RUPIAH_DECIMALS = 2
_CODE_OF_REFUSAL = {
    Refusal.BELOW_MINIMUM: ResponseCode.BELOW_MINIMUM,
    Refusal.NOTHING_LEFT: ResponseCode.BELOW_MINIMUM,
    Refusal.ABOVE_MAXIMUM: ResponseCode.ABOVE_MAXIMUM,
    Refusal.ABOVE_CEILING: ResponseCode.ABOVE_MAXIMUM,
}


@dataclass(frozen=True)
class Session:
    """What a connection is signed on as; None for not signed on."""

    switcher_id: str | None = None


@dataclass(frozen=True)
class Case:
    """A request with all that its checks look at."""

    request: Message
    session: Session
    now: datetime
    storage: Storage
    registry: Registry
    test_meters: Mapping[Drn, TestMeter]
    unit: VendingUnit

    @property
    def switcher_id(self) -> str:
        """The switching that the request names."""
        return self.request[table.SWITCHER_ID]

    @cached_property
    def meter(self) -> Drn:
        """The meter that the request names."""
        return Drn(self.request[table.METER_NUMBER])

    @cached_property
    def paid(self) -> int | None:
        """Cents; None for an amount finer than that."""
        try:
            return self.request[table.PURCHASE_AMOUNT].in_units(RUPIAH_DECIMALS)
        except ValueError:
            return None

    @cached_property
    def reference(self) -> Reference | None:
        """What is known of the reference that the request names."""
        number = self.request[table.PLN_REFERENCE]
        return self.storage.reference(number) or _forced(self.decision)

    @cached_property
    def customer(self) -> Customer | None:
        """Whose meter it is; None for an unknown one."""
        test_meter = self.test_meters.get(self.meter)
        return test_meter.customer if test_meter else self.storage.customer(self.meter)

    @cached_property
    def decision(self) -> Decision | None:
        """What reconciliation decided of that reference."""
        return self.storage.decision(self.request[table.PLN_REFERENCE])

    def provoked(self, stage: Stage) -> Objection | None:
        """What a test meter answers."""
        test_meter = self.test_meters.get(self.meter)
        code = test_meter.answer_at(stage) if test_meter else None
        return Objection(code, "a test meter") if code else None

    def bill(self) -> Bill | Objection:
        """What the amount buys now, or why it cannot. After the checks of meter and amount."""
        assert self.paid is not None
        assert self.customer is not None
        bought = self.storage.bought_in_month(self.meter, self.now)
        try:
            bill = self.unit.bill(self.customer, self.paid, self.now.date(), self.registry.tariffs, bought)
        except StsError as error:
            return Objection(ResponseCode.UNREGISTERED_CLIENT, str(error))
        if isinstance(bill, Bill):
            return bill
        so_far = f", {format_kwh(bought)} kWh are bought" if bill is Refusal.ABOVE_CEILING else ""
        return Objection(_CODE_OF_REFUSAL[bill], f"{bill.value} for {self.customer.tariff_and_power}{so_far}")


def _forced(decision: Decision | None) -> Reference | None:
    """The used reference of a sale that only a verdict knows of."""
    if decision is None or decision.result is not Result.FORCED:
        return None
    sold = decision.transaction
    return Reference(
        *(decision.reference, sold.switcher_id, sold.bank_code, Drn(sold.meter), sold.amount),
        expires_at=datetime.combine(decision.reconciled_on, time()),
        is_used=True,
    )
