"""Sale, what a successful 2210, 2230 or 2231 says was bought: token, vending receipt, kWh and every amount on the receipt.

The token decides; a fault in another field makes that field None and nothing worse, for the customer has paid.

>>> from pln_sim.gateway.messages import read
>>> request = b"53502360000000050000010000000000120080502072300200805026015070110000000024010000D3123456789110000000000000"
>>> references = b"3DF0176A1F03DB74F5B8C4D39DC43F860555774F6A4E99648DA2C7C3691DD8F2"
>>> customer = b"10000001" + b"SUBSCRIBER NAME".ljust(25) + b"R1  000000450"
>>> amounts = b"2000000000020000300000200021991152000065973520024850000200002199115020000023300"
>>> stream = b"2210503200410201000005" + request + references + customer + amounts + b"01234567890123456789"
>>> sale = Sale.of(read(stream))
>>> sale.token, sale.vending_receipt, str(sale.energy), str(sale.stamp_duty), sale.subscriber_name
('01234567890123456789', '10000001', '233.00', '3000.00', 'SUBSCRIBER NAME')
"""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from pln_sim.gateway.messages import Amount, InvalidValue, Message, table
from pln_sim.gateway.messages.field import Field, T
from pln_sim.reconciliation.columns import Transaction

HUNDREDTHS = 2


@dataclass(frozen=True)
class Sale:
    """A sold token and its receipt. None stands for a field whose text breaks the document's rule, and for what nobody told."""

    token: str
    """20 digits."""
    vending_receipt: str | None
    settlement_date: date | None
    subscriber_name: str | None
    segmentation: str | None
    power_category: int | None
    """VA."""
    admin_charge: Amount | None
    stamp_duty: Amount | None
    value_added_tax: Amount | None
    lighting_tax: Amount | None
    instalment: Amount | None
    power_purchase: Amount | None
    energy: Amount | None
    """kWh."""

    @classmethod
    def of(cls, answer: Message) -> "Sale":
        """The sale in a successful answer. InvalidValue if the token is none."""
        others = {field.name: _or_none(answer, table.FIELDS[field.name]) for field in fields(cls) if field.name != "token"}
        return cls(token=answer[table.TOKEN], **others)

    @classmethod
    def of_transaction(cls, sold: Transaction) -> "Sale":
        """The sale that a verdict of the reconciliation tells of, which is all but the receipt."""
        return cls(
            token=sold.token,
            vending_receipt=None,
            settlement_date=None,
            subscriber_name=None,
            segmentation=None,
            power_category=None,
            **{name: Amount(value, HUNDREDTHS) for name, value in sold.parts.items()},
        )

    def as_json(self) -> dict[str, Any]:
        """Everything as text, by its name in the message table; an amount as a plain decimal number."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: None if value is None else str(value) for name, value in values.items()}


def _or_none(answer: Message, field: Field[T]) -> T | None:
    try:
        return answer[field]
    except InvalidValue:
        return None
