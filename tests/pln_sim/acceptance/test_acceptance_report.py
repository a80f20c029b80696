"""`pln-sim uat` as a command: the table, the page, the JSON, exit codes, and what cannot be tested at all."""

import json
import socket
from datetime import datetime
from html.parser import HTMLParser

import pytest

from pln_sim.acceptance.cases import CASES
from pln_sim.acceptance.examiner import CaseResult, StepResult
from pln_sim.acceptance.page import as_page
from pln_sim.acceptance.report import Report


class Outline(HTMLParser):
    """Whether every tag is closed, in order, and what the page wants from elsewhere."""

    VOID = ("meta", "br")

    def __init__(self, page):
        super().__init__()
        self.open, self.wanted, self.text = [], [], ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.wanted += [value for name, value in attributes if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_command_and_its_reports(pln_sim, gateway, quick_plan, tmp_path):
    plan, page, data = tmp_path / "plan.toml", tmp_path / "report.html", tmp_path / "report.json"
    plan.write_text(quick_plan)
    options = ("--plan", plan, "--wait", "1", "--transactions", "10", "--connections", "8")
    result = pln_sim("uat", "--gateway", gateway, *options, "--report", page, "--report", data)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[-1].startswith(f"PASSED: {len(CASES) - 1} pass, 1 left out of {len(CASES)} cases")
    assert any(line.split() == ["pass", "normal-flow", "0000,", "0000", "0000,", "0000"] for line in lines)
    assert sum(line.startswith("  pass ") for line in lines) == len(CASES) - 1 + 3
    report = json.loads(data.read_text())
    assert (report["passed"], report["counts"]["failed"], report["performance"]["failed"]) == (True, 0, 0)
    assert [row["case"] for row in report["functional"]] == [case.name for case in CASES]
    flow = next(row for row in report["functional"] if row["case"] == "normal-flow")
    assert [step["sent"][:4] + step["received"][0][:4] for step in flow["steps"]] == ["21002110", "22002210"]
    outline = Outline(page.read_text())
    assert outline.wanted == []
    assert all(case.title in outline.text for case in CASES)
    assert "http" not in page.read_text()


@pytest.mark.soak
def test_the_whole_test_as_it_comes(pln_sim, gateway):
    """Every case, the slow ones too, and 1 000 transactions."""
    result = pln_sim("uat", "--gateway", gateway, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["counts"]) == (0, {"passed": len(CASES), "failed": 0, "left_out": 0})
    assert report["performance"]["transactions"] == 1000


def test_a_failure_is_exit_code_1_and_says_what_came(pln_sim, short_plan, meddler, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(short_plan)
    address = meddler(lambda stream: b"<script>alert(1)</script>" if stream[:4] == b"2810" else stream)
    result = pln_sim(
        *("uat", "--gateway", address, "--plan", plan, "--wait", "20", "--transactions", "2", "--connections", "8"),
        *("--report", tmp_path / "report.html"),
    )
    assert result.exit_code == 1, result.output
    assert "FAIL      sign-on " in result.stdout
    assert "no message of the document" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("FAILED: ")
    page = (tmp_path / "report.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    Outline(page)


def test_json_on_stdout(pln_sim, gateway, short_plan, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text(short_plan)
    result = pln_sim("uat", "--gateway", gateway, "--plan", plan, "--wait", "20", "--transactions", "0", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["passed"], report["performance"]) == (0, True, None)


def test_what_a_gateway_sends_is_only_text():
    step = StepResult("<b>", "0000", "<i>", "<script>", 0.1, b"\xfe<u>", (b"\x00\xff<s>",))
    report = Report("<gateway>", datetime(2026, 11, 22), 1.0, (CaseResult(CASES[0], (step,)),), None, "<version>")
    page = as_page(report)
    assert not any(tag in page for tag in ("<b>", "<i>", "<script>", "<u>", "<s>", "<gateway>", "<version>"))
    assert "\\xfe&lt;u&gt;" in page
    Outline(page)


def test_no_gateway(pln_sim):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    line = pln_sim.complaint("uat", "--gateway", f"127.0.0.1:{port}", exit_code=1)
    assert line == f"pln-sim: no gateway at 127.0.0.1:{port}: Connection refused"


def test_the_plan_that_is_shown_is_the_plan_that_is_used(pln_sim, tmp_path):
    from pln_sim.acceptance.plan import built_in_plan, read_plan

    path = tmp_path / "plan.toml"
    path.write_text(pln_sim("uat", "--show-plan").stdout)
    assert read_plan(path) == built_in_plan()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('switcher = "10000D3"', 'switcher = "D3"', "[gateway]: switcher: must be 7 letters or digits"),
        ('meter = "99000000051"', "meter = 99000000051", "[[meter]] number 1: meter: must be 11 digits in quotes"),
        ('case = "inquiry-0005"', 'case = "inquiry-5"', "[[meter]] number 1: case: must be one of"),
        ('case = "inquiry-0034"', 'case = "inquiry-0005"', "[[meter]] number 2: inquiry-0005 stands there twice"),
        ('"0010000", "0020000"', '"0010000"', "second_banks: must be a list of at least 2"),
        ("[load]", "[loud]", "unknown table 'loud'"),
        ("[load]", "[load", "is not TOML"),
    ],
)
def test_a_wrong_plan(pln_sim, tmp_path, old, new, words):
    from pln_sim.acceptance.plan import built_in_text

    path = tmp_path / "plan.toml"
    path.write_text(built_in_text().replace(old, new, 1))
    assert words in pln_sim.complaint("uat", "--plan", path)


@pytest.mark.parametrize(
    ("arguments", "words", "exit_code"),
    [
        (("--gateway", "192.0.2.1:63100"), "--allow-remote", 2),
        (("--gateway", "x"), "HOST:PORT", 2),
        (("--report", "report.pdf"), "ends in .html or .json", 2),
        (("--report", "/nowhere/report.html"), "/nowhere/report.html: No such file", 1),
        (("--plan", "none.toml"), "none.toml", 1),
        (("--connections", "0"), "--connections", 2),
    ],
)
def test_wrong_usage(pln_sim, arguments, words, exit_code):
    assert words in pln_sim.complaint("uat", *arguments, exit_code=exit_code)
