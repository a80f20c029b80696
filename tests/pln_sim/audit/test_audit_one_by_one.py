"""The bulk audit against one that looks at a row at a time with the single decoder: the same lines of the same kinds."""

from datetime import datetime, timedelta
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.sts.errors import CRCError, FormatError
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.numbers.transfer_amount import decode_amount, encode_amount
from meter_emu.sts.tokens import TokenType, decode
from pln_sim.audit.execution import audit_here
from pln_sim.audit.lines import AuditedLines
from pln_sim.audit.mismatch import Mismatch
from pln_sim.audit.report import compile_report
from pln_sim.reconciliation.columns import Transaction

METERS = ["12345678911", "04176855916", "30000000000", "40000000000", "50000000000"]
STORE = KeyStore.from_document(
    {
        "meter": [
            {"drn": METERS[0], "ea": "07"},
            {"drn": METERS[1], "sgc": "123456", "dkga": "02", "ea": "07", "ken": 103},
            {"drn": METERS[2], "ken": 102},
            {"drn": METERS[3], "sgc": "999999"},
        ]
    }
)
NOON = datetime(2026, 11, 22, 12, 0)
sellable = st.sampled_from([meter for meter in METERS if meter != METERS[3]])
minutes = st.sampled_from([0, 0, 1, -5, 6, 60_000, -3_000_000])
energies = st.sampled_from([10, 2330, 163_841, 182_016_240])
kinds = st.sampled_from([TokenType.ELECTRICITY_CREDIT] * 3 + [TokenType.GAS_CREDIT])
rows = st.tuples(st.sampled_from(METERS), energies, minutes, st.none() | st.tuples(sellable, energies, minutes, kinds))


def one_by_one(lines, tolerance):
    """Kind and line of every mismatch but for the repeats, then the repeats."""
    tokens, identifiers = {}, {}
    for number, line in enumerate(lines, 2):
        row = Transaction.of(line)
        card = STORE.card(Drn(row.meter))
        later_token = tokens.setdefault(row.token, number) != number
        if later_token:
            yield Mismatch.REPEATED_TOKEN, number
        try:
            token = decode(row.token, STORE.key_of(card).decoder_key.cipher())
        except CRCError:
            is_named = card.drn in STORE.meters
            yield (Mismatch.WRONG_KEY if is_named else Mismatch.UNKNOWN_METER), number
            continue
        except FormatError:
            yield Mismatch.KEYS_NOT_AT_HAND, number
            continue
        if token.token_type is not TokenType.ELECTRICITY_CREDIT:
            yield Mismatch.NOT_ELECTRICITY_CREDIT, number
            continue
        if token["amount"] != decode_amount(encode_amount(-(-row.energy // 10))):
            yield Mismatch.ENERGY, number
        moment = datetime.strptime(row.local_time[:12], "%Y%m%d%H%M")
        away = TokenIdentifier(token["tid"]).issued(card.parameters.base_date) - moment
        if abs(away) > timedelta(minutes=tolerance):
            yield Mismatch.TIME, number
        if card.ken.is_expired_for(token["tid"]):
            yield Mismatch.KEY_EXPIRED, number
        seen = identifiers.setdefault((row.meter, token["tid"]), [])
        if seen and row.token not in seen:
            yield Mismatch.REPEATED_TID, number
        seen.append(row.token)


@settings(max_examples=60)
@given(st.lists(rows, max_size=8), st.lists(st.integers(0, 7), max_size=2))
def test_the_same_mismatches(audit_tools, sold, again):
    seller_class, file_of, job_of = audit_tools
    seller, lines = seller_class(STORE), []
    for meter, energy, minute, token in sold:
        at = NOON + timedelta(minutes=minute)
        if token is None:
            token = ("12345678911" if meter == METERS[3] else meter, energy, minute, TokenType.ELECTRICITY_CREDIT)
        drn, tokens_energy, tokens_minute, token_type = token
        tokens_at = NOON + timedelta(minutes=tokens_minute)
        digits = seller.token(drn, tenths=-(-tokens_energy // 10), at=tokens_at, token_type=token_type)
        lines.append(seller.row(meter, digits, energy=energy, at=at))
    lines += [lines[index] for index in again if index < len(lines)]
    job = job_of(STORE, most_examples=100)
    audited = AuditedLines(BytesIO(file_of(lines)), piece_bytes=500)
    report = compile_report(audited, audit_here(audited, job), 100)
    assert sorted((example.mismatch, example.line) for example in report.examples) == sorted(one_by_one(lines, job.tolerance))
