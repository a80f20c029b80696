"""Checks: what can be wrong with a request, in the order it is looked at; the first objection is the response code.

Attachment A lists the codes and not their order. Here the form comes first, then who asks, then what for, then the reference;
so nobody learns anything about a meter or a reference before having signed on. Where the document is silent or at odds with
itself, this is what is done:

- An echo test needs no sign-on; a sign-off does. A connection is signed on as one switching, the last one that did.
- An advice is answered during cut-off too, and whatever the meter, amount or tariff are by now: it only tells what was.
- A reference is bound to switching and bank code (0097 if they differ) and to meter and amount (0098 if they differ: it is
  not valid for them). Neither uses it up, and neither lets anyone else kill it.
- A purchase with a reference that never was, that has expired, was used, or is dead: 0098.
- An advice on a reference that bought nothing, or never was: 0096. It is dead from then on, so a late purchase gets 0098.
- The settlement date in an advice is that of the sale, not that of the advice.
- What reconciliation decided counts: a cancelled purchase was not sold (0096), a forced one was.
- Too few rupiah for any power at all are below the minimum; more kWh than the month still has are above the maximum.
- A meter for which the vending unit has no rate, no key or no TID left: 0034.

>>> [check.__name__ for check in CHECKS[Mti.NETWORK_REQUEST]]
['has_fault', 'is_strange', 'signs_off_unsigned']
"""

from collections.abc import Callable, Mapping

from pln_sim.gateway.case import Case
from pln_sim.gateway.messages import ActionCode, Mti, ResponseCode, table
from pln_sim.gateway.objection import Objection
from pln_sim.gateway.sandbox_meter import Stage
from pln_sim.vending.bill import Bill

Check = Callable[[Case], Objection | None]


def has_fault(case: Case) -> Objection | None:
    """0030: a value breaks the table's rule."""
    fault = case.request.fault
    return Objection(ResponseCode.INVALID_MESSAGE, str(fault)) if fault else None


def is_strange(case: Case) -> Objection | None:
    """0032: no such switching is registered."""
    return None if case.switcher_id in case.registry.switchings else _STRANGE


def is_not_signed_on(case: Case) -> Objection | None:
    """0011: the connection is not signed on as this switching."""
    return None if case.session.switcher_id == case.switcher_id else _NOT_SIGNED_ON


def signs_off_unsigned(case: Case) -> Objection | None:
    """0011: there is nothing to sign off."""
    return is_not_signed_on(case) if case.request[table.ACTION_CODE] is ActionCode.SIGN_OFF else None


def has_strange_bank(case: Case) -> Objection | None:
    """0031: the bank code is not registered with this switching."""
    bank_codes = case.registry.switchings[case.switcher_id].bank_codes
    return None if case.request[table.BANK_CODE] in bank_codes else _STRANGE_BANK


def has_strange_product(case: Case) -> Objection | None:
    """0033: the PAN is no product that is sold here."""
    return None if case.request[table.PAN] in case.registry.products else _STRANGE_PRODUCT


def comes_at_cut_off(case: Case) -> Objection | None:
    """0090: cut-off is in progress."""
    return _CUT_OFF if case.registry.is_cutting_off(case.now) else None


def has_unknown_meter(case: Case) -> Objection | None:
    """0015: nobody's meter."""
    return None if case.customer else _UNKNOWN_METER


def is_provoked_inquiry(case: Case) -> Objection | None:
    """Any code: a test meter."""
    return case.provoked(Stage.INQUIRY)


def is_provoked_purchase(case: Case) -> Objection | None:
    """Any code: a test meter."""
    return case.provoked(Stage.PURCHASE)


def has_wrong_amount(case: Case) -> Objection | None:
    """0041 or 0042: outside of the gateway's limits; 0030: finer than a cent."""
    paid = case.paid
    if paid is None:
        return _TOO_FINE
    if paid < case.registry.minimum:
        return _BELOW_MINIMUM
    return _ABOVE_MAXIMUM if paid > case.registry.maximum else None


def cannot_be_billed(case: Case) -> Objection | None:
    """0034, 0041 or 0042: the vending unit cannot serve the meter, or the tariff forbids the sale."""
    bill = case.bill()
    return None if isinstance(bill, Bill) else bill


def has_no_valid_reference(case: Case) -> Objection | None:
    """0098: no inquiry was given this reference."""
    return None if case.reference else _UNKNOWN_REFERENCE


def was_never_inquired(case: Case) -> Objection | None:
    """0096: no inquiry was given this reference."""
    return None if case.reference else _NEVER_INQUIRED


def is_of_another_party(case: Case) -> Objection | None:
    """0097: the inquiry came from another switching or bank."""
    reference = case.reference
    asked = case.switcher_id, case.request[table.BANK_CODE]
    bound = reference and (reference.switcher_id, reference.bank_code)
    return None if asked == bound else _OTHER_PARTY


def is_another_order(case: Case) -> Objection | None:
    """0098: the inquiry was for another meter or amount."""
    reference = case.reference
    bound = reference and (reference.meter, reference.paid)
    return None if (case.meter, case.paid) == bound else _OTHER_ORDER


def cannot_buy(case: Case) -> Objection | None:
    """0098: used, expired or dead."""
    reference = case.reference
    if reference and reference.can_buy(case.now):
        return None
    return _USED if reference and reference.is_used else _DEAD if reference and reference.is_dead else _EXPIRED


_STRANGE = Objection(ResponseCode.UNREGISTERED_SWITCHING, "no such switching")
_NOT_SIGNED_ON = Objection(ResponseCode.NEED_TO_SIGN_ON, "the connection is not signed on as this switching")
_STRANGE_BANK = Objection(ResponseCode.UNREGISTERED_BANK_CODE, "the bank code is not registered with this switching")
_STRANGE_PRODUCT = Objection(ResponseCode.UNREGISTERED_PRODUCT, "no such product")
_CUT_OFF = Objection(ResponseCode.CUT_OFF, "cut-off is in progress")
_UNKNOWN_METER = Objection(ResponseCode.UNKNOWN_METER, "nobody's meter")
_TOO_FINE = Objection(ResponseCode.INVALID_MESSAGE, "the amount is finer than a cent")
_BELOW_MINIMUM = Objection(ResponseCode.BELOW_MINIMUM, "below the gateway's minimum")
_ABOVE_MAXIMUM = Objection(ResponseCode.ABOVE_MAXIMUM, "above the gateway's maximum")
_UNKNOWN_REFERENCE = Objection(ResponseCode.INVALID_REFERENCE, "no inquiry was given this reference")
_NEVER_INQUIRED = Objection(ResponseCode.NOT_FOUND, "no inquiry was given this reference")
_OTHER_PARTY = Objection(ResponseCode.NOT_AS_INQUIRED, "the inquiry came from another switching or bank")
_OTHER_ORDER = Objection(ResponseCode.INVALID_REFERENCE, "the inquiry was for another meter or amount")
_USED = Objection(ResponseCode.INVALID_REFERENCE, "the reference is used")
_DEAD = Objection(ResponseCode.INVALID_REFERENCE, "the reference is dead: an advice was told that nothing was bought")
_EXPIRED = Objection(ResponseCode.INVALID_REFERENCE, "the reference has expired")
_PARTY: tuple[Check, ...] = (has_fault, is_strange, is_not_signed_on, has_strange_bank, has_strange_product)
_BOUND: tuple[Check, ...] = (is_of_another_party, is_another_order)
_ADVICE: tuple[Check, ...] = (*_PARTY, was_never_inquired, *_BOUND)
CHECKS: Mapping[Mti, tuple[Check, ...]] = {
    Mti.NETWORK_REQUEST: (has_fault, is_strange, signs_off_unsigned),
    Mti.INQUIRY_REQUEST: (
        *(*_PARTY, comes_at_cut_off, has_unknown_meter),
        *(is_provoked_inquiry, has_wrong_amount, cannot_be_billed),
    ),
    Mti.PURCHASE_REQUEST: (
        *(*_PARTY, comes_at_cut_off, has_unknown_meter, has_wrong_amount),
        *(has_no_valid_reference, *_BOUND, cannot_buy, is_provoked_purchase),
    ),
    Mti.ADVICE_REQUEST: _ADVICE,
    Mti.ADVICE_REPEAT_REQUEST: _ADVICE,
}
"""What is looked at, in this order, by the type of the request."""
