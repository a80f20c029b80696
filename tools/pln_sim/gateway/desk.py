"""Desk: what the gateway answers (gateway specification 1.0.1, sections 3 and 4, attachment A). Pure over a Storage.

A request passes the checks of its type; the first one that objects names the response code. What passes all of them is
carried out. What must be remembered is in the storage when the answer is returned, and on disk before the reply may leave.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from meter_emu.sts.errors import StsError
from meter_emu.sts.numbers.drn import Drn
from pln_sim.gateway.case import RUPIAH_DECIMALS, Case, Session
from pln_sim.gateway.checks import CHECKS
from pln_sim.gateway.messages import ActionCode, Amount, Message, Mti, ResponseCode, table
from pln_sim.gateway.messages.table import LAYOUT_OF_REPLY_TO
from pln_sim.gateway.objection import Objection
from pln_sim.gateway.sandbox_meter import Stage, TestMeter
from pln_sim.gateway.vending_unit import VendingUnit
from pln_sim.reconciliation.decision import Decision
from pln_sim.reconciliation.result import Result
from pln_sim.storage import Reference, Registry, Sale, Storage
from pln_sim.vending.customer import Customer

_KWH_DECIMALS = 2

__all__ = ["Answer", "Desk", "Session"]


@dataclass(frozen=True)
class Answer:
    """The reply to a request, and the connection's session from then on."""

    reply: Message
    session: Session
    why: str | None = None
    """Why it was refused, for the log."""


class Desk:
    """The gateway's decisions.

    ``registry`` serves until the first answer, then the storage's own. ``new_reference`` makes 32 upper-case hexadecimal
    digits nobody can guess, ``new_rnd`` a token's random number, 0 to 15. With ``honest_bit_map`` an Inquiry Response does not
    announce the field 15 it lacks. ``tariff_index`` is that of a meter's key if an upgrade has changed it.
    """

    def __init__(
        self,
        registry: Registry,
        test_meters: Mapping[Drn, TestMeter],
        unit: VendingUnit,
        new_reference: Callable[[], str],
        new_rnd: Callable[[], int],
        *,
        honest_bit_map: bool = False,
        tariff_index: Callable[[Storage, Customer], str | None] = lambda storage, customer: None,
    ) -> None:
        self._registry = registry
        self._test_meters = test_meters
        self._unit = unit
        self._new_reference = new_reference
        self._new_rnd = new_rnd
        self._honest_bit_map = honest_bit_map
        self._tariff_index = tariff_index
        self._acts: Mapping[Mti, Callable[[Case], Answer]] = {
            Mti.NETWORK_REQUEST: self._manage,
            Mti.INQUIRY_REQUEST: self._inquire,
            Mti.PURCHASE_REQUEST: self._purchase,
            Mti.ADVICE_REQUEST: self._advise,
            Mti.ADVICE_REPEAT_REQUEST: self._advise,
        }

    def answer(self, request: Message, session: Session, now: datetime, storage: Storage) -> Answer:
        """The answer to a message, and what ``storage`` must remember for it.

        A message that is no request is improper from a switching and is its own answer, untouched.
        """
        if request.mti not in LAYOUT_OF_REPLY_TO:
            return Answer(request, session)
        self._registry = storage.registry()
        case = Case(request, session, now, storage, self._registry, self._test_meters, self._unit)
        for check in CHECKS[request.mti]:
            if objection := check(case):
                return self._refused(case, objection)
        answer = self._acts[request.mti](case)
        return replace(answer, reply=answer.reply.with_honest_bit_map()) if self._honest_bit_map else answer

    def refuse(self, request: Message, code: ResponseCode, now: datetime) -> Message:
        """The reply to a request that says nothing but ``code``."""
        has_settlement = table.SETTLEMENT_DATE in LAYOUT_OF_REPLY_TO[request.mti].always
        values = {table.SETTLEMENT_DATE.name: self._registry.settlement_date(now)} if has_settlement else {}
        reply = request.reply(code, **values)
        return reply.with_honest_bit_map() if self._honest_bit_map else reply

    def _manage(self, case: Case) -> Answer:
        sessions = {
            ActionCode.SIGN_ON: Session(case.switcher_id),
            ActionCode.SIGN_OFF: Session(),
            ActionCode.ECHO_TEST: case.session,
        }
        return Answer(case.request.reply(ResponseCode.SUCCESSFUL), sessions[case.request[table.ACTION_CODE]])

    def _inquire(self, case: Case) -> Answer:
        assert case.paid is not None
        reference = Reference(
            number=self._new_reference(),
            switcher_id=case.switcher_id,
            bank_code=case.request[table.BANK_CODE],
            meter=case.meter,
            paid=case.paid,
            expires_at=case.now + timedelta(seconds=case.registry.reference_seconds),
        )
        case.storage.add_reference(reference)
        return Answer(case.request.reply(ResponseCode.SUCCESSFUL, pln_reference=reference.number), case.session)

    def _purchase(self, case: Case) -> Answer:
        sale = self._sell(case)
        if isinstance(sale, Objection):
            return self._refused(case, sale)
        case.storage.add_sale(sale)
        if objection := case.provoked(Stage.SOLD):
            return self._refused(case, objection)
        return Answer(_success(case.request, sale), case.session)

    def _advise(self, case: Case) -> Answer:
        number, decision = case.request[table.PLN_REFERENCE], case.decision
        result = decision and decision.result
        # What was cancelled is nobody's any more, though it was sold; what was forced is the customer's, though it was not.
        if result is not Result.CANCELLED and (sale := case.storage.sale(number)):
            return Answer(_success(case.request, sale), case.session)
        if decision and result is Result.FORCED:
            return Answer(_success_of_forced(case.request, decision, case.customer), case.session)
        case.storage.bury(number)
        why = "reconciliation has cancelled it" if result is Result.CANCELLED else "nothing was bought with this reference"
        return self._refused(case, Objection(ResponseCode.NOT_FOUND, why))

    def _refused(self, case: Case, objection: Objection) -> Answer:
        return Answer(self.refuse(case.request, objection.code, case.now), case.session, objection.why)

    def _sell(self, case: Case) -> Sale | Objection:
        """The sale, not yet remembered; the token is made last, when nothing else can go wrong."""
        request, storage, customer = case.request, case.storage, case.customer
        assert customer is not None
        bill = case.bill()
        if isinstance(bill, Objection):
            return bill
        base_date = self._unit.base_date(case.meter)
        try:
            tids = storage.free_tids(case.meter, base_date, self._unit.wanted_tid(case.meter, case.now))
            if not tids:
                return Objection(ResponseCode.UNREGISTERED_CLIENT, "no TID is left")
            tariff_index = self._tariff_index(storage, customer)
            issued = self._unit.token(case.meter, bill.kwh, tids[0], self._new_rnd(), tariff_index)
        except StsError as error:
            return Objection(ResponseCode.UNREGISTERED_CLIENT, str(error))
        return Sale(
            serial=storage.next_serial(),
            reference=request[table.PLN_REFERENCE],
            switcher_id=case.switcher_id,
            bank_code=request[table.BANK_CODE],
            merchant_category=str(request[table.MERCHANT_CATEGORY]),
            trace_number=request[table.TRACE_NUMBER],
            receipt_reference=request[table.RECEIPT_REFERENCE],
            local_time=request[table.LOCAL_TIME],
            sold_at=case.now,
            settled_on=case.registry.settlement_date(case.now),
            meter=case.meter,
            name=customer.name,
            tariff=customer.tariff,
            va=customer.va,
            paid=bill.paid,
            admin=bill.admin,
            stamp_duty=bill.stamp_duty,
            vat=bill.vat,
            ppj=bill.ppj,
            instalment=bill.instalment,
            stroom=bill.stroom,
            kwh=bill.kwh,
            base_date=base_date,
            tid=int(tids[0]),
            token=issued.digits,
        )


def _success(request: Message, sale: Sale) -> Message:
    """The reply that tells of a sale; the same for a purchase and for every advice."""

    def rupiah(cents: int) -> Amount:
        return Amount(cents, RUPIAH_DECIMALS)

    return request.reply(
        ResponseCode.SUCCESSFUL,
        settlement_date=sale.settled_on,
        vending_receipt=f"{sale.receipt:08}",
        subscriber_name=sale.name,
        segmentation=sale.tariff,
        power_category=sale.va,
        admin_charge=rupiah(sale.admin),
        stamp_duty=rupiah(sale.stamp_duty),
        value_added_tax=rupiah(sale.vat),
        lighting_tax=rupiah(sale.ppj),
        instalment=rupiah(sale.instalment),
        power_purchase=rupiah(sale.stroom),
        energy=Amount(sale.kwh * 10 ** (_KWH_DECIMALS - 1), _KWH_DECIMALS),
        token=sale.token,
    )


def _success_of_forced(request: Message, decision: Decision, customer: Customer | None) -> Message:
    """The reply that tells of a sale which a verdict alone knows of: it has no receipt number here, and the reconciliation's
    day is its settlement date."""
    sold = decision.transaction
    return request.reply(
        ResponseCode.SUCCESSFUL,
        settlement_date=decision.reconciled_on,
        vending_receipt=f"{0:08}",
        subscriber_name=customer.name if customer else "",
        segmentation=customer.tariff if customer else "",
        power_category=customer.va if customer else 0,
        token=sold.token,
        **{name: Amount(value, RUPIAH_DECIMALS) for name, value in sold.parts.items()},
    )
