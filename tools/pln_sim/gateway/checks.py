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
from pln_sim.gateway.sandbox_meter import Stage
from pln_sim.vending.bill import Bill

Check = Callable[[Case], ResponseCode | None]


def has_fault(case: Case) -> ResponseCode | None:
    """0030: a value breaks the table's rule."""
    return ResponseCode.INVALID_MESSAGE if case.request.fault else None


def is_strange(case: Case) -> ResponseCode | None:
    """0032: no such switching is registered."""
    return None if case.switcher_id in case.registry.switchings else ResponseCode.UNREGISTERED_SWITCHING


def is_not_signed_on(case: Case) -> ResponseCode | None:
    """0011: the connection is not signed on as this switching."""
    return None if case.session.switcher_id == case.switcher_id else ResponseCode.NEED_TO_SIGN_ON


def signs_off_unsigned(case: Case) -> ResponseCode | None:
    """0011: there is nothing to sign off."""
    return is_not_signed_on(case) if case.request[table.ACTION_CODE] is ActionCode.SIGN_OFF else None


def has_strange_bank(case: Case) -> ResponseCode | None:
    """0031: the bank code is not registered with this switching."""
    bank_codes = case.registry.switchings[case.switcher_id].bank_codes
    return None if case.request[table.BANK_CODE] in bank_codes else ResponseCode.UNREGISTERED_BANK_CODE


def has_strange_product(case: Case) -> ResponseCode | None:
    """0033: the PAN is no product that is sold here."""
    return None if case.request[table.PAN] in case.registry.products else ResponseCode.UNREGISTERED_PRODUCT


def comes_at_cut_off(case: Case) -> ResponseCode | None:
    """0090: cut-off is in progress."""
    return ResponseCode.CUT_OFF if case.registry.is_cutting_off(case.now) else None


def has_unknown_meter(case: Case) -> ResponseCode | None:
    """0015: nobody's meter."""
    return None if case.customer else ResponseCode.UNKNOWN_METER


def is_provoked_inquiry(case: Case) -> ResponseCode | None:
    """Any code: a test meter."""
    return case.provoked(Stage.INQUIRY)


def is_provoked_purchase(case: Case) -> ResponseCode | None:
    """Any code: a test meter."""
    return case.provoked(Stage.PURCHASE)


def has_wrong_amount(case: Case) -> ResponseCode | None:
    """0041 or 0042: outside of the gateway's limits; 0030: finer than a cent."""
    paid = case.paid
    if paid is None:
        return ResponseCode.INVALID_MESSAGE
    if paid < case.registry.minimum:
        return ResponseCode.BELOW_MINIMUM
    return ResponseCode.ABOVE_MAXIMUM if paid > case.registry.maximum else None


def cannot_be_billed(case: Case) -> ResponseCode | None:
    """0034, 0041 or 0042: the vending unit cannot serve the meter, or the tariff forbids the sale."""
    bill = case.bill()
    return None if isinstance(bill, Bill) else bill


def has_no_valid_reference(case: Case) -> ResponseCode | None:
    """0098: no inquiry was given this reference."""
    return None if case.reference else ResponseCode.INVALID_REFERENCE


def was_never_inquired(case: Case) -> ResponseCode | None:
    """0096: no inquiry was given this reference."""
    return None if case.reference else ResponseCode.NOT_FOUND


def is_of_another_party(case: Case) -> ResponseCode | None:
    """0097: the inquiry came from another switching or bank."""
    reference = case.reference
    asked = case.switcher_id, case.request[table.BANK_CODE]
    bound = reference and (reference.switcher_id, reference.bank_code)
    return None if asked == bound else ResponseCode.NOT_AS_INQUIRED


def is_another_order(case: Case) -> ResponseCode | None:
    """0098: the inquiry was for another meter or amount."""
    reference = case.reference
    bound = reference and (reference.meter, reference.paid)
    return None if (case.meter, case.paid) == bound else ResponseCode.INVALID_REFERENCE


def cannot_buy(case: Case) -> ResponseCode | None:
    """0098: used, expired or dead."""
    reference = case.reference
    return None if reference and reference.can_buy(case.now) else ResponseCode.INVALID_REFERENCE


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
