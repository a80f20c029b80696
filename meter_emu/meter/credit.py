"""The credit register and the energy counters beside it. Always: balance = accepted - cleared - consumed.

>>> from meter_emu.meter.energy import KWH
>>> credit = Credit().add(10 * KWH).consume(4 * KWH)
>>> credit.balance // KWH, credit.clear().balance, credit.clear().cleared // KWH
(6, 0, 6)
"""

from typing import NamedTuple

from meter_emu.meter.energy import WattSeconds


class Credit(NamedTuple):
    """All in watt-seconds, over the meter's whole life."""

    accepted: WattSeconds = 0
    """All credit that tokens brought."""
    cleared: WattSeconds = 0
    """All credit that clear-credit tokens took."""
    consumed: WattSeconds = 0
    """The cumulative energy register."""
    consumed_in_debt: WattSeconds = 0
    """The part of it that was taken with no credit left."""

    @property
    def balance(self) -> WattSeconds:
        """The credit left; negative where energy flowed without credit."""
        return self.accepted - self.cleared - self.consumed

    def can_hold(self, amount: WattSeconds, capacity: WattSeconds) -> bool:
        """Whether a register that ends at ``capacity`` has room for ``amount`` more."""
        return self.balance + amount <= capacity

    def add(self, amount: WattSeconds) -> "Credit":
        """A token's credit; a debt is netted against it."""
        return self._replace(accepted=self.accepted + amount)

    def clear(self) -> "Credit":
        """No credit left. A debt stays."""
        return self._replace(cleared=self.cleared + max(0, self.balance))

    def consume(self, energy: WattSeconds) -> "Credit":
        """Energy that flowed."""
        in_debt = max(0, energy - max(0, self.balance))
        return self._replace(consumed=self.consumed + energy, consumed_in_debt=self.consumed_in_debt + in_debt)
