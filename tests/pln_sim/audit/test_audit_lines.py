"""Header, checksum row and the ends of files."""

from io import BytesIO

import pytest

from pln_sim.audit.lines import LONGEST_LINE, AuditedLines


def read(content, piece_bytes=1000):
    lines = AuditedLines(BytesIO(content), piece_bytes=piece_bytes)
    pieces = list(lines)
    return pieces, [str(example) for example in lines.examples], lines.rows


@pytest.fixture
def content(seller, audit_tools):
    return audit_tools[1]([seller.row("12345678911"), seller.row("04176855916")])


def test_a_whole_file_has_nothing_to_complain_of(content):
    pieces, complaints, rows = read(content)
    assert (b"".join(piece.octets for piece in pieces), complaints, rows) == (b"".join(content.splitlines(True)[1:-1]), [], 2)


def test_an_empty_reconciliation_has_two_lines(audit_tools):
    assert read(audit_tools[1]([])) == ([], [], 0)


@pytest.mark.parametrize(
    ("change", "complaints", "rows"),
    [
        (lambda lines: lines[1:], ["line 1: the first line must be the header row"], 2),
        (lambda lines: lines[:-1], ["line 3: there is no checksum row: is the file cut off?"], 2),
        (lambda lines: [lines[0], *lines[2:]], ["line 3: the checksum row counts 2 transactions, the file has 1"], 1),
        (lambda lines: [*lines[:2], lines[2][:50]], ["line 3: there is no checksum row: is the file cut off?"], 2),
        (lambda lines: [*lines, b"\n"], ["line 5: there is no checksum row: is the file cut off?"], 4),
    ],
)
def test_a_file_that_is_not_whole(content, change, complaints, rows):
    assert read(b"".join(change(content.splitlines(True))))[1:] == (complaints, rows)


def test_an_empty_file():
    assert read(b"")[1] == [
        "line 1: the first line must be the header row",
        "line 1: there is no checksum row: is the file cut off?",
    ]


@pytest.mark.parametrize("end", [b"\r\n", b""])
def test_other_line_ends_of_the_checksum_row(content, end):
    assert read(content[:-1] + end)[1:] == ([], 2)


def test_a_line_without_an_end_is_not_held(content):
    head, *rest = content.splitlines(True)
    pieces, complaints, rows = read(b"".join([head, b"7" * 1_000_000 + b"\n", *rest]), piece_bytes=10_000)
    assert max(len(piece.octets) for piece in pieces) < LONGEST_LINE + 20_000
    assert rows == 3
    assert complaints == ["line 5: the checksum row counts 2 transactions, the file has 3"]


def test_a_piece_hides_what_it_holds(content):
    (piece,), _, _ = read(content)
    assert repr(piece) == "Piece(first_line=2)"
