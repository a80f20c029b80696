"""The one table of attachment A: every field, every sub-field of element 48, and which message carries what.

Reading, building, explaining and the documentation walk it. A message is its type, its bit map and the fields below in this
order; PAN, bank code and element 48 have their length in front. Element 48 of a response ends early unless the response
code is 0000, so its length tells nothing new: 031 or 063, 095 or 240.

>>> LAYOUTS[Mti.INQUIRY_REQUEST].bit_maps, LAYOUTS[Mti.INQUIRY_RESPONSE].bit_maps
(('5030004100010000',), ('5032004102010000', '5030004102010000'))
>>> private = ELEMENTS[48]
>>> [sum(field.length for field in parts[private]) for parts in LAYOUTS[Mti.PURCHASE_RESPONSE].parts]
[95, 240]
>>> [field.name for field in LAYOUTS[Mti.NETWORK_RESPONSE].fields]
['local_time', 'response_code', 'action_code', 'switcher_id']
"""

from pln_sim.gateway.messages.amount import Amount
from pln_sim.gateway.messages.codes import ActionCode, MerchantCategory, Mti, ResponseCode
from pln_sim.gateway.messages.field import (
    AMOUNT,
    DAY,
    MOMENT,
    NUMBER,
    PADDED,
    TEXT,
    Coding,
    Element,
    Field,
    Kind,
    Padding,
    T,
    always,
    code,
)
from pln_sim.gateway.messages.layout import Layout

_N, _AN, _ANS = Kind.N, Kind.AN, Kind.ANS
_ZEROS, _BLANKS = Padding.ZERO_LEFT, Padding.SPACE_RIGHT

ELEMENTS = {
    element.number: element
    for element in (
        Element(2, "Primary Account Number (PAN)", length_title="Length of PAN", length_digits=2),
        Element(4, "Transaction Amount"),
        Element(11, "Switcher Trace Audit Number"),
        Element(12, "Date & Time, Local Transaction"),
        Element(15, "Date, Settlement"),
        Element(26, "Merchant Category Code"),
        Element(32, "Bank Code", length_title="Length of Bank Code", length_digits=2),
        Element(39, "Response Code (RC)"),
        Element(40, "Action Code"),
        Element(48, "Additional Private Data", length_title="Length of Additional Private Data", length_digits=3),
    )
}
"""The ISO 8583:2003 data elements in use, by number."""


def _whole(
    number: int, name: str, kind: Kind, length: int, meaning: str, coding: Coding[T], default: T | None = None
) -> Field[T]:
    """An element in one piece."""
    element = ELEMENTS[number]
    return Field(name, element.title, element, None, kind, length, meaning, coding, default=default)


def _part(
    number: int, place: int, name: str, title: str, kind: Kind, length: int, meaning: str, coding: Coding[T],
    padding: Padding = Padding.NONE, unit: str = "", decimals_in: Field[int] | None = None, default: T | None = None,
) -> Field[T]:  # fmt: skip
    """The sub-field ``place`` of an element."""
    return Field(name, title, ELEMENTS[number], place, kind, length, meaning, coding, padding, unit, decimals_in, default)


def _minor_unit(place: int, name: str, title: str) -> Field[int]:
    """A minor unit in element 48."""
    meaning = "How many of the last digits of the next sub-field are decimals"
    return _part(48, place, f"{name}_minor_unit", f"Minor Unit of {title}", _N, 1, meaning, NUMBER)


def _amount(
    place: int, name: str, title: str, length: int, meaning: str, minor_unit: Field[int], unit: str = "Rp"
) -> Field[Amount]:
    """The amount behind it."""
    return _part(48, place, name, title, _N, length, meaning, AMOUNT, _ZEROS, unit, minor_unit)


PAN = _whole(2, "pan", _N, 5, "Billing provider (2 digits) and product (3 digits)", TEXT, default="53502")
CURRENCY = _part(4, 1, "currency", "ISO Currency Code", _N, 3, "360 = Indonesian Rupiah", always("360"), default="360")
AMOUNT_MINOR_UNIT = _part(4, 2, "amount_minor_unit", "Currency Minor Unit", _N, 1,
                          "How many of the last digits of the value amount are decimals", NUMBER)  # fmt: skip
PURCHASE_AMOUNT = _part(4, 3, "amount", "Value Amount", _N, 12, "Purchase amount, the switching's own admin charge taken off",
                        AMOUNT, _ZEROS, "Rp", AMOUNT_MINOR_UNIT)  # fmt: skip
TRACE_NUMBER = _whole(11, "trace_number", _N, 12, "The switching's number of this request", TEXT)
LOCAL_TIME = _whole(12, "local_time", _N, 14, "CCYYMMDDhhmmss, local, no zone", MOMENT)
SETTLEMENT_DATE = _whole(15, "settlement_date", _N, 8, "CCYYMMDD, the day it is reconciled for: after cut-off the next", DAY)
MERCHANT_CATEGORY = _whole(26, "merchant_category", _N, 4, "Where the customer stands", code(MerchantCategory))
# The table pads the bank code with zeros on the left, section 6 on the right (001 is registered as 0010000), and so does
# the example 0110000: nothing is padded here, all 7 characters are asked for.
BANK_CODE = _whole(32, "bank_code", _AN, 7, "Bank Indonesia's code of the bank, as registered", TEXT)
RESPONSE_CODE = _whole(39, "response_code", _N, 4, "What the gateway made of the request", code(ResponseCode))
ACTION_CODE = _whole(40, "action_code", _N, 3, "What is asked for", code(ActionCode))

SWITCHER_ID = _part(48, 1, "switcher_id", "Switcher ID", _AN, 7, "The switching's code, given by PLN", TEXT, _ZEROS)
METER_NUMBER = _part(48, 2, "meter_number", "Meter Serial Number", _N, 11, "The prepaid meter", TEXT)
SUBSCRIBER_ID = _part(48, 3, "subscriber_id", "Subscriber ID", _N, 12, "Reserved", always("0" * 12), default="0" * 12)
FLAG = _part(48, 4, "flag", "Flag", _N, 1, "Reserved", always("0"), default="0")
PLN_REFERENCE = _part(48, 5, "pln_reference", "PLN Reference Number", _AN, 32, "The security token an inquiry yields", TEXT)
RECEIPT_REFERENCE = _part(48, 6, "receipt_reference", "Switcher Receipt Reference Number", _AN, 32,
                          "The switching's number of the purchase, printed on the receipt", PADDED, _BLANKS)  # fmt: skip
VENDING_RECEIPT = _part(48, 7, "vending_receipt", "Vending Receipt Number", _N, 8, "PLN's number of the sale", TEXT, _ZEROS)
# an in the document; but people are called A. O'BRIEN, and a sold token must not be lost over it.
SUBSCRIBER_NAME = _part(48, 8, "subscriber_name", "Subscriber Name", _ANS, 25, "Who buys for this meter", PADDED, _BLANKS)
# The document names no padding for the next two; its example shows R1 with blanks and 450 with zeros.
SEGMENTATION = _part(48, 9, "segmentation", "Subscriber Segmentation", _AN, 4, "Tariff group", PADDED, _BLANKS)
POWER_CATEGORY = _part(48, 10, "power_category", "Power Consuming Category", _N, 9, "Contracted power", NUMBER, _ZEROS, "VA")
ADMIN_CHARGE_MINOR_UNIT = _minor_unit(11, "admin_charge", "Admin Charge")
ADMIN_CHARGE = _amount(12, "admin_charge", "Admin Charge (AC)", 10, "0 so far", ADMIN_CHARGE_MINOR_UNIT)
STAMP_DUTY_MINOR_UNIT = _minor_unit(13, "stamp_duty", "Stamp Duty")
STAMP_DUTY = _amount(14, "stamp_duty", "Stamp Duty (SD)", 10, "Stamp duty", STAMP_DUTY_MINOR_UNIT)
VALUE_ADDED_TAX_MINOR_UNIT = _minor_unit(15, "value_added_tax", "Value Added Tax")
VALUE_ADDED_TAX = _amount(16, "value_added_tax", "Value Added Tax (VTx)", 10, "Value added tax", VALUE_ADDED_TAX_MINOR_UNIT)
LIGHTING_TAX_MINOR_UNIT = _minor_unit(17, "lighting_tax", "Public Lighting Tax")
LIGHTING_TAX = _amount(18, "lighting_tax", "Public Lighting Tax (PTx)", 10, "Public lighting tax", LIGHTING_TAX_MINOR_UNIT)
INSTALMENT_MINOR_UNIT = _minor_unit(19, "instalment", "Customer Payables Installment")
INSTALMENT = _amount(20, "instalment", "Customer Payables Installment (PI)", 10, "Old debts paid off", INSTALMENT_MINOR_UNIT)
POWER_PURCHASE_MINOR_UNIT = _minor_unit(21, "power_purchase", "Power Purchase")
POWER_PURCHASE = _amount(22, "power_purchase", "Power Purchase (PP)", 12, "What buys energy", POWER_PURCHASE_MINOR_UNIT)
ENERGY_MINOR_UNIT = _minor_unit(23, "energy", "Purchased KWH Unit")
ENERGY = _amount(24, "energy", "Purchased KWH Unit (KWH)", 10, "Energy on the token", ENERGY_MINOR_UNIT, "kWh")
TOKEN = _part(48, 25, "token", "Token Number", _N, 20, "For the meter's keypad", TEXT)

_AT_NETWORK = (
    ResponseCode.SUCCESSFUL,
    ResponseCode.OTHER,
    ResponseCode.NEED_TO_SIGN_ON,
    ResponseCode.INVALID_MESSAGE,
    ResponseCode.UNREGISTERED_SWITCHING,
    ResponseCode.TIMEOUT,
    ResponseCode.CUT_OFF,
)
_AT_PURCHASE = tuple(ResponseCode)
_ONLY_AT_PURCHASE = (ResponseCode.NOT_FOUND, ResponseCode.NOT_AS_INQUIRED, ResponseCode.INVALID_REFERENCE)
_AT_INQUIRY = tuple(entry for entry in ResponseCode if entry not in _ONLY_AT_PURCHASE)

_SALE = (PAN, CURRENCY, AMOUNT_MINOR_UNIT, PURCHASE_AMOUNT, TRACE_NUMBER, LOCAL_TIME)
_SHOP = (MERCHANT_CATEGORY, BANK_CODE)
_METER = (SWITCHER_ID, METER_NUMBER, SUBSCRIBER_ID, FLAG)
_INQUIRY = (*_SALE, *_SHOP, *_METER)
_INQUIRY_REPLY = (*_SALE, *_SHOP, RESPONSE_CODE, *_METER)
_PURCHASE = (*_INQUIRY, PLN_REFERENCE, RECEIPT_REFERENCE)
_PURCHASE_REPLY = (*_SALE, SETTLEMENT_DATE, *_SHOP, RESPONSE_CODE, *_METER, PLN_REFERENCE, RECEIPT_REFERENCE)
_SOLD = (
    *(VENDING_RECEIPT, SUBSCRIBER_NAME, SEGMENTATION, POWER_CATEGORY),
    *(ADMIN_CHARGE_MINOR_UNIT, ADMIN_CHARGE, STAMP_DUTY_MINOR_UNIT, STAMP_DUTY),
    *(VALUE_ADDED_TAX_MINOR_UNIT, VALUE_ADDED_TAX, LIGHTING_TAX_MINOR_UNIT, LIGHTING_TAX),
    *(INSTALMENT_MINOR_UNIT, INSTALMENT, POWER_PURCHASE_MINOR_UNIT, POWER_PURCHASE),
    *(ENERGY_MINOR_UNIT, ENERGY, TOKEN),
)

LAYOUTS = {
    layout.mti: layout
    for layout in (
        Layout(Mti.NETWORK_REQUEST, (LOCAL_TIME, ACTION_CODE, SWITCHER_ID)),
        Layout(Mti.NETWORK_RESPONSE, (LOCAL_TIME, RESPONSE_CODE, ACTION_CODE, SWITCHER_ID),
               answers=Mti.NETWORK_REQUEST, codes=_AT_NETWORK),
        Layout(Mti.INQUIRY_REQUEST, _INQUIRY),
        # The bit map printed for 2110 announces field 15; the table, its text and the example have none.
        Layout(Mti.INQUIRY_RESPONSE, _INQUIRY_REPLY, (PLN_REFERENCE,),
               answers=Mti.INQUIRY_REQUEST, codes=_AT_INQUIRY, announced_in_vain=15),
        Layout(Mti.PURCHASE_REQUEST, _PURCHASE),
        Layout(Mti.PURCHASE_RESPONSE, _PURCHASE_REPLY, _SOLD, answers=Mti.PURCHASE_REQUEST, codes=_AT_PURCHASE),
        Layout(Mti.ADVICE_REQUEST, _PURCHASE),
        Layout(Mti.ADVICE_RESPONSE, _PURCHASE_REPLY, _SOLD, answers=Mti.ADVICE_REQUEST, codes=_AT_PURCHASE),
        Layout(Mti.ADVICE_REPEAT_REQUEST, _PURCHASE),
        Layout(Mti.ADVICE_REPEAT_RESPONSE, _PURCHASE_REPLY, _SOLD, answers=Mti.ADVICE_REPEAT_REQUEST, codes=_AT_PURCHASE),
    )
}  # fmt: skip
"""Every message of the document, by its type."""
LAYOUT_OF_REPLY_TO = {layout.answers: layout for layout in LAYOUTS.values() if layout.answers}
"""The response's layout, by the type of the request."""
FIELDS = {field.name: field for layout in LAYOUTS.values() for field in layout.fields}
"""Every field, by its name."""
MINOR_UNITS = frozenset(field.decimals_in for field in FIELDS.values() if field.decimals_in)
"""The fields that tell how many decimals the amount behind them has."""
