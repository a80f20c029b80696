"""TariffIndexes: the tariff index of each meter's key, for a process that sells to many."""

from pln_sim.storage import Storage
from pln_sim.vending.customer import Customer

_MOST_KNOWN = 4096


class TariffIndexes:
    """Each is read once for a customer.

    A storage hands out the same customer until any customer is changed by anyone, as every upgrade changes one; then it hands
    out another object, and the index is read anew.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Customer, str | None]] = {}

    def of(self, storage: Storage, customer: Customer) -> str | None:
        """The tariff index since the last upgrade; None for the one that the key file says."""
        known = self._known.get(customer.meter)
        if known is None or known[0] is not customer:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[customer.meter] = customer, storage.tariff_index(customer.meter)
        return known[1]
