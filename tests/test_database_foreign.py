"""A file that is not ours, named by mistake: it is told as such and left exactly as it was."""

import os
import sqlite3
import stat

import pytest

from meter_emu.shell.database import Database
from meter_emu.shell.errors import FileError


class Rows(Database):
    name, if_lost, application_id = "rows file", "they are gone", 0x726F7773
    migrations = (("CREATE TABLE row (number INTEGER)",),)


class Other(Rows):
    name, application_id = "other file", 0x6F746872


def text(path):
    path.write_text("root:x:0:0:root:/root:/bin/bash\n" * 50)


def one_line(path):
    path.write_text("x")


def music(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE music (title)")
    connection.close()


def music_in_a_log(path):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE music (title)")
    connection.close()


def of_our_own(path):
    Other(path).close()


def seen(path):
    found = path.stat()
    return path.read_bytes(), stat.S_IMODE(found.st_mode), found.st_mtime_ns, sorted(path.parent.iterdir())


@pytest.mark.parametrize("make", [text, one_line, music, music_in_a_log, of_our_own])
def test_a_foreign_file_stays_as_it_was(tmp_path, make):
    path = tmp_path / "a file ?%41#"
    make(path)
    path.chmod(0o644)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before = seen(path)
    with pytest.raises(FileError, match=r"(no rows file of this program|belongs to another program)") as error:
        Rows(path)
    assert str(path) in str(error.value)
    assert seen(path) == before


def test_a_folder_and_a_device_keep_their_mode(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o755)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o644)
    for path in (folder, pipe):
        before = path.stat().st_mode
        with pytest.raises(FileError, match="it is no file"):
            Rows(path)
        assert path.stat().st_mode == before


def test_ours_and_empty_ones_are_made_private(tmp_path):
    ours, empty = tmp_path / "ours", tmp_path / "empty"
    Rows(ours).close()
    empty.touch()
    for path in (ours, empty):
        path.chmod(0o644)
        Rows(path).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_ours_is_known_while_its_mark_is_in_the_log_alone(tmp_path):
    path = tmp_path / "ours"
    with Rows(path):
        main = tmp_path / "copy"
        main.write_bytes(path.read_bytes())
        with sqlite3.connect(f"{main.as_uri()}?immutable=1", uri=True) as connection:
            assert connection.execute("PRAGMA application_id").fetchone() == (0,)
        connection.close()
        Rows(path).close()


def test_two_kinds_in_one_log_are_told_apart(tmp_path):
    path = tmp_path / "ours"
    with Rows(path), pytest.raises(FileError, match="belongs to another program"):
        Other(path)
