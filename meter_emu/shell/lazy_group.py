"""A command group that imports a command only when it is used: start-up is felt at every call."""

from collections.abc import Mapping
from importlib import import_module

import click


class LazyGroup(click.Group):
    """``modules`` maps each command's name to the module that defines it, under the name of the command."""

    def __init__(self, *args: object, modules: Mapping[str, str], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the table."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None for a name that is not in the table."""
        module = self._modules.get(cmd_name)
        return None if module is None else getattr(import_module(module), cmd_name)
