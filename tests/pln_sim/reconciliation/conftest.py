"""A business day in memory: what each party sold, what the switching logged, and the five steps on a folder."""

from contextlib import contextmanager
from datetime import date, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest

from pln_sim.gateway.messages import Amount, Message, Mti, ResponseCode, write
from pln_sim.reconciliation import steps
from pln_sim.reconciliation.columns import Transaction
from pln_sim.reconciliation.decisions import GatewayDecisions, SwitchingDecisions
from pln_sim.reconciliation.log_file import LogEntry
from pln_sim.reconciliation.names import Kind, Names
from pln_sim.reconciliation.places import FolderStation
from pln_sim.reconciliation.steps import Reconciliation
from pln_sim.reconciliation.verdict import Sold
from pln_sim.storage.sqlite import SqliteDepot
from pln_sim.switching.journal import Journal

SWITCHER, BANK = "10000D3", "0110000"
FRIDAY, MONDAY = date(2008, 5, 2), date(2008, 5, 5)
WEEKEND = [FRIDAY, date(2008, 5, 3), date(2008, 5, 4)]
NAMES = Names(SWITCHER, MONDAY)
PAID = (50_000_000, 0, 300_000, 659_735, 2_199_115, 24_850_000, 21_991_150)
EXAMPLE = Transaction(
    *("20080502110511", SWITCHER, "6015", "42F92924B6274C2588F2985DF0B780B4", "5BB033B188CD4274A89CF6F9B14FE88D"),
    *("04176855916", *PAID, 23_300, "01234567890123456789", BANK),
)


def sold(number, **others):
    """A transaction; its number shows in the reference and in the token."""
    return EXAMPLE._replace(**({"reference": f"{number:032X}", "token": f"{number:020}"} | others))


def request(mti, transaction, trace):
    """The stream of a request for a transaction."""
    references = {} if mti is Mti.INQUIRY_REQUEST else references_of(transaction)
    return Message.of(
        mti,
        amount=Amount(transaction.amount, 2),
        trace_number=f"{trace:012}",
        local_time=datetime(2008, 5, 2, 11, 5, 11),
        merchant_category=transaction.merchant_category,
        bank_code=transaction.bank_code,
        switcher_id=transaction.switcher_id,
        meter_number=transaction.meter,
        **references,
    )


def references_of(transaction):
    return {"pln_reference": transaction.reference, "receipt_reference": transaction.receipt_reference}


def answer(transaction, mti=Mti.PURCHASE_REQUEST, trace=2):
    """The stream that sells a transaction."""
    cents = {
        "admin_charge": transaction.admin_charge,
        "stamp_duty": transaction.stamp_duty,
        "value_added_tax": transaction.value_added_tax,
        "lighting_tax": transaction.lighting_tax,
        "instalment": transaction.instalment,
        "power_purchase": transaction.power_purchase,
        "energy": transaction.energy,
    }
    reply = request(mti, transaction, trace).reply(
        ResponseCode.SUCCESSFUL,
        settlement_date=FRIDAY,
        vending_receipt="10000001",
        subscriber_name="SUBSCRIBER NAME",
        segmentation="R1",
        power_category=450,
        token=transaction.token,
        **{name: Amount(value, 2) for name, value in cents.items()},
    )
    return write(reply)


ADVICES = (Mti.ADVICE_REQUEST, Mti.ADVICE_REPEAT_REQUEST, Mti.ADVICE_REPEAT_REQUEST)


def unanswered(transaction):
    """What the log shows of a purchase that nobody answered."""
    types = (Mti.PURCHASE_REQUEST, *ADVICES)
    return [write(request(mti, transaction, trace)) for trace, mti in enumerate(types, 2)]


def entries(transaction, streams):
    head = ("20080502110511", transaction.reference, transaction.meter, transaction.amount)
    return [LogEntry(*head, stream) for stream in streams]


class BusinessDay:
    """Two ledgers, a log, and the steps. ``station`` may be replaced by another one."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.gateway, self.switching, self.log = [], [], {}
        self.work = folder / "work"
        self.work.mkdir(exist_ok=True)
        self.station = FolderStation(folder / "files")
        self.reconciliation = Reconciliation(NAMES, WEEKEND, BANK, self.work)
        self.approved = ()
        self.other_days = {}

    def rows_of(self, ledger):
        return lambda day: iter([transaction.row for transaction in ledger] if day == FRIDAY else [])

    def streams_of(self, references):
        wanted = set(references)
        found = [entry for reference in wanted for entry in self.log.get(reference, [])]
        return iter(sorted(found, key=lambda entry: (entry.meter, entry.time)))

    def report_gateway(self):
        return steps.report_sales(self.reconciliation, Kind.TRANSACTION, self.rows_of(self.gateway), self.station)

    def report_switching(self):
        return steps.report_sales(self.reconciliation, Kind.SWITCHING, self.rows_of(self.switching), self.station)

    def find_suspects(self):
        return steps.find_suspects(self.reconciliation, self.streams_of, self.station)

    def decide(self):
        with self.decisions("gateway") as decisions:
            return steps.decide_suspects(self.reconciliation, self.station, decisions, self.sale_of, self.approved)

    def sale_of(self, reference):
        found = [Sold(FRIDAY, each.row) for each in self.gateway if each.reference == reference]
        return found[0] if found else self.other_days.get(reference)

    def report_transfer(self):
        with self.decisions("switching") as decisions:
            return steps.report_transfer(self.reconciliation, self.station, decisions)

    @contextmanager
    def decisions(self, party):
        kind, adapter = {"gateway": (SqliteDepot, GatewayDecisions), "switching": (Journal, SwitchingDecisions)}[party]
        with kind(self.folder / f"{party}.db") as database:
            database._connection.execute("PRAGMA synchronous = OFF")
            yield adapter(database)

    def verdicts(self, party):
        with self.decisions(party) as decisions:
            return {verdict.reference: verdict for verdict in decisions.of_day(SWITCHER, MONDAY)}

    @property
    def steps(self):
        return [self.report_gateway, self.report_switching, self.find_suspects, self.decide, self.report_transfer]

    def run(self):
        return [step() for step in self.steps]

    def ledger(self, party):
        """The rows of a party's ledger, the verdict obeyed."""
        rows = {transaction.reference: transaction.row for transaction in getattr(self, party)}
        for verdict in self.verdicts(party).values():
            if verdict.result.is_sold:
                rows.setdefault(verdict.reference, verdict.row)
            else:
                rows.pop(verdict.reference, None)
        return rows

    def file(self, place, kind):
        return self.folder / "files" / place.value / NAMES.file(kind)

    def snapshot(self):
        """Every file the parties see, with its content."""
        root = self.folder / "files"
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture(scope="session")
def switching_bench():
    """The client's own test bench: the gateway that keeps the truth, and the network with faults."""
    path = Path(__file__).parents[1] / "switching" / "conftest.py"
    spec = spec_from_file_location("switching_bench", path)
    bench = module_from_spec(spec)
    spec.loader.exec_module(bench)
    return bench


@pytest.fixture(scope="session")
def world():
    """Everything above, for tests that make their own."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})


@pytest.fixture
def business_day(tmp_path):
    return BusinessDay(tmp_path)


@pytest.fixture
def mixed_day(business_day):
    """Two transactions both know, and a suspect of each of the four kinds of verdict."""
    day = business_day
    both = [sold(1), sold(2)]
    cancelled, not_cancelled, forced, not_forced = (sold(number) for number in (3, 4, 5, 6))
    day.gateway += [*both, cancelled, not_cancelled]
    day.switching += [*both, forced, not_forced]
    day.log = {
        cancelled.reference: entries(cancelled, unanswered(cancelled)),
        forced.reference: entries(forced, [answer(forced)]),
    }
    return day
