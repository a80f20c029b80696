"""Office: who gets a voucher, who gets more power, at what price. Pure over a Storage, whose transaction is all or nothing.

An upgrade changes the contract, uses the voucher up, takes a TID and keeps the tokens, in one transaction. Asked for the same
upgrade again, as after a crash or by a customer who lost the slip, the office answers with the one that was made, be it the
last one or not. The office does not know what was keyed in, so it also tells of the key changes that come before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meter_emu.sts.ciphers import SAMPLE_TABLES, StaTables
from meter_emu.sts.errors import StsError
from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from meter_emu.sts.tokens.layout import RANDOM_NUMBERS
from pln_sim.storage import Storage
from pln_sim.upgrade.key_history import present_card
from pln_sim.upgrade.records import Reason, Refused, Upgrade
from pln_sim.upgrade.rules import Contract, Rules
from pln_sim.upgrade.tokens import make_tokens
from pln_sim.upgrade.voucher import RANDOM_BYTES, Voucher, code_of, written
from pln_sim.vending.customer import Customer
from pln_sim.vending.ledger import reserve
from pln_sim.vending.tariff import Tariffs

_POWERS_TOLD = 8


@dataclass(frozen=True)
class Wanted:
    """An upgrade that is asked for."""

    meter: Drn
    va: int
    voucher: str | None
    at: datetime


@dataclass(frozen=True)
class Made:
    """An upgrade, made now or, if it ``is_repeated``, before."""

    upgrade: Upgrade
    customer: Customer
    is_repeated: bool
    before: tuple[Upgrade, ...] = ()
    """The meter's earlier upgrades with a key change, the oldest first: whose tokens it must have taken."""


class Office:
    """The office's decisions. ``random_bytes`` yields so many bytes nobody can guess."""

    def __init__(
        self, rules: Rules, keys: KeyStore, random_bytes: Callable[[int], bytes], tables: StaTables = SAMPLE_TABLES
    ) -> None:
        self._rules = rules
        self._keys = keys
        self._random_bytes = random_bytes
        self._tables = tables

    def issue_voucher(self, storage: Storage, meter: Drn, purchase: str, at: datetime) -> Voucher | Refused:
        """The voucher for an order in the marketplace; the same one again for an order that has yielded one."""
        known = storage.voucher_for(purchase)
        if known:
            if known.meter == meter:
                return known
            return Refused(Reason.FOREIGN_PURCHASE, f"order {purchase} has yielded a voucher for another meter")
        if storage.customer(meter) is None:
            return _unknown(meter)
        promotion = self._rules.promotion(at.date())
        if promotion is None:
            return Refused(Reason.NO_PROMOTION, f"there is no promotion on {at.date()}, so no voucher")
        voucher = Voucher(
            code=code_of(self._random_bytes(RANDOM_BYTES)),
            meter=meter,
            purchase=purchase,
            promotion=promotion.name,
            price=promotion.rupiah,
            va_to=promotion.va_to,
            issued_at=at,
            valid_until=promotion.valid_until(at.date()),
        )
        storage.add_voucher(voucher)
        return voucher

    def upgrade(self, storage: Storage, wanted: Wanted) -> Made | Refused:
        """The upgrade, made or found. StsError if the meter's keys are not at hand or no TID is left."""
        customer = storage.customer(wanted.meter)
        if customer is None:
            return _unknown(wanted.meter)
        upgrades = storage.upgrades_of(wanted.meter)
        known = next((upgrade for upgrade in upgrades if upgrade.va == wanted.va), None)
        if known and wanted.va <= customer.va:
            if known.voucher == wanted.voucher or wanted.voucher is None:
                return Made(known, customer, is_repeated=True, before=_before(known.serial, upgrades))
            how = f"meter {wanted.meter} has {wanted.va} VA since {known.made_at:%Y-%m-%d}, without this voucher"
            return Refused(Reason.OTHER_TERMS, f"{how}; leave --voucher out to see its tokens again")
        contract = self._contract(customer, wanted)
        if isinstance(contract, Refused):
            return contract
        changed = replace(customer, tariff=contract.tariff, va=contract.va)
        if refused := _not_billable(changed, wanted, storage.registry().tariffs):
            return refused
        try:
            fee = self._rules.fee(customer.va, contract.va, wanted.at.date())
        except StsError as error:
            return Refused(Reason.NO_FEE, str(error))
        voucher = _voucher(storage, wanted)
        if isinstance(voucher, Refused):
            return voucher
        paid = min(fee, voucher.price) if voucher else fee
        card = present_card(self._keys, customer.meter, upgrades)
        upgrade = self._make(storage, card, customer, contract, wanted, fee, paid)
        return Made(upgrade, changed, is_repeated=False, before=_before(upgrade.serial, upgrades))

    def _contract(self, customer: Customer, wanted: Wanted) -> Contract | Refused:
        """What the customer would have, if that is more."""
        today = wanted.at.date()
        if wanted.va <= customer.va:
            less = "has" if wanted.va == customer.va else "has more than that,"
            return Refused(Reason.NOT_MORE, f"meter {customer.meter} {less} {customer.va} VA: an upgrade is to more")
        contract = self._rules.contract(customer.tariff, wanted.va, today)
        if contract:
            return contract
        powers = self._rules.powers_above(customer.tariff, customer.va, today)
        rising = ", ".join(map(str, powers[:_POWERS_TOLD])) + (", ..." if len(powers) > _POWERS_TOLD else "")
        possible = f"from {customer.va} VA it can rise to {rising}" if powers else "there is none above it"
        return Refused(Reason.NO_SUCH_POWER, f"there is no contract of {wanted.va} VA for {customer.tariff}: {possible}")

    def _make(
        self,
        storage: Storage,
        card: MeterCard,
        customer: Customer,
        contract: Contract,
        wanted: Wanted,
        fee: int,
        paid: int,
    ) -> Upgrade:
        """Change the contract and remember the tokens."""
        new_card = card.changed(ti=contract.ti)
        base_date = card.parameters.base_date
        (tid,) = reserve(storage, new_card, TokenIdentifier.at(wanted.at, base_date))
        rnd = self._random_bytes(1)[0] % RANDOM_NUMBERS
        tokens = make_tokens(self._keys, self._tables, card, new_card, contract.va, tid, rnd)
        upgrade = Upgrade(
            serial=storage.next_upgrade_serial(),
            meter=customer.meter,
            made_at=wanted.at,
            old_tariff=customer.tariff,
            old_va=customer.va,
            old_ti=str(card.parameters.ti),
            tariff=contract.tariff,
            va=contract.va,
            ti=contract.ti,
            fee=fee,
            paid=paid,
            voucher=wanted.voucher,
            base_date=base_date.value,
            tid=int(tid),
            digits=" ".join(token.digits for token in tokens),
        )
        storage.add_upgrade(upgrade)
        storage.change_customer(replace(customer, tariff=contract.tariff, va=contract.va))
        return upgrade


def _before(serial: int, upgrades: Sequence[Upgrade]) -> tuple[Upgrade, ...]:
    """Those with a key change before an upgrade, the oldest first. ``upgrades`` are the meter's, the newest first."""
    return tuple(upgrade for upgrade in reversed(upgrades) if upgrade.serial < serial and upgrade.key_change)


def _voucher(storage: Storage, wanted: Wanted) -> Voucher | Refused | None:
    """The voucher, if it may be used; None if none is."""
    if wanted.voucher is None:
        return None
    voucher, today = storage.voucher(wanted.voucher), wanted.at.date()
    name = f"voucher {written(wanted.voucher)}"
    if voucher is None:
        return Refused(Reason.UNKNOWN_VOUCHER, f"{name} was never issued: check its letters and digits")
    if voucher.meter != wanted.meter:
        return Refused(Reason.FOREIGN_VOUCHER, f"{name} was issued for another meter")
    if user := storage.upgrade_by(voucher.code):
        return Refused(Reason.USED_VOUCHER, f"{name} was used on {user.made_at:%Y-%m-%d}, for {user.va} VA")
    if today > voucher.valid_until:
        return Refused(Reason.EXPIRED_VOUCHER, f"{name} was valid until {voucher.valid_until}")
    if wanted.at < voucher.issued_at:
        return Refused(Reason.EARLY_VOUCHER, f"{name} was issued on {voucher.issued_at:%Y-%m-%d}, after the upgrade")
    if wanted.va > voucher.va_to:
        return Refused(Reason.SMALL_VOUCHER, f"{name} is for upgrades to {voucher.va_to} VA at most")
    return voucher


def _not_billable(changed: Customer, wanted: Wanted, tariffs: Tariffs) -> Refused | None:
    """Nobody gets a contract under which no token can be sold."""
    today = wanted.at.date()
    try:
        tariffs.rate(changed.tariff, changed.va, today)
        changed.ppj_on(today, tariffs)
    except StsError as error:
        return Refused(Reason.NOT_BILLABLE, str(error))
    return None


def _unknown(meter: Drn) -> Refused:
    return Refused(Reason.UNKNOWN_METER, f"meter {meter} is nobody's: no customer in the vending database has it")
