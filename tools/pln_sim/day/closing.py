"""The next working day: the reconciliation over FTP, PLN's verdicts, and all three ledgers that obey them."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pln_sim.day.cast import KIOSKS, PIN
from pln_sim.day.director import Director, grouped, rupiah
from pln_sim.day.ledgers import Ledgers, read_ledgers
from pln_sim.day.story import Tone
from pln_sim.reconciliation.decisions import GatewayDecisions
from pln_sim.reconciliation.names import Kind, Names, control_of
from pln_sim.reconciliation.places import Place
from pln_sim.reconciliation.verdict import Verdict
from pln_sim.storage import FILE_NAME as DEPOT_FILE
from pln_sim.storage import open_depot
from pln_sim.vending.money import CENTS, format_rupiah

SWITCHER_ID = "10000D3"
FOLDER = "files"
_WRITERS = {
    Kind.TRANSACTION: ("PLN", "the agent"),
    Kind.SWITCHING: ("Switching", "the agent"),
    Kind.RECONCILIATION: ("Agent", "PLN"),
    Kind.LOG: ("Agent", "PLN"),
    Kind.DISCREPANCIES: ("Agent", "people"),
    Kind.FINAL: ("PLN", "the switching"),
}
"""Who writes a file, and for whom."""


@dataclass(frozen=True)
class Exchanged:
    """A file that travelled."""

    name: str
    place: str
    size: int
    lines: int
    control: str
    """What its control file says; empty if it has none."""
    source: str
    target: str


@dataclass
class Closing:
    """What the next working day came to."""

    director: Director
    reconciled_on: date
    steps: list[dict[str, Any]] = field(default_factory=list)
    files: list[Exchanged] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    audit: dict[str, Any] | None = None
    """None where the audit is not installed."""

    def play(self) -> Ledgers:
        """Reconcile, settle, compare. DayStopped if a step fails."""
        clock, house, story = self.director.house.clock, self.director.house, self.director.story
        clock.jump(datetime.combine(self.reconciled_on, time(8, 0)))
        story.begin("Reconciliation", "The parties' files meet on the FTP server; suspects are found, judged and obeyed.")
        ftp = house.serve("ftp")
        story.tell("PLN", f"the FTP server is open; today is {self.reconciled_on:%A, %d %B %Y}")
        self.steps = house.run("recon", "day", "--date", self.reconciled_on.isoformat(), "--ftp", ftp.address)
        for step in self.steps:
            story.tell(_PARTIES[step["step"]], f"{step['file']}: {_said(step)}")
        ftp.terminate()
        self.files = list(_exchanged(house.home / FOLDER, Names(SWITCHER_ID, self.reconciled_on)))
        with open_depot(house.home / DEPOT_FILE) as depot:
            self.verdicts = list(GatewayDecisions(depot).of_day(SWITCHER_ID, self.reconciled_on))
        for verdict in self.verdicts:
            sold = verdict.transaction
            what = f"the purchase for meter {sold.meter}, {format_rupiah(sold.amount)}, is {verdict.result.words}"
            story.tell("PLN", what, verdict.reason, tone=Tone.GOOD if verdict.result.is_sold else Tone.BAD)
        self._audit()
        clock.jump(datetime.combine(self.reconciled_on, time(13, 0)))
        self._settle()
        clock.jump(datetime.combine(self.reconciled_on, time(14, 0)))
        return self._compare()

    def _audit(self) -> None:
        director = self.director
        name = Names(SWITCHER_ID, self.reconciled_on).file(Kind.TRANSACTION)
        path = director.house.home / FOLDER / Place.PROCESS.value / name
        found = director.house.run("recon", "audit", str(path), "--workers", "1", may_fail=True)
        if not found:
            director.story.tell("Audit", "left out: it is not installed")
            return
        self.audit = found[0]
        rows, wrong = self.audit["rows"], self.audit["mismatches"]
        what = f"every token of {rows} rows decoded: " + (f"{wrong} do not agree" if wrong else "meter, kWh and time agree")
        director.story.tell("Audit", what, tone=Tone.BAD if wrong else Tone.GOOD)

    def _settle(self) -> None:
        """The reseller's held money, and the customers who wait."""
        director = self.director
        story = director.story
        story.begin("Everybody is told", "The reseller settles what it held, and who waited learns what became of it.")
        trades = director.house.run("reseller", "resume", "--gateway", director.gateway.address, may_fail=True)
        for trade in trades:
            kiosk = next(kiosk for kiosk in KIOSKS if kiosk.number == trade["number"])
            story.tell("Reseller", f"{trade['product']} for meter {trade['meter']} is {trade['state']}",
                       "the token goes to the kiosk" if trade["token"] else f"{rupiah(trade['price'])} go back to {kiosk.name}",
                       tone=Tone.GOOD if trade["token"] else Tone.PLAIN)  # fmt: skip
            self._told(trade["meter"], director.send(kiosk, f"REPEAT.{trade['meter']}.{PIN}"), trade["token"], kiosk.name)
        for result in director.house.run("buy", "--resume", "--gateway", director.gateway.address, may_fail=True):
            sale = result["sale"]
            said = f"{result['outcome']}; {result['why']}" + (f"; token {grouped(sale['token'])}" if sale else "")
            if result["reconciled"] and not self._is_kiosk(result["receipt_reference"], trades):
                self._told(result["meter"], said, sale and sale["token"], "Bank")
        director.key_in(director.purchases)

    def _told(self, meter: str, said: str, token: str | None, where: str) -> None:
        for purchase in self.director.purchases:
            if (purchase.customer.meter, purchase.where, purchase.token, purchase.later) == (meter, where, None, ""):
                purchase.later, purchase.token = said, token
                self.director.story.tell(where, f"{purchase.customer.name} learns", said, tone=Tone.GOOD if token else Tone.BAD)
                return

    def _is_kiosk(self, receipt_reference: str, trades: list[dict[str, Any]]) -> bool:
        return receipt_reference in {trade["reference"] for trade in trades}

    def _compare(self) -> Ledgers:
        story = self.director.story
        story.begin("Three ledgers", "Gateway, switching and reseller, row by row, and the sum that goes to PLN.")
        agreed = int(Decimal(self.steps[-1]["transfer"]["amount"]) * CENTS)
        ledgers = read_ledgers(self.director.house.home, SWITCHER_ID, self.reconciled_on, agreed)
        if self.audit and self.audit["mismatches"]:
            ledgers = replace(ledgers, faults=(*ledgers.faults, f"the audit found {self.audit['mismatches']} mismatches"))
        for fault in ledgers.faults:
            story.tell("Ledgers", fault, tone=Tone.BAD)
        if ledgers.are_equal:
            what = f"{len(ledgers.rows)} purchases, the same in all; {format_rupiah(ledgers.transfer)} go to PLN"
            story.tell("Ledgers", what, tone=Tone.GOOD)
        return ledgers


def _said(step: dict[str, Any]) -> str:
    if "transfer" in step:
        decided = {name: step[name] for name in ("forced", "not_forced", "cancelled", "not_cancelled") if step[name]}
        words = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in decided.items())
        money = f"{rupiah(step['transfer']['amount'])} for {step['transfer']['transactions']} purchases"
        return f"{words or 'nothing to decide'}; {money}"
    if "cancels" in step:
        return f"{step['cancels']} to cancel, {step['forces']} to force, {step['discrepancies']} discrepancies"
    return f"{step['transactions']} purchases, {rupiah(step['amount'])}"


def _exchanged(root: Path, names: Names) -> "list[Exchanged]":
    found = []
    for kind in Kind:
        for place in Place:
            path = root / place.value / names.file(kind)
            if not path.is_file():
                continue
            control = path.with_name(control_of(path.name))
            content = control.read_text("ascii").strip() if control.is_file() else ""
            data = path.read_bytes()
            found.append(Exchanged(path.name, place.value, len(data), data.count(b"\n"), content, *_WRITERS[kind]))
    return found


_PARTIES = {"gateway": "PLN", "switching": "Switching", "ca": "Agent", "final": "PLN", "report": "Switching"}
