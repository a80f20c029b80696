"""What the ``sts`` commands share at the console: a token as an argument, a number, a refusal's exit code, aligned lines."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from meter_emu.shell import console
from meter_emu.sts.errors import CRCError, KeyExpired


def token_argument(command: console.CallableT) -> console.CallableT:
    """``TOKEN``: one word or several, or ``-`` for a line of standard input. The command gets them as ``token``."""
    return click.argument("token", nargs=-1, required=True)(command)


def show_keys_option(command: console.CallableT) -> console.CallableT:
    """``--show-keys``."""
    return click.option("--show-keys", is_flag=True, help="Show keys too; they are secrets.")(command)


@contextmanager
def refusals() -> Iterator[None]:
    """A token that is well formed and yet refused ends the command with 1; only malformed input is wrong usage, 2."""
    try:
        yield
    except (CRCError, KeyExpired) as error:
        raise console.Failure(str(error)) from None


def echo_aligned(rows: Iterable[tuple[str, object, str]]) -> None:
    """Names, values and remarks in columns."""
    lines = list(rows)
    width = max(len(name) for name, _, _ in lines)
    for name, value, note in lines:
        text = ("no", "yes")[value] if isinstance(value, bool) else str(value)
        click.echo(f"{name:<{width}}  {text} {note}".rstrip())
