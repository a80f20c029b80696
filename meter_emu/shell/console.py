"""What every command line here shares: one line for an error, exit codes, options that mean the same everywhere.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage. A file or folder that is not there, or cannot be read or written, is a
failure; what stands in a key file, a tariff table and the like is usage, as if it had been typed.
"""

import errno
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import click

from meter_emu.shell.errors import AddressError, FileError
from meter_emu.shell.home import data_home
from meter_emu.shell.startup import end_quickly
from meter_emu.sts.errors import CRCError, KeyExpired, StsError
from meter_emu.sts.numbers.civil_time import civil_time
from meter_emu.sts.numbers.digits import decimal_digits
from meter_emu.sts.numbers.drn import Drn

DONE, REFUSED, WRONG_USAGE = 0, 1, 2
LONGEST_LINE = 500
CANNOT_WRITE = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG)
"""What standard output fails with when it is a file on a disk that is full or broken."""
PATH = click.Path(path_type=Path, readable=False)
"""The type of a file or folder that a user names. Whether it is there and can be read is seen when it is used."""
STANDARD_INPUT = Path("-")
DEBUG_VARIABLE = "METER_EMU_DEBUG"
CallableT = TypeVar("CallableT", bound=Callable[..., Any])


class Failure(click.ClickException):
    """Something that could not be done, told in one line. Exit code 1."""

    exit_code = REFUSED


class CivilTime(click.ParamType[datetime]):
    """A moment of the utility's local time, without a zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment; a usage error for anything else."""
        if isinstance(value, datetime):
            return value
        try:
            return civil_time(value, "at")
        except StsError as error:
            self.fail(str(error), param, ctx)


class MeterNumber(click.ParamType[Drn]):
    """An 11-digit meter number; spaces and dashes are dropped, a wrong check digit is warned of and taken."""

    name = "drn"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Drn:
        """The number; a usage error for another length or other characters."""
        if isinstance(value, Drn):
            return value
        try:
            drn = Drn(decimal_digits(value.replace(" ", "").replace("-", ""), 11, "meter number (DRN)", "drn"))
        except StsError as error:
            self.fail(str(error), param, ctx)
        if not drn.has_right_check_digit:
            warn(f"meter number {drn} has a wrong check digit; check the plate (it is used as it stands)")
        return drn


def run(command: click.Command, name: str) -> NoReturn:
    """Run a command and end the process: every error becomes one line on stderr and the right exit code."""
    if sys.stdout is None:
        # Before anything is done: a token that nobody can read would be lost.
        sys.exit(_complain(name, "standard output is closed, so the answer would be lost; nothing was done", REFUSED))
    try:
        code = command.main(prog_name=name, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help(), err=True)
        code = WRONG_USAGE
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else name
        code = _complain(path, f"{error.format_message().rstrip('.')} (see {path} --help)", WRONG_USAGE)
    except click.ClickException as error:
        code = _complain(name, error.format_message(), error.exit_code)
    except click.Abort:
        code = _complain(name, "interrupted", 130)
    except (CRCError, KeyExpired) as error:
        # Well formed, and yet refused.
        code = _complain(name, str(error), REFUSED)
    except StsError as error:
        code = _complain(name, str(error), WRONG_USAGE)
    except (FileError, AddressError) as error:
        code = _complain(name, str(error), REFUSED)
    except BrokenPipeError:
        _discard_output()
        code = REFUSED
    except OSError as error:
        told = f"{error.filename}: {error.strerror}" if error.filename is not None else str(error.strerror or error)
        if error.filename is None and error.errno in CANNOT_WRITE:
            told = f"the answer could not be written ({told}); the command itself may have been carried out"
            _discard_output()
        code = _complain(name, told, REFUSED)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        # Not the error's own words: they might quote a key.
        code = _complain(name, f"{_place(error)}: a defect of ours, please report it ({DEBUG_VARIABLE}=1 shows more)", REFUSED)
    end_quickly()
    sys.exit(code or DONE)


def _discard_output() -> None:
    """What stdout did not take is still in its buffer, and the interpreter would try once more at the end, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def warn(message: str) -> None:
    """One line on stderr; the command goes on."""
    click.echo(f"warning: {_one_line(message)}", err=True)


def note(message: str) -> None:
    """One line on stderr about something a user should know, such as test keys being used."""
    click.echo(f"note: {_one_line(message)}", err=True)


def echo_json(value: object) -> None:
    """One JSON value on one line of stdout."""
    click.echo(json.dumps(value, ensure_ascii=False))


def json_option(command: CallableT) -> CallableT:
    """``--json``: machines read the answer."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(command)


def open_input(path: Path) -> IO[Any]:
    """A file that a user names, or standard input for ``-``, open for its bytes. Failure if standard input is closed, OSError
    if the file cannot be read."""
    if path == STANDARD_INPUT and sys.stdin is None:
        raise Failure("standard input is closed: name a file")
    return click.open_file(path, "rb")


def home_of(option: str | None) -> str:
    """The home that a command, or the command line itself before its name, was given; else the default."""
    return data_home(option or click.get_current_context().find_root().params.get("home"))


def at_option(command: CallableT) -> CallableT:
    """``--at``: another time than now."""
    return click.option(
        "--at", type=CivilTime(), metavar="TIME", help="Act at TIME (local civil time, like 2026-11-22T08:30), not now."
    )(command)


def now() -> datetime:
    """The machine's local civil time. The only wall clock of the command lines."""
    return datetime.now().replace(microsecond=0)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{where}"


def _complain(name: str, message: str, code: int) -> int:
    click.echo(f"{name}: {_one_line(message)}", err=True)
    return code


def _one_line(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 3] + "..."
