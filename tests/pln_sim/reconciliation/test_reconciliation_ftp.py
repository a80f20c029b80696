"""The FTP server under a foreign client (ftplib), and our client over transfers that are cut off."""

import ftplib
import threading
from io import BytesIO

import pytest

from meter_emu.shell.errors import FileError
from pln_sim.reconciliation.data_file import Progress
from pln_sim.reconciliation.errors import NotPublished
from pln_sim.reconciliation.ftp_server import ftp_server, serve
from pln_sim.reconciliation.ftp_station import FtpStation
from pln_sim.reconciliation.ftp_users import Party, make_passwords, passwords
from pln_sim.reconciliation.names import Kind
from pln_sim.reconciliation.places import Place

NAME = "10000D3-53502-20080505.txt"


class Served:
    """A server in a thread, and clients of it."""

    def __init__(self, root, users):
        self.root, self.users = root, users
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def _serve(self):
        with ftp_server(self.root, "127.0.0.1", 0, self.users) as server:
            self.address = server.socket.getsockname()[:2]
            self._ready.set()
            serve(server, self._stop.is_set)

    def close(self):
        self._stop.set()
        self._thread.join(10)

    def client(self, party):
        ftp = ftplib.FTP(timeout=10)
        ftp.connect(*self.address)
        ftp.login(party.value, self.users[party])
        return ftp

    def station(self, party, work, **options):
        work.mkdir(exist_ok=True)
        return FtpStation(self.address, party.value, self.users[party], work, timeout=10, **options)


@pytest.fixture
def users(tmp_path):
    path = tmp_path / "ftp.toml"
    assert make_passwords(path)
    assert not make_passwords(path)
    return passwords(path)


@pytest.fixture
def served(tmp_path, users):
    server = Served(tmp_path / "files", users)
    yield server
    server.close()


def put(ftp, place, name, content=b"content"):
    ftp.storbinary(f"STOR /{place.value}/{name}", BytesIO(content))


def get(ftp, place, name):
    content = BytesIO()
    ftp.retrbinary(f"RETR /{place.value}/{name}", content.write)
    return content.getvalue()


WRITES = {
    Party.PLN: {Place.TRANSACTION, Place.FINAL},
    Party.CA: {Place.SUSPECT},
    Party.SWITCHING: {Place.SWITCHING},
}


@pytest.mark.parametrize("party", Party)
def test_every_party_writes_where_it_may(served, party):
    with served.client(party) as ftp:
        for place in Place:
            if place in WRITES[party]:
                put(ftp, place, "a.log")
                assert get(ftp, place, "a.log") == b"content"
            else:
                with pytest.raises(ftplib.error_perm):
                    put(ftp, place, "a.log")
        for wrong in ("STOR /a", "STOR /../a", "MKD /pre/new", "RETR /../ftp.toml", "SITE CHMOD 777 /pre"):
            with pytest.raises(ftplib.error_perm):
                ftp.voidcmd(wrong)


def test_pln_reads_nothing_of_the_switching(served):
    with served.client(Party.SWITCHING) as ftp:
        put(ftp, Place.SWITCHING, "a.log")
    with served.client(Party.PLN) as ftp, pytest.raises(ftplib.error_perm):
        get(ftp, Place.SWITCHING, "a.log")


def test_a_wrong_password_and_no_anonymous_user(served):
    for name, word in (("pln", "wrong"), ("anonymous", "a@example")):
        ftp = ftplib.FTP(timeout=10)
        with ftp:
            ftp.connect(*served.address)
            with pytest.raises(ftplib.error_perm):
                ftp.login(name, word)


def test_a_data_file_cannot_be_read_before_its_control_file_is_there(served):
    with served.client(Party.PLN) as pln, served.client(Party.CA) as ca:
        put(pln, Place.TRANSACTION, NAME)
        with pytest.raises(ftplib.error_perm, match=r"There is no .*\.txt\.ctl yet"):
            get(ca, Place.TRANSACTION, NAME)
        put(pln, Place.TRANSACTION, f"{NAME}.ctl")
        assert get(ca, Place.TRANSACTION, NAME) == b"content"


def test_the_agent_moves_what_it_took(served):
    with served.client(Party.PLN) as pln, served.client(Party.CA) as ca:
        put(pln, Place.TRANSACTION, NAME)
        ca.rename(f"/{Place.TRANSACTION.value}/{NAME}", f"/{Place.PROCESS.value}/{NAME}")
        with pytest.raises(ftplib.error_perm):
            ca.delete(f"/{Place.PROCESS.value}/{NAME}")


@pytest.fixture
def written(mixed_day, world):
    """A .txt of some size with its control file, in a work folder."""
    mixed_day.gateway += [world.sold(number) for number in range(100, 4000)]
    mixed_day.report_gateway()
    return mixed_day.work / world.NAMES.file(Kind.TRANSACTION)


def test_publish_and_fetch(served, written, tmp_path):
    with served.station(Party.PLN, tmp_path / "a") as pln, served.station(Party.CA, tmp_path / "b") as ca:
        pln.publish(written, Place.TRANSACTION)
        copy = ca.fetch(Place.TRANSACTION, written.name)
        assert copy.read_bytes() == written.read_bytes()
        assert ca.control(Place.TRANSACTION, written.name).count == 3904
        ca.take(written.name)
        ca.take(written.name)
        assert ca.control(Place.TRANSACTION, written.name) is None
        modified = copy.stat().st_mtime_ns
        assert ca.fetch(Place.PROCESS, written.name) == copy
        assert copy.stat().st_mtime_ns == modified  # what is here already is not fetched again
        assert ca.fetch_beside(Place.PROCESS, "nothing.log") is None
        with pytest.raises(NotPublished):
            ca.fetch(Place.FINAL, written.name)


class Cut(ftplib.FTP):
    """A client whose transfers are cut off: ``cuts`` are the bytes after which the next ones end."""

    cuts = []

    def retrbinary(self, cmd, callback, blocksize=8192, rest=None):
        return super().retrbinary(cmd, self._cutting(callback) if cmd.endswith(".txt") else callback, 8192, rest)

    def storbinary(self, cmd, fp, blocksize=8192, callback=None, rest=None):
        return super().storbinary(cmd, fp, 8192, self._cutting(callback) if ".txt.part" in cmd else callback, rest)

    def _cutting(self, callback):
        left = self.cuts.pop(0) if self.cuts else None

        def limited(piece):
            nonlocal left
            callback(piece)
            if left is not None:
                left -= len(piece)
                if left <= 0:
                    raise ConnectionResetError("cut off")

        return limited


@pytest.fixture
def cuts(monkeypatch):
    """The bytes after which the transfers to come are cut off."""
    monkeypatch.setattr(Cut, "cuts", [])
    monkeypatch.setattr(ftplib, "FTP", Cut)
    return Cut.cuts


def test_uploads_that_are_cut_off_are_repeated(served, written, tmp_path, cuts):
    cuts += [1, 100_000, 500_000]
    with served.station(Party.PLN, tmp_path / "a") as pln:
        pln.publish(written, Place.TRANSACTION)
    assert (served.root / Place.TRANSACTION.value / written.name).read_bytes() == written.read_bytes()
    assert sorted(path.name for path in (served.root / Place.TRANSACTION.value).glob("*.*")) == [
        written.name, f"{written.name}.ctl",
    ]  # fmt: skip


def test_an_upload_that_never_succeeds_leaves_nothing_to_take(served, written, tmp_path, cuts):
    cuts += [1000] * 9
    with served.station(Party.PLN, tmp_path / "a") as pln, pytest.raises(FileError, match="nothing was taken half"):
        pln.publish(written, Place.TRANSACTION)
    with served.station(Party.CA, tmp_path / "b") as ca, pytest.raises(NotPublished):
        ca.fetch(Place.TRANSACTION, written.name)


def test_downloads_that_are_cut_off_are_resumed(served, written, tmp_path, cuts):
    told = Told()
    with served.station(Party.PLN, tmp_path / "a") as pln, served.station(Party.CA, tmp_path / "b", progress=told) as ca:
        pln.publish(written, Place.TRANSACTION)
        cuts += [1, 300_000, 50_000]
        assert ca.fetch(Place.TRANSACTION, written.name).read_bytes() == written.read_bytes()
    assert told.done == written.stat().st_size
    assert told.expected >= told.done


class Told(Progress):
    """Adds up what it is told."""

    def __init__(self):
        self.done = self.expected = 0

    def __call__(self, size):
        self.done += size

    def expect(self, size):
        self.expected += size


def test_a_killed_download_is_resumed_by_the_next_process(served, written, tmp_path, cuts):
    with served.station(Party.PLN, tmp_path / "a") as pln:
        pln.publish(written, Place.TRANSACTION)
    cuts.append(300_000)
    with served.station(Party.CA, tmp_path / "b", attempts=1) as ca, pytest.raises(FileError):
        ca.fetch(Place.TRANSACTION, written.name)
    assert not (tmp_path / "b" / written.name).exists()
    assert (tmp_path / "b" / f"{written.name}.part").stat().st_size >= 300_000
    with served.station(Party.CA, tmp_path / "b") as ca:
        assert ca.fetch(Place.TRANSACTION, written.name).read_bytes() == written.read_bytes()


def test_the_rest_of_another_version_is_not_joined(served, written, mixed_day, world, tmp_path):
    """The file was replaced between the two halves of a download."""
    work = tmp_path / "b"
    work.mkdir()
    (work / f"{written.name}.part").write_bytes(written.read_bytes()[:200_000].replace(b"20080502", b"20080501"))
    broken = written.read_bytes()[:200_000].replace(b"|000050000000|", b"|000050000001|")
    with served.station(Party.PLN, tmp_path / "a") as pln, served.station(Party.CA, work) as ca:
        pln.publish(written, Place.TRANSACTION)
        (work / f"{written.name}.part").write_bytes(broken)
        assert ca.fetch(Place.TRANSACTION, written.name).read_bytes() == written.read_bytes()


def test_a_truncated_upload_of_a_foreign_client_is_not_taken(served, written, mixed_day, world, tmp_path):
    """The data is cut in the middle, its control file follows nevertheless."""
    mixed_day.report_switching()
    with served.client(Party.PLN) as pln, served.station(Party.SWITCHING, tmp_path / "s") as switching:
        put(pln, Place.TRANSACTION, written.name, written.read_bytes()[:100_000])
        put(pln, Place.TRANSACTION, f"{written.name}.ctl", written.with_name(f"{written.name}.ctl").read_bytes())
        switching.publish(mixed_day.work / world.NAMES.file(Kind.SWITCHING), Place.SWITCHING)
    (tmp_path / "ca").mkdir()
    with served.station(Party.CA, tmp_path / "b") as ca:
        mixed_day.station = ca
        with pytest.raises(FileError, match=r"\.txt, line .*is the file cut off\?"):
            mixed_day.find_suspects()
        assert ca.control(Place.SUSPECT, world.NAMES.file(Kind.RECONCILIATION)) is None
