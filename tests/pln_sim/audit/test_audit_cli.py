"""``pln-sim recon audit`` as it is run."""

import json
import subprocess
import sys

import pytest

from meter_emu.sts.bulk.arrays import SLICE
from meter_emu.sts.keys.key_store import KeyStore

SECRET = "00112233445566778899aabbccddeeff01234567"
KEY_FILE = f"""
[[vending_key]]
sgc = "600001"
krn = 1
key = "{SECRET}"

[[meter]]
drn = "12345678911"
sgc = "600001"
"""


@pytest.fixture
def good(tmp_path, seller, audit_tools):
    path = tmp_path / "10000D3-53502-20261123.txt"
    path.write_bytes(audit_tools[1]([seller.row("12345678911"), seller.row("04176855916")]))
    return path


@pytest.fixture
def bad(tmp_path, seller, audit_tools):
    path = tmp_path / "bad.txt"
    rows = [
        seller.row("12345678911"),
        seller.row("04176855916", seller.token("12345678911", tenths=5)),
        seller.row("04176855916", seller.token("04176855916", tenths=2340)),
    ]
    path.write_bytes(audit_tools[1](rows))
    return path


def test_a_good_file(pln_sim, good):
    result = pln_sim("recon", "audit", good)
    assert (result.exit_code, result.stdout) == (0, f"{good}: 2 rows, every token agrees with its row\n")
    assert result.stderr == "note: test keys: tokens are decoded with the published keys of the compliance tests\n"


def test_a_bad_file(pln_sim, bad):
    result = pln_sim("recon", "audit", bad)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{bad}: 3 rows",
        "",
        "        1  token of another meter or key: this meter's key does not open it",
        f"           line 3, meter 04176855916, {2:032X}",
        "",
        "        1  kWh on the token differ from the row",
        f"           line 4, meter 04176855916, {3:032X}: the row says 233.00 kWh, the token 234.00 kWh",
    ]
    assert result.stderr.splitlines()[-1] == f"pln-sim: {bad}: 2 mismatches in 3 rows"


@pytest.mark.parametrize(
    ("most", "shown"), [(0, []), (1, [f"           line 2, meter 12345678911, {1:032X}", "           and 2 more"])]
)
def test_no_more_examples_than_asked_for(pln_sim, tmp_path, seller, audit_tools, most, shown):
    path = tmp_path / "three.txt"
    path.write_bytes(audit_tools[1]([seller.row("12345678911", f"{number:020d}") for number in range(3)]))
    result = pln_sim("recon", "audit", path, "--examples", most)
    assert result.stdout.splitlines()[3:] == shown


def test_json(pln_sim, bad):
    result = pln_sim("recon", "audit", bad, "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (report["file"], report["rows"], report["mismatches"]) == (str(bad), 3, 2)
    assert {kind: count for kind, count in report["counts"].items() if count} == {"wrong_key": 1, "energy": 1}
    assert [example["line"] for example in report["examples"]] == [3, 4]


def test_keys_of_a_key_file(pln_sim, key_file, tmp_path, audit_tools):
    seller_class, file_of, _ = audit_tools
    store = KeyStore.from_document(
        {
            "vending_key": [{"sgc": "600001", "krn": 1, "key": SECRET}],
            "meter": [{"drn": "12345678911", "sgc": "600001"}],
        }
    )
    path = tmp_path / "file.txt"
    path.write_bytes(file_of([seller_class(store).row("12345678911")]))
    result = pln_sim("recon", "audit", path, "--key-file", key_file(KEY_FILE))
    assert (result.exit_code, result.stderr) == (0, "")
    assert SECRET[:8] not in result.output
    assert pln_sim("recon", "audit", path).exit_code == 1


def test_two_processes_give_what_one_gives(pln_sim, tmp_path, seller, audit_tools):
    path = tmp_path / "long.txt"
    row = seller.row("12345678911")
    path.write_bytes(audit_tools[1]([row] * (SLICE + 1)))
    alone = pln_sim("recon", "audit", path, "--workers", 1)
    assert f"{SLICE:>9,}  token that an earlier row sold already" in alone.stdout.splitlines()
    assert pln_sim("recon", "audit", path, "--workers", 2).stdout == alone.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scheduler", "127.0.0.1:8786"], "is not written like tcp://127.0.0.1:8786"),
        (["--scheduler", "tcp://127.0.0.1"], "is not written like tcp://127.0.0.1:8786"),
        (["--scheduler", "tcp://[::1"], "is not written like tcp://127.0.0.1:8786"),
        (["--scheduler", "http://127.0.0.1:1"], "is not written like tcp://127.0.0.1:8786"),
        (["--scheduler", "tcp://192.0.2.1:8786"], "the keys would go to 192.0.2.1 in the clear"),
        (["--scheduler", "tcp://127.0.0.1:8786", "--workers", "2"], "say --workers or --scheduler, not both"),
        (["--workers", "0"], "--workers"),
        (["--tolerance", "-1"], "--tolerance"),
        (["--tolerance", "x"], "--tolerance"),
        (["--examples", "-1"], "--examples"),
    ],
)
def test_wrong_usage(pln_sim, good, options, said):
    assert said in pln_sim.complaint("recon", "audit", good, *options)


def test_a_file_that_is_not_there(pln_sim, tmp_path):
    assert "No such file" in pln_sim.complaint("recon", "audit", tmp_path / "none.txt", exit_code=1)
    assert "Is a directory" in pln_sim.complaint("recon", "audit", tmp_path, exit_code=1)


def test_a_scheduler_that_does_not_answer(pln_sim, good, monkeypatch):
    monkeypatch.setattr("pln_sim.audit.execution.CONNECT_SECONDS", 0.5)
    said = pln_sim.complaint("recon", "audit", good, "--scheduler", "tcp://127.0.0.1:1", exit_code=1)
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in said


@pytest.mark.parametrize(
    ("module", "options", "extra"),
    [("numpy", [], "audit"), ("distributed", ["--scheduler", "tcp://127.0.0.1:1"], "cluster")],
)
def test_without_the_extra_it_says_which_one(good, module, options, extra):
    program = f"import sys; sys.modules[{module!r}] = None; from pln_sim.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "recon", "audit", str(good), *options], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == f"pln-sim: this needs {module}: pip install 'meter-emu[{extra}]'"
