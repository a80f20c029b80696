"""Who gets an upgrade or a voucher and who does not; each refusal is one line and changes nothing."""

from datetime import datetime, timedelta

import pytest

from meter_emu.sts.keys.key_store import KeyStore
from pln_sim.storage import FILE_NAME
from pln_sim.upgrade.office import Made, Office, Wanted
from pln_sim.upgrade.records import Reason, Refused
from pln_sim.upgrade.rules import built_in_rules
from pln_sim.upgrade.voucher import code_of

LEBARAN = datetime(2022, 5, 2, 9, 0)
DAY = timedelta(days=1)
HOUSE, NEIGHBOUR, BIG_SHOP = "14100000018", "14100000026", "14100000141"


class Counter:
    """An office and its database."""

    def __init__(self, depot):
        self.depot = depot
        self._drawn = 0
        self.office = Office(built_in_rules(), KeyStore.empty(), self._random)

    def _random(self, count):
        self._drawn += 1
        return self._drawn.to_bytes(count, "big")

    def voucher(self, meter=HOUSE, purchase="A1", at=LEBARAN):
        return self.depot.run(lambda storage: self.office.issue_voucher(storage, meter, purchase, at))

    def upgrade(self, meter=HOUSE, va=900, voucher=None, at=LEBARAN):
        return self.depot.run(lambda storage: self.office.upgrade(storage, Wanted(meter, va, voucher, at)))

    def customer(self, meter=HOUSE):
        return self.depot.run(lambda storage: storage.customer(meter))


@pytest.fixture
def counter(depot):
    return Counter(depot)


REFUSALS = {
    "same power": (lambda c: c.upgrade(va=450), Reason.NOT_MORE, "has 450 VA"),
    "less power": (lambda c: c.upgrade(NEIGHBOUR, va=450), Reason.NOT_MORE, "has more than that, 900 VA"),
    "no such step": (lambda c: c.upgrade(va=1000), Reason.NO_SUCH_POWER, "can rise to 900, 1300, 2200"),
    "at the top": (lambda c: c.upgrade(BIG_SHOP, va=999_999), Reason.NO_SUCH_POWER, "there is none above it"),
    "nobody's meter": (lambda c: c.upgrade("04176855916"), Reason.UNKNOWN_METER, "04176855916 is nobody's"),
    "a test meter": (lambda c: c.upgrade("99000300014"), Reason.UNKNOWN_METER, "nobody's"),
    "before the rates": (lambda c: c.upgrade(at=datetime(2009, 1, 1)), Reason.NOT_BILLABLE, "no rate for R1/900"),
    "before the fees": (lambda c: c.upgrade(at=datetime(2012, 1, 1)), Reason.NO_FEE, "no connection fee"),
    "unknown voucher": (
        lambda c: c.upgrade(voucher=code_of(bytes(10))),
        Reason.UNKNOWN_VOUCHER,
        "0000-0000 was never",
    ),
    "foreign voucher": (
        lambda c: c.upgrade(voucher=c.voucher(NEIGHBOUR).code),
        Reason.FOREIGN_VOUCHER,
        "for another meter",
    ),
    "expired voucher": (
        lambda c: c.upgrade(voucher=c.voucher().code, at=datetime(2022, 6, 1)),
        Reason.EXPIRED_VOUCHER,
        "was valid until 2022-05-31",
    ),
    "tomorrow's voucher": (
        lambda c: c.upgrade(voucher=c.voucher(at=LEBARAN + DAY).code),
        Reason.EARLY_VOUCHER,
        "was issued on 2022-05-03",
    ),
    "too much for it": (lambda c: c.upgrade(va=6600, voucher=c.voucher().code), Reason.SMALL_VOUCHER, "to 5500 VA at most"),
    "voucher for nobody": (lambda c: c.voucher("04176855916"), Reason.UNKNOWN_METER, "nobody's"),
    "voucher too late": (lambda c: c.voucher(at=datetime(2022, 6, 1)), Reason.NO_PROMOTION, "no promotion on 2022-06-01"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal(counter, case):
    act, reason, words = REFUSALS[case]
    before = counter.customer()
    refused = act(counter)
    assert isinstance(refused, Refused)
    assert refused.reason is reason
    assert words in refused.line
    assert "\n" not in refused.line
    assert counter.customer() == before
    assert counter.depot.run(lambda storage: storage.upgrades_of(HOUSE)) == []


def test_a_voucher_serves_once(counter):
    code = counter.voucher().code
    first = counter.upgrade(voucher=code)
    assert isinstance(first, Made)
    assert (first.upgrade.fee, first.upgrade.paid) == (42_165_000, 15_000_000)
    again = counter.upgrade(va=1300, voucher=code, at=LEBARAN + DAY)
    assert again == Refused(
        Reason.USED_VOUCHER, f"voucher {code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]} was used on 2022-05-02, for 900 VA"
    )
    assert counter.customer().va == 900


def test_on_its_last_day_a_voucher_is_good(counter):
    made = counter.upgrade(voucher=counter.voucher().code, at=datetime(2022, 5, 31, 23, 59))
    assert made.upgrade.paid == 15_000_000


def test_a_voucher_never_makes_it_dearer(counter):
    from dataclasses import replace

    from pln_sim.upgrade.rules import Rules

    rules = built_in_rules()
    dear = tuple(replace(promotion, rupiah=99_900_000_000) for promotion in rules.promotions)
    counter.office = Office(Rules(rules.contracts, rules.fees, dear), KeyStore.empty(), counter._random)
    made = counter.upgrade(voucher=counter.voucher().code)
    assert made.upgrade.paid == made.upgrade.fee == 42_165_000


def test_the_same_upgrade_again_is_the_same_upgrade(counter):
    code = counter.voucher().code
    first = counter.upgrade(voucher=code)
    for terms in ({"voucher": code}, {}, {"voucher": code, "at": datetime(2026, 11, 22)}):
        again = counter.upgrade(**terms)
        assert (again.upgrade, again.is_repeated) == (first.upgrade, True)


def test_paid_in_full_is_not_made_cheaper_afterwards(counter):
    counter.upgrade()
    late = counter.upgrade(voucher=counter.voucher().code)
    assert late.reason is Reason.OTHER_TERMS
    assert isinstance(counter.upgrade(), Made)


def test_one_order_one_voucher(counter):
    first = counter.voucher()
    assert counter.voucher(at=LEBARAN + DAY) == first
    assert counter.voucher("14100000026").reason is Reason.FOREIGN_PURCHASE
    assert counter.voucher(purchase="A2").code != first.code


def test_nothing_is_given_away_by_chance(counter):
    made = counter.upgrade(voucher=counter.voucher().code)
    assert not any(secret in repr(made) for secret in (*made.upgrade.tokens, made.upgrade.voucher))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("14100000018",), 2, "Missing option '--va'"),
        (("14100000018", "--va", "0"), 2, "not in the range"),
        (("14100000018", "--va", "900", "--voucher", "abc"), 2, "a voucher code is 16 letters and digits"),
        (("141000000", "--va", "900"), 2, "must be 11 digits"),
        (
            ("vouchr", "14100000018", "INV/1"),
            2,
            "'vouchr' is neither a meter number nor a command: expected DRN --va VA, or voucher",
        ),
        (("voucher", "14100000018", "a b"), 2, "an order number is up to 40"),
        (("14100000018", "--va", "450"), 1, "an upgrade is to more"),
        (("prices", "04176855916"), 1, "nobody's"),
        (("14100000018", "--va", "900", "--rules", "nowhere.toml"), 1, "nowhere.toml"),
    ],
)
def test_one_line_for_a_wrong_command(pln_sim, arguments, code, words):
    assert words in pln_sim.complaint("upgrade", *arguments, exit_code=code)


def test_nothing_is_made_for_a_wrong_table(pln_sim, tmp_path):
    (tmp_path / "rules.toml").write_text("[[contract]]\n")
    complaint = pln_sim.complaint("upgrade", "14100000018", "--va", "900", "--rules", tmp_path / "rules.toml")
    assert "rules.toml" in complaint
    assert not (pln_sim.home / FILE_NAME).exists()
