"""Diagnosis: from what is known of a meter and a token to findings. Pure; the first finding is the answer, others may follow.

Without a token the question is "I paid, and nothing came": the purchases of the last day on which there were any, and all that
are still undecided. With one it is "the meter refuses it". No token is named that is not sold, and none of another meter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from meter_emu.sts.errors import StsError
from meter_emu.sts.keys.key_store import MeterCard
from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.token_identifier import TokenIdentifier
from meter_emu.sts.numbers.transfer_amount import format_tenths
from meter_emu.sts.tokens import TokenClass, decode
from meter_emu.sts.tokens.codec import split
from pln_sim.gateway.messages import ResponseCode
from pln_sim.helpdesk.attempts import Attempt, Fate
from pln_sim.helpdesk.findings import Cause, Finding
from pln_sim.helpdesk.meter_view import MeterView
from pln_sim.helpdesk.slips import slip_between
from pln_sim.helpdesk.token_keys import Opened, TokenKeys
from pln_sim.upgrade.records import Upgrade
from pln_sim.vending.money import format_rupiah

MOST_FINDINGS = 10
_FINAL = (Cause.ALREADY_USED, Cause.TOO_OLD, Cause.EXPIRED, Cause.KEY_CHANGED_SINCE)
"""The token is not keyed in again after these."""
_IF_NOT_YET = " unless it is keyed in already"
_IF_ALREADY = "; it is taken only if the key change is not keyed in yet"


@dataclass(frozen=True)
class Evidence:
    """All that is known. The newest of everything comes first."""

    meter: Drn
    attempts: list[Attempt]
    upgrades: tuple[Upgrade, ...]
    view: MeterView | None
    """The meter's memory, if it can be looked into."""
    keys: TokenKeys
    token_of: Drn | None
    """Whose the token is, as the vending database says."""
    opened_by: Callable[[str], Drn | None]
    """Which other meter's key opens a token that was issued to it."""
    reconciled_on: Callable[[date], date]
    """When the purchases of a day are reconciled."""
    today: date

    @property
    def cards(self) -> list[MeterCard]:
        """The meter's cards, the present one first."""
        return self.keys.cards(self.meter, self.upgrades)


def diagnose_purchase(evidence: Evidence) -> list[Finding]:
    """What has become of the last purchases, and of upgrades whose tokens the meter may not have taken."""
    outstanding = [_upgrade_due(upgrade, evidence) for upgrade in _outstanding(evidence)]
    if not evidence.attempts:
        return [Finding(Cause.NO_PURCHASE, {"meter": evidence.meter}), *outstanding]
    last_day = evidence.attempts[0].at.date()
    undecided = (Fate.SUSPECT, Fate.OPEN)
    concerned = [each for each in evidence.attempts if each.at.date() == last_day or each.fate in undecided]
    found: list[Finding] = []
    newer: list[Finding] = []
    for each in concerned[:MOST_FINDINGS]:
        finding = _of_attempt(each, evidence)
        older = _of_the_key_before(each, evidence) if finding.cause is Cause.SOLD else None
        found += [finding, older] if older else [finding]
        newer += [finding] if finding.cause is Cause.SOLD and not older else []
    if not newer or not any(True for _ in _key_changes(evidence)):
        return found + outstanding
    due = [_key_change(change, evidence) for change in _key_changes_due(evidence)]
    is_mixed = len(found) > len(newer)
    found += [
        _upgrade_due(upgrade, evidence) for upgrade in _outstanding(evidence) if upgrade not in _key_changes_due(evidence)
    ]
    # A token of the key before comes before the key change, whatever else there is.
    return found + due if evidence.view is None or is_mixed else due + found


def _of_the_key_before(attempt: Attempt, evidence: Evidence) -> Finding | None:
    """What is to be said of a token that was sold before the last key change; None for any other."""
    change = next(_key_changes(evidence), None)
    opened = evidence.keys.open(attempt.token, evidence.cards) if change and attempt.token else None
    if change is None or opened is None or opened.ti == change.ti:
        return None
    facts = {"at": _day(change.made_at), "old_ti": opened.ti, "ti": change.ti, "doubt": ""}
    is_changed = evidence.view is not None and evidence.view.ti != opened.ti
    return Finding(Cause.KEY_CHANGED_SINCE if is_changed else Cause.BEFORE_KEY_CHANGE, facts)


def diagnose_token(digits: str, evidence: Evidence) -> list[Finding]:
    """Why a meter may refuse a token. ``digits`` is what was keyed in, blanks and dashes taken out."""
    for attempt in evidence.attempts:
        if attempt.token == digits:
            return _of_refused(attempt, digits, evidence)
    for upgrade in evidence.upgrades:
        if digits in upgrade.tokens:
            return _of_upgrade_token(upgrade, digits, evidence)
    if evidence.token_of is not None:
        return [Finding(Cause.ANOTHER_METER, {"meter": evidence.meter, "other": evidence.token_of})]
    if mistyped := _mistyped(digits, evidence):
        return [mistyped]
    try:
        split(digits)
    except StsError as error:
        return [Finding(Cause.NOT_A_TOKEN, {"why": str(error)})]
    if _is_test_token(digits):
        return [Finding(Cause.TEST_TOKEN, {})]
    if opened := evidence.keys.open(digits, evidence.cards):
        issued = _issued_elsewhere(opened, evidence)
        return [*_obstacles(digits, opened, None, evidence), issued]
    if other := evidence.opened_by(digits):
        return [Finding(Cause.ANOTHER_METER, {"meter": evidence.meter, "other": other})]
    return [Finding(Cause.UNKNOWN_TOKEN, {})]


def _of_refused(attempt: Attempt, digits: str, evidence: Evidence) -> list[Finding]:
    """A token that was made for this meter: what stands in its way, then that it is good."""
    finding = _of_attempt(attempt, evidence)
    if finding.cause is not Cause.SOLD:
        return [finding]
    opened = evidence.keys.open(digits, evidence.cards)
    obstacles = _obstacles(digits, opened, attempt, evidence)
    if any(obstacle.cause in _FINAL for obstacle in obstacles):
        return obstacles
    return [*obstacles, finding]


def _obstacles(digits: str, opened: Opened | None, attempt: Attempt | None, evidence: Evidence) -> list[Finding]:
    """What may keep a meter from taking a token: seen in its memory, else as far as it follows from what was issued."""
    view = evidence.view
    if view and digits in view.accepted_at:
        return [_used(evidence, view.accepted_at[digits])]
    if opened is None:
        return []
    due = [change for change in _key_changes_due(evidence) if attempt is None or change.made_at <= attempt.at]
    if needed := due[: next((count for count, change in enumerate(due, 1) if change.ti == opened.ti), 0)]:
        return [_key_change(change, evidence) for change in needed]
    change = next(_key_changes(evidence), None)
    if change and opened.ti != change.ti and (view is None or view.ti != opened.ti):
        facts = {"at": _day(change.made_at), "old_ti": opened.ti, "ti": change.ti, "doubt": "" if view else _IF_ALREADY}
        return [Finding(Cause.KEY_CHANGED_SINCE, facts)]
    tid = opened.token.tid
    if view and tid is not None and view.has_used(tid):
        return [_used(evidence, None)]
    if view and tid is not None and view.finds_too_old(tid):
        return [Finding(Cause.TOO_OLD, {})]
    ken = opened.card.ken
    if tid is not None and (ken.is_expired_for(TokenIdentifier(tid)) or (view is not None and view.has_expired(tid))):
        return [Finding(Cause.EXPIRED, {"ken": int(ken)})]
    return [] if view is None else _state(view, digits)


def _state(view: MeterView, digits: str) -> list[Finding]:
    """What is the matter with the meter itself."""
    if not view.has_power:
        return [Finding(Cause.NO_POWER, {})]
    if view.is_tampered:
        return [Finding(Cause.TAMPERED, {})]
    if view.locked_seconds:
        return [Finding(Cause.LOCKED_OUT, {"seconds": view.locked_seconds, "token": grouped(digits)})]
    return []


def _mistyped(digits: str, evidence: Evidence) -> Finding | None:
    """The token of this meter that the digits are one slip away from; only one that was sold is told."""
    for attempt in evidence.attempts:
        slip = slip_between(digits, attempt.token) if attempt.token else None
        if slip and attempt.token:
            if attempt.fate is not Fate.SOLD:
                return _of_attempt(attempt, evidence)
            facts = {"slip": slip, "at": _minute(attempt.at), "token": grouped(attempt.token)}
            return Finding(Cause.MISTYPED, facts, (attempt.token,))
    for upgrade in evidence.upgrades:
        for token in upgrade.tokens:
            if slip := slip_between(digits, token):
                facts = {"slip": slip, "at": _minute(upgrade.made_at), "token": grouped(token)}
                return Finding(Cause.MISTYPED, facts, (token,))
    return None


def _of_attempt(attempt: Attempt, evidence: Evidence) -> Finding:
    """What became of a purchase."""
    facts: dict[str, object] = {
        "meter": evidence.meter,
        "paid": format_rupiah(attempt.paid),
        "at": _minute(attempt.at),
        "reference": attempt.reference,
        "why": _why(attempt),
    }
    if attempt.fate is Fate.SOLD and attempt.token:
        newer = sum(each.fate is Fate.SOLD and each.at > attempt.at for each in evidence.attempts)
        since = f"and {newer} newer token{'s' if newer > 1 else ''} since" if newer else "the newest token of this meter"
        facts |= {"kwh": _energy(attempt), "token": grouped(attempt.token), "since": since}
        return Finding(Cause.SOLD, facts, (attempt.token,))
    if attempt.fate is Fate.SUSPECT:
        day = evidence.reconciled_on(attempt.sale.settled_on if attempt.sale else attempt.at.date())
        if day < evidence.today and attempt.token is None:
            return Finding(Cause.NOT_SOLD, facts | {"why": f"neither side booked it, and its reconciliation was on {day}"})
        facts |= {"reconciled_on": day, "overdue": ", which is overdue," if day < evidence.today else ""}
    return Finding(_CAUSE_OF_FATE[attempt.fate], facts)


_CAUSE_OF_FATE = {
    Fate.SOLD: Cause.SUSPECT,
    Fate.NOT_SOLD: Cause.NOT_SOLD,
    Fate.OPEN: Cause.ADVICE_DUE,
    Fate.SUSPECT: Cause.SUSPECT,
    Fate.CANCELLED: Cause.CANCELLED,
}


def _of_upgrade_token(upgrade: Upgrade, digits: str, evidence: Evidence) -> list[Finding]:
    """A token that an upgrade made, behind the key changes that come before it."""
    view = evidence.view
    if view and digits in view.accepted_at:
        return [_used(evidence, view.accepted_at[digits])]
    is_limit = digits == upgrade.power_limit
    way = _way_to(upgrade, upgrade.ti if is_limit else upgrade.old_ti, evidence)
    if way is None:
        passed = _passed(upgrade, evidence)
        gone = {"at": _day(passed.made_at), "old_ti": passed.old_ti, "ti": passed.ti, "doubt": ""}
        return [Finding(Cause.KEY_CHANGED_SINCE, gone)]
    facts = _upgrade_facts(upgrade)
    if is_limit:
        tokens = _tokens_left(upgrade, evidence)
        finding = Finding(Cause.POWER_LIMIT_TOKEN, facts | {"sections": ", ".join(map(grouped, tokens))}, tokens)
    else:
        place = upgrade.key_change.index(digits) + 1
        finding = Finding(Cause.KEY_CHANGE_TOKEN, facts | {"place": place, "count": len(upgrade.key_change)}, upgrade.tokens)
    return [*(_key_change(change, evidence) for change in way if change != upgrade), finding]


def _way_to(upgrade: Upgrade, ti: str, evidence: Evidence) -> list[Upgrade] | None:
    """The key changes up to an upgrade that bring the meter to a tariff index, the oldest first; None if its key is past that.

    Without a look into the meter these are all of them, which may be keyed in already.
    """
    changes = [change for change in _key_changes(evidence) if change.serial <= upgrade.serial]
    if evidence.view is None:
        return changes[::-1]
    if evidence.view.ti == ti:
        return []
    way: list[Upgrade] = []
    for change in changes:
        way.insert(0, change)
        if change.old_ti == evidence.view.ti:
            return way
    return None


def _passed(upgrade: Upgrade, evidence: Evidence) -> Upgrade:
    """The key change that has brought the meter past an upgrade, else that upgrade."""
    view = evidence.view
    later = (each for each in _key_changes(evidence) if view and each.serial >= upgrade.serial and each.ti == view.ti)
    return next(later, upgrade)


def _issued_elsewhere(opened: Opened, evidence: Evidence) -> Finding:
    tid, base_date = opened.token.tid, opened.card.parameters.base_date
    issued = _minute(TokenIdentifier(tid).issued(base_date)) if tid is not None else "no time"
    name = opened.token.token_type.value.replace("_", " ")
    return Finding(Cause.ISSUED_ELSEWHERE, {"meter": evidence.meter, "type": name, "issued_at": issued})


def _key_change(change: Upgrade, evidence: Evidence) -> Finding:
    facts = _upgrade_facts(change) | {"doubt": "" if evidence.view else _IF_NOT_YET}
    return Finding(Cause.KEY_CHANGE_FIRST, facts, change.tokens)


def _upgrade_due(upgrade: Upgrade, evidence: Evidence) -> Finding:
    tokens = _tokens_left(upgrade, evidence)
    facts = {"sections": ", ".join(map(grouped, tokens)), "doubt": "" if evidence.view else _IF_NOT_YET}
    return Finding(Cause.UPGRADE_DUE, _upgrade_facts(upgrade) | facts, tokens)


def _tokens_left(upgrade: Upgrade, evidence: Evidence) -> tuple[str, ...]:
    """What of an upgrade is to be keyed in: the limit alone where the meter has its key already, and would refuse the rest."""
    has_key = evidence.view is not None and evidence.view.ti == upgrade.ti
    return (upgrade.power_limit,) if has_key else upgrade.tokens


def _outstanding(evidence: Evidence) -> list[Upgrade]:
    """The upgrades whose tokens the meter has not taken, or may not have, the oldest first: key changes, and the last limit."""
    due = _key_changes_due(evidence)
    last = evidence.upgrades[0] if evidence.upgrades else None
    if last is None or last in due or (evidence.view and last.power_limit in evidence.view.accepted_at):
        return due
    return due if evidence.view and last.key_change and evidence.view.ti != last.ti else [*due, last]


def _used(evidence: Evidence, at: datetime | None) -> Finding:
    when = (f" on {_minute(at)}", f" pada {_minute(at)}") if at else ("", "")
    return Finding(Cause.ALREADY_USED, {"meter": evidence.meter, "when": when[0], "when_id": when[1]})


def _upgrade_facts(upgrade: Upgrade) -> dict[str, object]:
    return {
        "contract": f"{upgrade.tariff}/{upgrade.va} VA",
        "at": _day(upgrade.made_at),
        "old_ti": upgrade.old_ti,
        "ti": upgrade.ti,
        "sections": ", ".join(map(grouped, upgrade.tokens)),
    }


def _key_changes(evidence: Evidence) -> Iterator[Upgrade]:
    """The upgrades with a key change, the newest first."""
    return (upgrade for upgrade in evidence.upgrades if upgrade.key_change)


def _key_changes_due(evidence: Evidence) -> list[Upgrade]:
    """The key changes that lead from the meter's key to the present one, the oldest first.

    Without a look into the meter these are all of them, which may be keyed in already.
    """
    due: list[Upgrade] = []
    for change in _key_changes(evidence):
        if evidence.view is not None and change.ti == evidence.view.ti:
            break
        due.insert(0, change)
    return due if evidence.view is None or (due and due[0].old_ti == evidence.view.ti) else []


def _is_test_token(digits: str) -> bool:
    """Whether it opens without a key. One in four rows of digits has the class of a test token, but not its CRC."""
    try:
        return decode(digits, None).layout.token_class is TokenClass.TEST_DISPLAY
    except StsError:
        return False


def _why(attempt: Attempt) -> str:
    """Why a purchase is not sold, or not sure."""
    if attempt.purchase is None:
        return "the switching's journal does not have it"
    result = attempt.purchase.result
    meaning = ResponseCode(result.code).meaning if result.code in set(ResponseCode) else ""
    is_failure = result.code is not None and result.code != ResponseCode.SUCCESSFUL
    said = [f"{result.code} {meaning}".strip()] if is_failure else []
    return "; ".join([*said, *([result.why] if result.why else [])]) or f"the switching has it as {result.outcome.value}"


def _energy(attempt: Attempt) -> str:
    if attempt.sale:
        return format_tenths(attempt.sale.kwh)
    sold = attempt.purchase.result.sale if attempt.purchase else None
    return str(sold.energy) if sold else "?"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
