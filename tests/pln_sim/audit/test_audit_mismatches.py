"""A file with each kind of mismatch planted: found and counted exactly, wherever the pieces of the file are cut."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meter_emu.sts.ciphers import StaTables
from meter_emu.sts.keys.key_store import KeyStore
from meter_emu.sts.numbers import BaseDate, TokenIdentifier
from meter_emu.sts.tokens import Token, TokenType, encode
from pln_sim.audit.execution import audit_here
from pln_sim.audit.lines import AuditedLines
from pln_sim.audit.mismatch import Mismatch
from pln_sim.audit.report import compile_report

KEYS = {
    "vending_key": [
        {"sgc": "600001", "krn": 1, "dkga": "04", "key": "00112233445566778899aabbccddeeff01234567"},
        {"sgc": "600002", "krn": 3, "dkga": "02", "key": "0123456789abcdef"},
        {"sgc": "600003", "krn": 1, "dkga": "03", "key": "00112233445566778899aabbccddeeff"},
    ],
    "meter": [
        *({"drn": f"1{number:010d}", "sgc": "600001", "ti": f"{number % 3:02d}"} for number in range(10)),
        *({"drn": f"2{number:010d}", "sgc": "600001", "ea": "07"} for number in range(10)),
        *({"drn": f"3{number:010d}", "sgc": "600002", "krn": 3, "dkga": "02", "ea": "07"} for number in range(10)),
        {"drn": "40000000000", "sgc": "600003", "dkga": "03", "ea": "09", "base_date": "2035"},
        {"drn": "50000000000", "sgc": "600001", "ken": 103},
        {"drn": "60000000000", "sgc": "999999"},
        {"drn": "70000000000", "sgc": "600002", "krn": 3, "dkga": "02", "ea": "11"},
        {"drn": "80000000000", "dkga": "01"},
    ],
}
GOOD = [f"{kind}{number:010d}" for kind in (1, 2, 3) for number in range(10)]


def audited(content, job, **cuts):
    lines = AuditedLines(BytesIO(content), **cuts)
    return compile_report(lines, audit_here(lines, job), job.most_examples)


@pytest.fixture(scope="module")
def planted(audit_tools):
    """A file, its job, and the lines of each mismatch in it."""
    seller_class, file_of, job_of = audit_tools
    seller = seller_class(KeyStore.from_document(KEYS))
    key = seller.store.key_of(seller.store.card(GOOD[0])).decoder_key
    token, row = seller.token, seller.row
    other_time = seller.sold_at + timedelta(days=1)
    sold = token(GOOD[1], at=other_time)
    bad = {
        Mismatch.MALFORMED_ROW: [
            b"\n",
            b"nonsense\n",
            row(GOOD[0]).replace(b"6015", b"60x5"),
            row(GOOD[0])[:-1].replace(b"|", b";") + b"\n",
            b"\xff\x00" + row(GOOD[0])[2:],
            b"20260230" + row(GOOD[0])[8:],
            b"20261322" + row(GOOD[0])[8:],
            b"00000101" + row(GOOD[0])[8:],
            b"9" * 70_000 + b"\n",
        ],
        Mismatch.NOT_A_TOKEN: [row(GOOD[0], "9" * 20), row("60000000000", str(2**66)), row(GOOD[0], f"{2**66 - 1:020d}")],
        Mismatch.KEYS_NOT_AT_HAND: [
            row("60000000000", token(GOOD[0], tenths=7)),
            row("70000000000", f"{12345:020d}"),
            row("80000000000", f"{12346:020d}"),
            row("        123", f"{12347:020d}"),
        ],
        Mismatch.UNKNOWN_METER: [row("99999999999", token(GOOD[2], at=other_time))],
        Mismatch.WRONG_KEY: [row(GOOD[3], token(GOOD[4], at=other_time)), row(GOOD[13], token(GOOD[14], at=other_time))],
        Mismatch.NOT_ELECTRICITY_CREDIT: [
            row(GOOD[0], token(GOOD[0], token_type=TokenType.WATER_CREDIT)),
            row(GOOD[11], token(GOOD[11], token_type=TokenType.CLEAR_CREDIT, values={"register": 0})),
            row(GOOD[0], encode(Token.build(TokenType.METER_TEST_MFR2, control=1, mfr_code=0), key.cipher())),
        ],
        Mismatch.ENERGY: [
            row(GOOD[5], token(GOOD[5], tenths=2331, at=other_time), at=other_time),
            row(GOOD[15], token(GOOD[15], tenths=2329, at=other_time), at=other_time),
            row(GOOD[25], token(GOOD[25], tenths=2330, at=other_time), energy=23_301, at=other_time),
        ],
        Mismatch.TIME: [
            row(GOOD[6], token(GOOD[6], at=other_time + timedelta(minutes=6)), at=other_time),
            row(GOOD[16], token(GOOD[16], at=other_time - timedelta(minutes=6)), at=other_time),
        ],
        Mismatch.KEY_EXPIRED: [row("50000000000", token("50000000000", tid=104 << 16, tenths=2330), at=_moment(104 << 16))],
        Mismatch.REPEATED_TOKEN: [row(GOOD[1], sold, at=other_time)],
        Mismatch.REPEATED_TID: [row(GOOD[1], token(GOOD[1], tenths=10, at=other_time), energy=100, at=other_time)],
    }
    good = [row(meter) for meter in [*GOOD, "01234567890"]]
    good.append(row("40000000000", at=datetime(2040, 2, 29, 23, 59)))
    good += [
        row(meter, energy=energy, at=other_time + timedelta(minutes=7))
        for meter, energy in zip(GOOD[7:9], (163_841, 1), strict=True)
    ]
    rows = [(None, line) for line in good] + [(kind, line) for kind, lines in bad.items() for line in lines]
    Random(7).shuffle(rows)
    rows.insert(0, (None, row(GOOD[1], sold, at=other_time)))
    where = {kind: [line for line, (found, _) in enumerate(rows, 2) if found is kind] for kind in bad}
    return file_of([line for _, line in rows]), job_of(seller.store, most_examples=20), where


def _moment(tid):
    return TokenIdentifier(tid).issued(BaseDate.BASE_2014)


def test_each_kind_is_found_where_it_is(planted):
    content, job, where = planted
    report = audited(content, job)
    assert {kind: [example.line for example in report.of(kind)] for kind in report.counts} == where
    assert report.counts == Counter({kind: len(lines) for kind, lines in where.items()})
    assert report.rows == content.count(b"\n") - 2


@settings(max_examples=25)
@given(st.integers(50, 3000) | st.integers(3000, 200_000))
def test_it_does_not_matter_where_the_pieces_are_cut(planted, piece_bytes):
    content, job, _ = planted
    assert audited(content, job, piece_bytes=piece_bytes) == audited(content, job)


def test_what_the_examples_say(planted):
    content, job, _ = planted
    report = audited(content, job)
    said = {example.text for example in report.examples}
    assert said >= {
        "the row says 233.00 kWh, the token 233.10 kWh",
        "the row says 2026-11-23 08:30, the token 2026-11-23 08:36",
        "it is water credit",
        "it is clear credit",
        "it is meter test mfr2",
        "SGC 999999, KRN 1, DKGA04, EA11",
        "a meter number here has 11 digits",
        "TID 6815744 lies beyond key expiry number 103",
        "DT: there is no such day: 20260230",
        "there are 1 columns, not 16",
        "as in line 2",
    }


def test_no_report_shows_a_token(planted):
    content, job, _ = planted
    report = audited(content, job)
    tokens = {line.split(b"|")[14].decode("latin-1") for line in content.splitlines()[1:-1] if line.count(b"|") == 15}
    shown = repr(report) + "".join(map(str, report.examples)) + str(report.json_object())
    assert len(tokens) > len(GOOD)
    assert not [token for token in tokens if token in shown]


def test_no_more_examples_than_asked_for_are_kept(planted):
    content, job, where = planted
    report = audited(content, replace(job, most_examples=1))
    assert {kind: [example.line for example in report.of(kind)] for kind in report.counts} == {
        kind: lines[:1] for kind, lines in where.items()
    }
    assert report.counts == audited(content, job).counts


def test_a_row_can_differ_in_many_ways(audit_tools):
    seller_class, file_of, job_of = audit_tools
    store = KeyStore.from_document({"meter": [{"drn": "12345678911", "ken": 100}]})
    seller = seller_class(store)
    token = seller.token("12345678911", tenths=1, tid=101 << 16)
    report = audited(file_of([seller.row("12345678911", token)]), job_of(store))
    assert set(report.counts) == {Mismatch.ENERGY, Mismatch.TIME, Mismatch.KEY_EXPIRED}


@pytest.mark.parametrize(
    ("minutes", "tolerance", "agrees"), [(5, 5, True), (-5, 5, True), (6, 5, False), (0, 0, True), (1, 0, False)]
)
def test_the_tolerance_in_minutes(seller, audit_tools, minutes, tolerance, agrees):
    _, file_of, job_of = audit_tools
    row = seller.row("12345678911", seller.token("12345678911", at=seller.sold_at + timedelta(minutes=minutes)))
    report = audited(file_of([row]), job_of(seller.store, tolerance=tolerance))
    assert report.counts == ({} if agrees else {Mismatch.TIME: 1})


@given(st.integers(1, 182_016_240))
def test_any_energy_agrees_with_its_own_token(audit_tools, energy):
    seller_class, file_of, job_of = audit_tools
    seller = seller_class(KeyStore.empty())
    assert not audited(file_of([seller.row("12345678911", energy=energy)]), job_of(seller.store)).counts


def test_other_tables(audit_tools):
    seller_class, file_of, job_of = audit_tools
    tables = StaTables(tuple(range(63, -1, -1)), (tuple(range(16)), tuple(range(15, -1, -1))))
    store = KeyStore.from_document({"meter": [{"drn": "12345678911", "ea": "07"}]})
    seller = seller_class(store)
    content = file_of([seller.row("12345678911", seller.token("12345678911", tables=tables))])
    assert audited(content, job_of(store, tables=tables)).counts == {}
    assert audited(content, job_of(store)).counts == {Mismatch.WRONG_KEY: 1}


def test_without_a_key_file_every_meter_is_a_test_meter(seller, audit_tools):
    _, file_of, job_of = audit_tools
    rows = [seller.row("12345678911"), seller.row("99999999999", f"{1:020d}")]
    assert audited(file_of(rows), job_of(seller.store)).counts == {Mismatch.WRONG_KEY: 1}


def test_rows_of_other_line_ends_and_of_ten_digit_amounts_are_rows(seller, audit_tools):
    _, file_of, job_of = audit_tools
    dos = seller.row("12345678911").replace(b"\n", b"\r\n")
    narrow = seller.row("04176855916").replace(b"|000050000000|", b"|0050000000|")
    assert audited(file_of([dos, narrow]), job_of(seller.store)).counts == {}


def test_any_octets_are_audited_to_their_end(seller, audit_tools):
    job_of = audit_tools[2]
    good = seller.row("12345678911")

    @given(st.lists(st.binary(max_size=300) | st.just(good) | st.just(good[:100]), max_size=6), st.integers(1, 500))
    def check(parts, piece_bytes):
        content = b"".join(parts)
        report = audited(content, job_of(seller.store), piece_bytes=piece_bytes)
        assert report.counts[Mismatch.INCOMPLETE_FILE]
        assert report.rows == content.count(b"\n") + (content[-1:] not in (b"", b"\n"))

    check()
