"""What the ``sts`` commands share at the console: a token as an argument, a number, a refusal's exit code, aligned lines."""

from collections.abc import Iterable

import click

from meter_emu.shell import console


def token_argument(command: console.CallableT) -> console.CallableT:
    """``TOKEN``: one word or several, or ``-`` for a line of standard input. The command gets them as ``token``."""
    return click.argument("token", nargs=-1, required=True)(command)


def show_keys_option(command: console.CallableT) -> console.CallableT:
    """``--show-keys``."""
    return click.option("--show-keys", is_flag=True, help="Show keys too; they are secrets.")(command)


def echo_aligned(rows: Iterable[tuple[str, object, str]]) -> None:
    """Names, values and remarks in columns."""
    lines = list(rows)
    width = max(len(name) for name, _, _ in lines)
    for name, value, note in lines:
        text = ("no", "yes")[value] if isinstance(value, bool) else str(value)
        click.echo(f"{name:<{width}}  {text} {note}".rstrip())
