"""Reports: the SOP's fields, who needs a photo, the catalogue, the way of a report, and what a kill leaves."""

import json
import os
import signal
import subprocess
import sys

import pytest

from pln_sim.cli.desk import LAST_SERVICE
from pln_sim.helpdesk.report import FIELDS, TRANSITIONS, Status
from pln_sim.helpdesk.services import NEW_SHOP, catalogue

PERSON = {
    "applicant": "Ani Lestari",
    "business": "Toko Ani",
    "product": "Batik",
    "city": "Surakarta",
    "province": "Jawa Tengah",
    "telephone": "0812-3456-7890",
    "email": "ani@contoh.id",
}
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
AT = "2022-04-14T10:00"


def words(person=PERSON, **more):
    said = {"agent": "cso7", **person, **more}
    return [part for name, value in said.items() for part in (f"--{name}", value)]


@pytest.fixture
def desk(pln_sim):
    def run(*arguments):
        result = pln_sim("desk", *arguments)
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


@pytest.fixture
def filed(desk):
    def run(*arguments, **more):
        return json.loads(desk("file", *words(**more), *arguments, "--at", AT, "--json"))["itsm"]

    return run


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "batik.jpg"
    path.write_bytes(JPEG)
    return path


def shown(desk, itsm):
    return json.loads(desk("show", itsm, "--json"))


def test_the_catalogue_is_that_of_the_sop():
    services = catalogue()
    assert [*services] == list(range(1, LAST_SERVICE + 1))
    groups = [service.group for service in services.values()]
    assert {group: groups.count(group) for group in groups} == {
        "Registrasi": 7, "Manajemen User": 10, "Keamanan Akun": 2, "Manajemen Produk": 3, "Transaksi": 15, "Aplikasi": 3,
    }  # fmt: skip
    assert services[NEW_SHOP].type == "Melakukan Registrasi Toko Marketplace"
    assert services[40].type == "ICONCash tidak terhubung dengan Marketplace"


def test_a_merchant_applies(desk, filed):
    itsm = filed()
    assert itsm == "ITSM2022000001"
    report = shown(desk, itsm)
    assert {name: report[name] for name in PERSON} == PERSON
    assert (report["status"], report["service"]["number"], report["channel"]) == ("recorded", NEW_SHOP, "telephone")
    assert report["history"] == [{"at": "2022-04-14T10:00:00", "status": "recorded", "agent": "cso7", "note": ""}]
    text = desk("show", itsm.lower())
    assert [line.split(" : ")[0].strip() for line in text.splitlines()[3:10]] == [field.title for field in FIELDS]


def test_the_applicant_is_told_the_number_and_the_agent_of_apkt(desk):
    text = desk("file", *words(), "--at", AT)
    assert "Nomor lapor ITSM Anda ITSM2022000001" in text
    assert "APKT, Issue Closed di CC123, dengan No. ITSM ITSM2022000001" in " ".join(text.split())


def test_a_photo_by_social_media(desk, filed, photo, tmp_path):
    itsm = filed("--channel", "social-media", "--photo", photo)
    assert shown(desk, itsm)["photo_bytes"] == len(JPEG)
    desk("show", itsm, "--save-photo", tmp_path / "again.jpg")
    assert (tmp_path / "again.jpg").read_bytes() == JPEG


@pytest.mark.parametrize(
    ("arguments", "changes", "line"),
    [
        (("--channel", "social-media"), {}, "a report by social-media needs one"),
        (("--photo", "PHOTO"), {}, "a report by telephone has none"),
        (("--channel", "social-media", "--photo", "TEXT"), {}, "must be a JPEG or PNG picture"),
        (("--channel", "letter"), {}, "'letter' is not one of"),
        (("--service", "41"), {}, "not in the range 1 to 40"),
        (("--previous", "7"), {}, "an ITSM number is written like ITSM2022000007"),
        ((), {"telephone": "nol"}, "No. Telepon must be a number like"),
        ((), {"email": "ani"}, "Email must be an address like"),
        ((), {"city": "  "}, "Kota must be 1 to 200 printable characters"),
        ((), {"business": "x" * 201}, "Nama Usaha must be 1 to 200 printable characters"),
        ((), {"note": "a\x1b[2J"}, "the note must be 1 to 2000 printable characters"),
        ((), {"agent": "\n"}, "Nama User CSO must be"),
    ],
)
def test_one_line_for_a_wrong_report(pln_sim, photo, tmp_path, arguments, changes, line):
    (tmp_path / "text").write_text("no picture")
    places = {"PHOTO": photo, "TEXT": tmp_path / "text"}
    told = [places.get(argument, argument) for argument in arguments]
    assert line in pln_sim.complaint("desk", "file", *words(PERSON | changes), *told)
    assert not (pln_sim.home / "helpdesk.db").exists()


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_asked_for(pln_sim, field):
    left = {name: value for name, value in PERSON.items() if name != field.name}
    assert f"Missing option '--{field.name}'" in pln_sim.complaint("desk", "file", *words(left))


def test_files_that_cannot_be(pln_sim, tmp_path):
    complaint = pln_sim.complaint(
        "desk", "file", *words(), "--channel", "social-media", "--photo", tmp_path / "none.png", exit_code=1
    )
    assert "none.png" in complaint
    assert "no report was filed" in pln_sim.complaint("desk", "show", "ITSM2022000001", exit_code=1)


def test_the_way_of_an_application(desk, filed, pln_sim):
    itsm = filed()
    answer = "memenuhi kualifikasi"
    desk("status", itsm, "with-support", "--agent", "servicedesk")
    desk("status", itsm, "qualified", "--agent", "support", "--note", answer)
    assert [entry["note"] for entry in shown(desk, itsm)["history"]] == ["", "", answer]
    desk("status", itsm, "closed", "--agent", "cso7", "--note", "WhatsApp")
    complaint = pln_sim.complaint("desk", "status", itsm, "recorded", "--agent", "x", exit_code=1)
    assert "is closed, which does not become recorded: next is nothing more" in complaint
    again = filed("--previous", itsm)
    assert shown(desk, again)["previous"] == itsm


@pytest.mark.parametrize(("here", "to"), [(here, to) for here in Status for to in Status])
def test_a_status_leads_where_the_table_says(filed, desk, pln_sim, here, to):
    ways = {
        Status.RECORDED: (),
        Status.WITH_SUPPORT: ("with-support",),
        Status.QUALIFIED: ("with-support", "qualified"),
        Status.NOT_QUALIFIED: ("with-support", "not-qualified"),
        Status.ANSWERED: ("with-support", "answered"),
        Status.CLOSED: ("with-support", "answered", "closed"),
    }
    itsm = filed()
    for status in ways[here]:
        desk("status", itsm, status, "--agent", "x")
    result = pln_sim("desk", "status", itsm, to.value, "--agent", "x")
    assert (result.exit_code == 0) is (to in TRANSITIONS[here])
    assert shown(desk, itsm)["status"] == (to if to in TRANSITIONS[here] else here)


def test_unknown_reports(filed, pln_sim):
    filed()
    assert "there is no report ITSM2022000009" in pln_sim.complaint("desk", "show", "ITSM2022000009", exit_code=1)
    complaint = pln_sim.complaint("desk", "file", *words(), "--previous", "ITSM2022000009", exit_code=1)
    assert "there is no report ITSM2022000009" in complaint
    complaint = pln_sim.complaint("desk", "status", "ITSM2022000009", "with-support", "--agent", "x", exit_code=1)
    assert "there is no report" in complaint


def test_lists(filed, desk):
    assert desk("list") == ""
    numbers = [filed("--service", str(service)) for service in (31, 7, 31)]
    desk("status", numbers[2], "with-support", "--agent", "x")

    def listed(*options):
        return [json.loads(line)["itsm"] for line in desk("list", *options, "--json").splitlines()]

    assert listed() == numbers
    assert listed("--service", "31") == [numbers[0], numbers[2]]
    assert listed("--status", "with-support") == [numbers[2]]
    assert listed("--status", "closed") == []
    assert len(desk("services", "--json").splitlines()) == LAST_SERVICE


KILLED = """
import os, signal
from meter_emu.shell.database import Database
from pln_sim.cli.main import main

prepare = Database._prepare

def watched(database):
    prepare(database)
    database._connection.set_trace_callback(strike)

def strike(statement):
    if statement.strip().startswith(os.environ["STRIKE_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)

Database._prepare = watched
main()
"""


def started(*program, **environment):
    return subprocess.Popen(
        [sys.executable, *program, "desk", "file", *words(), "--at", AT, "--json"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.mark.parametrize("statement", ["INSERT INTO report", "INSERT INTO change", "COMMIT"])
def test_a_killed_report_is_none(pln_sim, filed, desk, statement):
    with started("-c", KILLED, STRIKE_AT=statement) as killed:
        output, _ = killed.communicate(timeout=20)
    assert (killed.returncode, output) == (-signal.SIGKILL, "")
    assert desk("list") == ""
    assert filed() == "ITSM2022000001"


def test_reports_at_once_get_numbers_of_their_own(pln_sim, desk):
    running = [started("-m", "pln_sim") for _ in range(4)]
    numbers = {json.loads(process.communicate(timeout=20)[0])["itsm"] for process in running}
    assert numbers == {f"ITSM202200000{serial}" for serial in range(1, 5)}
