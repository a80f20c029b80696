"""A piece of a file audited: decode every token, hold it against its row. The work that is shared out; pure.

What has to agree:

    meter  the key of the row's meter opens the token
    kWh    the token's amount is what the row's kWh become on a token: rounded up to the step that can be coded (6.3.6)
    time   the TID is at most ``tolerance`` minutes away from the row's time: two clocks, and the TIDs of tokens that one
           meter bought in the same minute, which move on by a minute each

and the token must be an electricity credit that the meter's key has not outlived. Of several reasons why a token cannot be
read at all, the first in the order of ``Mismatch`` is the one.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from meter_emu.sts.bulk.arrays import Flags, Octets, Words
from meter_emu.sts.bulk.cipher import bulk_cipher
from meter_emu.sts.bulk.codec import DecodedTokens, Refusal, decode_split
from meter_emu.sts.bulk.digits import Split, split
from meter_emu.sts.ciphers import EncryptionAlgorithm, StaTables
from meter_emu.sts.numbers.transfer_amount import RANGE_STARTS, STEPS
from meter_emu.sts.tokens.layout import TokenType
from pln_sim.audit.key_ring import UNNAMED, KeyRing
from pln_sim.audit.lines import Piece
from pln_sim.audit.mismatch import Example, Mismatch
from pln_sim.audit.rows import Numbers, Rows, read_rows

_STARTS, _STEPS = np.array(RANGE_STARTS, dtype=np.int64), np.array(STEPS, dtype=np.int64)
_EPOCH = datetime(1, 1, 1)
_MINUTE = timedelta(minutes=1)
_NO_TOKEN = (Refusal.NOT_DIGITS, Refusal.TOO_LARGE, Refusal.RESERVED_CLASS)


@dataclass(frozen=True)
class Job:
    """What a piece is audited with. Its repr shows no key."""

    ring: KeyRing
    tables: StaTables
    tolerance: int
    """Minutes."""
    most_examples: int
    """Of each kind."""

    def __repr__(self) -> str:
        return f"Job({len(self.ring.meters)} meters)"


@dataclass(frozen=True)
class Sold:
    """What later rows must not sell again: the tokens of the rows that hold one, and the TIDs of those that were decoded."""

    lines: Numbers
    front: Words
    block: Words
    """With ``front`` the token's number (see ``bulk.digits.Split``)."""
    is_decoded: Flags
    meters: Numbers
    tid: Numbers


@dataclass(frozen=True)
class PieceReport:
    """What was found in a piece: how many of each kind, the first examples of each."""

    counts: Counter[Mismatch]
    examples: list[Example] = field(repr=False)
    sold: Sold = field(repr=False)


def audit_piece(piece: Piece, job: Job) -> PieceReport:
    """Audit the rows in a piece. Nothing in it raises."""
    rows, malformed = read_rows(piece)
    parts = split(rows.tokens)
    group, ken, has_key, decoded = _opened(rows, parts, job)
    found = _found(rows, parts, decoded, has_key, group, ken, job)
    counts, examples = Counter({Mismatch.MALFORMED_ROW: len(malformed)}), malformed[: job.most_examples]
    for mismatch, flags, text in found:
        indexes = np.flatnonzero(flags)
        counts[mismatch] += len(indexes)
        for index in indexes[: job.most_examples].tolist():
            names = (rows.text(index, "METERNUM"), rows.text(index, "REFNUM"))
            examples.append(Example(int(rows.lines[index]), mismatch, *names, text(index)))
    is_number = ~np.isin(parts.refusal, [Refusal.NOT_DIGITS, Refusal.TOO_LARGE])
    is_credit = has_key & decoded.is_of(TokenType.ELECTRICITY_CREDIT)
    sold = Sold(
        lines=rows.lines[is_number],
        front=parts.front[is_number],
        block=parts.block[is_number],
        is_decoded=is_credit[is_number],
        meters=rows.meters[is_number],
        tid=decoded.tid[is_number],
    )
    return PieceReport(+counts, examples, sold)


def _opened(rows: Rows, parts: Split, job: Job) -> tuple[NDArray[np.intp], Numbers, Flags, DecodedTokens]:
    """Every token with the key its row's meter had at the time of the row: group, KEN, whether there is a key, and the token.

    The clock of the row is not that of the upgrade which changed the key, so near one the key before or after it may do.
    """
    ring = job.ring
    group, ken = ring.look_up(rows.meters, rows.minutes)
    has_key, decoded = _decode(rows, parts, group, rows.meters >= 0, job)
    if not ring.has_changes:
        return group, ken, has_key, decoded
    margin = job.tolerance + 1  # Minutes are cut off on both sides.
    for minutes in (rows.minutes - margin, rows.minutes + margin):
        other, other_ken = ring.look_up(rows.meters, minutes)
        is_tried = has_key & (decoded.refusal == Refusal.WRONG_CRC) & (other != group)
        if is_tried.any():
            has_other, again = _decode(rows, parts, other, is_tried, job)
            fits = has_other & (again.refusal != Refusal.WRONG_CRC)
            group, ken = np.where(fits, other, group), np.where(fits, other_ken, ken)
            decoded = DecodedTokens(
                np.where(fits, again.refusal, decoded.refusal),
                parts.token_class,
                np.where(fits, again.block, decoded.block),
            )
    return group, ken, has_key, decoded


def _decode(rows: Rows, parts: Split, group: NDArray[np.intp], is_wanted: Flags, job: Job) -> tuple[Flags, DecodedTokens]:
    """The tokens that are wanted with the keys of their groups, and whether there is one."""
    has_key = is_wanted.copy()
    places: defaultdict[EncryptionAlgorithm, list[NDArray[np.intp]]] = defaultdict(list)
    keys: defaultdict[EncryptionAlgorithm, list[Octets]] = defaultdict(list)
    by_group = np.flatnonzero(has_key)
    by_group = by_group[np.argsort(group[by_group], kind="stable")]
    numbers, starts = np.unique(group[by_group], return_index=True)
    for number, members in zip(numbers.tolist(), np.split(by_group, starts[1:]), strict=False):
        meter_group = job.ring.groups[number]
        if meter_group.vending_key is None:
            has_key[members] = False
        else:
            places[meter_group.parameters.ea].append(members)
            keys[meter_group.parameters.ea].append(meter_group.decoder_keys(rows.drns[members]))
    refusal, block = parts.refusal.copy(), parts.block.copy()
    for algorithm in places:
        place = np.concatenate(places[algorithm])
        cipher = bulk_cipher(algorithm, np.concatenate(keys[algorithm]), job.tables)
        decoded = decode_split(parts.at(place), cipher)
        refusal[place], block[place] = decoded.refusal, decoded.block
    return has_key, DecodedTokens(refusal, parts.token_class, block)


Found = tuple[Mismatch, Flags, Callable[[int], str]]
"""A kind, the rows it is found in, and what to say of one of them."""


def _found(
    rows: Rows,
    parts: Split,
    decoded: DecodedTokens,
    has_key: Flags,
    group: NDArray[np.intp],
    ken: Numbers,
    job: Job,
) -> Iterator[Found]:
    is_no_token = np.isin(parts.refusal, _NO_TOKEN)
    is_read = ~is_no_token & has_key
    is_closed = is_read & (decoded.refusal == Refusal.WRONG_CRC)
    is_stranger = (group == UNNAMED) & (not job.ring.knows_all)
    is_credit = is_read & decoded.is_of(TokenType.ELECTRICITY_CREDIT)
    due, paid_for = decoded.amount, _on_a_token(rows.energy)
    start = _base_minutes(job.ring).take(group)
    tid, wanted = decoded.tid, rows.minutes - start
    yield Mismatch.NOT_A_TOKEN, is_no_token, lambda index: _REASONS[Refusal(parts.refusal[index])]
    yield Mismatch.KEYS_NOT_AT_HAND, ~is_no_token & ~has_key, lambda index: _missing_key(rows, group, index, job.ring)
    yield Mismatch.UNKNOWN_METER, is_closed & is_stranger, lambda _: ""
    yield Mismatch.WRONG_KEY, is_closed & ~is_stranger, lambda _: ""
    yield (
        Mismatch.NOT_ELECTRICITY_CREDIT,
        is_read & ~is_closed & ~is_credit,
        lambda index: f"it is {_type_of(decoded, index)}",
    )
    yield (
        Mismatch.ENERGY,
        is_credit & (due != paid_for),
        lambda index: f"the row says {_kwh(int(rows.energy[index]))} kWh, the token {_kwh(10 * int(due[index]))} kWh",
    )
    yield (
        Mismatch.TIME,
        is_credit & (np.abs(tid - wanted) > job.tolerance),
        lambda index: f"the row says {_moment(int(rows.minutes[index]))}, the token {_moment(int(start[index] + tid[index]))}",
    )
    yield (
        Mismatch.KEY_EXPIRED,
        is_credit & (tid >> 16 > ken),
        lambda index: f"TID {tid[index]} lies beyond key expiry number {ken[index]}",
    )


_REASONS = {
    Refusal.TOO_LARGE: "its value is 2^66 or more",
    Refusal.RESERVED_CLASS: "class 3 is reserved",
    Refusal.NOT_DIGITS: "it is not 20 digits",
}


def _on_a_token(energy: Numbers) -> Numbers:
    """Hundredths of a kWh as the tenths that a token carries for them, rounded up to a step (6.3.6)."""
    tenths = -(-energy // 10)
    exponent = np.searchsorted(_STARTS, tenths, side="right") - 1
    start, step = _STARTS.take(exponent), _STEPS.take(exponent)
    rounded: Numbers = start - (start - tenths) // step * step
    return rounded


def _base_minutes(ring: KeyRing) -> Numbers:
    """The base date of each group, in minutes from 0001-01-01."""
    return np.array([(group.parameters.base_date.start - _EPOCH) // _MINUTE for group in ring.groups], dtype=np.int64)


def _missing_key(rows: Rows, group: NDArray[np.intp], index: int, ring: KeyRing) -> str:
    if rows.meters[index] < 0:
        return "a meter number here has 11 digits"
    parameters = ring.groups[group[index]].parameters
    return f"SGC {parameters.sgc}, KRN {int(parameters.krn)}, DKGA{parameters.dkga.value}, EA{parameters.ea.value}"


def _type_of(decoded: DecodedTokens, index: int) -> str:
    if decoded.refusal[index] == Refusal.NO_SUBCLASS:
        return f"class {decoded.token_class[index]}, subclass {int(decoded.block[index]) >> 60}, which no token is"
    return str(decoded.token(index).token_type).replace("_", " ")


def _kwh(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _moment(minutes: int) -> str:
    return (_EPOCH + minutes * _MINUTE).isoformat(sep=" ", timespec="minutes")
