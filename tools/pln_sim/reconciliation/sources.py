"""From the ledgers to rows: a sale of the gateway, and the answer that told the switching of it.

>>> from pln_sim.gateway.messages import read
>>> request = b"53502360000000050000010000000000120080502072300200805026015070110000000024010000D3123456789110000000000000"
>>> references = b"3DF0176A1F03DB74F5B8C4D39DC43F860555774F6A4E99648DA2C7C3691DD8F2"
>>> customer = b"10000001" + b"SUBSCRIBER NAME".ljust(25) + b"R1  000000450"
>>> amounts = b"2000000000020000300000200021991152000065973520024850000200002199115020000023300"
>>> stream = b"2210503200410201000005" + request + references + customer + amounts + b"01234567890123456789"
>>> transaction = transaction_of_answer(stream)
>>> transaction.local_time, transaction.meter, transaction.amount, transaction.value_added_tax, transaction.energy
('20080502072300', '12345678911', 50000000, 2199115, 23300)
"""

import re
from typing import TYPE_CHECKING

from pln_sim.gateway.messages import Amount, Message, Mti, ResponseCode, read, table
from pln_sim.gateway.messages.field import Kind
from pln_sim.reconciliation.columns import ENERGY_DECIMALS, Transaction

if TYPE_CHECKING:
    from pln_sim.storage.records import Sale

CENTS_DECIMALS = 2
_SOLD_AS = (Mti.PURCHASE_RESPONSE, Mti.ADVICE_RESPONSE, Mti.ADVICE_REPEAT_RESPONSE)
_TENTHS = 10 ** (ENERGY_DECIMALS - 1)


def transaction_of_sale(sale: "Sale") -> Transaction:
    """What the gateway reports of a sale."""
    time = sale.local_time
    return Transaction(
        f"{time.year:04}{time:%m%d%H%M%S}",
        sale.switcher_id,
        sale.merchant_category,
        sale.reference,
        sale.receipt_reference,
        str(sale.meter),
        sale.paid,
        sale.admin,
        sale.stamp_duty,
        sale.vat,
        sale.ppj,
        sale.instalment,
        sale.stroom,
        sale.kwh * _TENTHS,
        sale.token,
        sale.bank_code,
    )


def transaction_of_answer(stream: bytes) -> Transaction:
    """What the switching reports of a successful 2210, 2230 or 2231. ValueError if it does not say all of it."""
    if match := _PLAIN_ANSWER.fullmatch(stream):
        return _of_texts(match)
    return _of_message(read(stream))


def _of_message(message: Message) -> Transaction:
    if message.mti not in _SOLD_AS or message[table.RESPONSE_CODE] is not ResponseCode.SUCCESSFUL:
        raise ValueError("the answer sells nothing")

    def cents(amount: Amount) -> int:
        return amount.in_units(CENTS_DECIMALS)

    return Transaction(
        message.text(table.LOCAL_TIME),
        message.text(table.SWITCHER_ID),
        message.text(table.MERCHANT_CATEGORY),
        message.text(table.PLN_REFERENCE),
        message[table.RECEIPT_REFERENCE],
        message.text(table.METER_NUMBER),
        cents(message[table.PURCHASE_AMOUNT]),
        cents(message[table.ADMIN_CHARGE]),
        cents(message[table.STAMP_DUTY]),
        cents(message[table.VALUE_ADDED_TAX]),
        cents(message[table.LIGHTING_TAX]),
        cents(message[table.INSTALMENT]),
        cents(message[table.POWER_PURCHASE]),
        message[table.ENERGY].in_units(ENERGY_DECIMALS),
        message.text(table.TOKEN),
        message.text(table.BANK_CODE),
    )


def _of_texts(match: re.Match[bytes]) -> Transaction:
    text = {name: value.decode("ascii") for name, value in match.groupdict().items()}
    amounts = [int(text[field.name]) for field in _AMOUNTS]
    paid = int(text["amount"]) * int(10 ** (CENTS_DECIMALS - int(text["amount_minor_unit"])))
    head = (text["local_time"], text["switcher_id"], text["merchant_category"], text["pln_reference"])
    customer = (text["receipt_reference"].rstrip(), text["meter_number"])
    return Transaction._make((*head, *customer, paid, *amounts, text["token"], text["bank_code"]))


def _plain_answer() -> re.Pattern[bytes]:
    """Answers with all amounts in cents, as ours are: they are taken apart in a tenth of the time ``read`` needs."""
    layout = table.LAYOUTS[Mti.PURCHASE_RESPONSE]
    characters = {Kind.N: "[0-9]", Kind.AN: "[0-9A-Za-z ]", Kind.ANS: "[ -~]"}
    pattern = f"(?:{'|'.join(mti.value for mti in _SOLD_AS)}){layout.bit_maps[0]}"
    for element, fields in layout.parts[True].items():
        if element.length_digits:
            pattern += f"{sum(field.length for field in fields):0{element.length_digits}}"
        for field in fields:
            if field is table.RESPONSE_CODE:
                pattern += ResponseCode.SUCCESSFUL.value
            elif field is table.AMOUNT_MINOR_UNIT:
                pattern += f"(?P<{field.name}>[02])"
            elif field in table.MINOR_UNITS:
                pattern += str(CENTS_DECIMALS)
            else:
                pattern += f"(?P<{field.name}>{characters[field.kind]}{{{field.length}}})"
    return re.compile(pattern.encode("ascii"))


_AMOUNTS = (
    *(table.ADMIN_CHARGE, table.STAMP_DUTY, table.VALUE_ADDED_TAX, table.LIGHTING_TAX),
    *(table.INSTALMENT, table.POWER_PURCHASE, table.ENERGY),
)
_PLAIN_ANSWER = _plain_answer()
