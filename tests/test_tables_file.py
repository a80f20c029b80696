"""Tables files, good and bad."""

import json
import os
from pathlib import Path

import pytest

from meter_emu.shell.errors import FileError
from meter_emu.shell.tables_file import MAXIMUM_BYTES, read_tables_file
from meter_emu.sts.ciphers import SAMPLE_TABLES
from meter_emu.sts.errors import FormatError

DOCUMENT = {"permutation": list(SAMPLE_TABLES.permutation), "substitution": [list(box) for box in SAMPLE_TABLES.substitution]}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tables.json"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_the_tables_in_a_file(path, mark):
    path.write_bytes(mark + json.dumps(DOCUMENT).encode())
    assert read_tables_file(path) == SAMPLE_TABLES


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 50_000, "not JSON"),
        (b"[]", 'expected an object with "permutation" and "substitution"'),
        (b"{}", '"permutation" must be a list of 64 numbers'),
        (json.dumps(DOCUMENT | {"permutation": [0] * 64}).encode(), '"permutation" must hold each number from 0 to 63 once'),
        (json.dumps(DOCUMENT | {"substitution": [[]]}).encode(), '"substitution" must be two lists of 16 numbers'),
        (
            json.dumps(DOCUMENT | {"substitution": [[], []]}).encode(),
            '"substitution" list 1 must hold each number from 0 to 15',
        ),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b" " * (MAXIMUM_BYTES + 1), f"is larger than {MAXIMUM_BYTES} bytes"),
    ],
    ids=range(10),
)
def test_a_file_that_is_wrong_is_named_with_what_is_wrong(path, content, said):
    path.write_bytes(content)
    with pytest.raises(FormatError) as error:
        read_tables_file(path)
    assert str(path) in str(error.value)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_none_is_a_file_error(path, tmp_path):
    for no_file in (path, tmp_path):
        with pytest.raises(FileError, match=str(no_file)):
            read_tables_file(no_file)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no such device here")
def test_a_file_without_an_end_is_not_read_to_its_end():
    with pytest.raises(FormatError, match="larger"):
        read_tables_file(Path("/dev/zero"))
