"""Which key a ``sts`` command works with: the options that say so, and the key they come to.

A meter's parameters come from the key file, or are the default test parameters; each option changes one of them. The vending
key comes from ``--vending-key``, else METER_EMU_VENDING_KEY, else the key file, else it is a published test key, which is
always said. ``--decoder-key`` replaces all of that.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import click

from meter_emu.shell import console
from meter_emu.shell import key_options as shared
from meter_emu.sts.errors import StsError
from meter_emu.sts.numbers.drn import Drn

if TYPE_CHECKING:
    from meter_emu.sts.ciphers import StaTables
    from meter_emu.sts.keys import DecoderKey
    from meter_emu.sts.keys.key_store import KeyStore, MeterCard

EXAMPLE_METER = Drn("12345678911")
VENDING_KEY_VARIABLE = "METER_EMU_VENDING_KEY"
ALGORITHM_OF_HEX_DIGITS = {16: "07", 32: "11"}
"""Which EA a decoder key is for when nothing is said."""

NEW_KEYS = (
    ("vending-key", "New vending key, if it is not the old one or in the key file."),
    ("decoder-key", "New decoder key, in place of one made from a vending key."),
)
"""What a key change can change beside the key parameters."""


class MeterOrPan(click.ParamType[Drn]):
    """A meter number of 11 or 13 digits, or a meter PAN of 18; a wrong check digit of the meter number is warned of."""

    name = "drn or pan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Drn:
        """The meter number; a usage error for anything else."""
        if isinstance(value, Drn):
            return value
        from meter_emu.sts.numbers.meter_pan import MeterPan

        digits = value.replace(" ", "").replace("-", "")
        try:
            drn = MeterPan(digits).drn if len(digits) == 18 else Drn(digits)
        except StsError as error:
            self.fail(str(error), param, ctx)
        if not drn.has_right_check_digit:
            console.warn(f"meter number {drn} has a wrong check digit; check the plate (it is used as it stands)")
        return drn


@dataclass(frozen=True)
class KeyChoice:
    """A meter's parameters and its key, with all that is needed to work out the key it changes to."""

    store: KeyStore
    card: MeterCard
    key: DecoderKey
    is_test_key: bool
    tables: StaTables
    vending_key: str | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls, store: KeyStore, card: MeterCard, tables: StaTables, vending_key: str | None, decoder_key: str | None
    ) -> KeyChoice:
        """The choice for ``card``; keys are given in hexadecimal. StsError, without a key in it, if none can be made."""
        from meter_emu.sts.keys import TEST_VENDING_KEYS, DecoderKey, VendingKey, generate_decoder_key

        if decoder_key is not None:
            key, is_test_key = DecoderKey.from_hex(card.parameters.ea, decoder_key), False
        elif vending_key is not None:
            octets = VendingKey.from_hex(vending_key)
            key, is_test_key = generate_decoder_key(octets, card.parameters), octets in TEST_VENDING_KEYS.values()
        else:
            issued = store.key_of(card)
            key, is_test_key = issued.decoder_key, issued.is_test_key
        return cls(store, card, key, is_test_key, tables, vending_key)

    def changed(self, changes: Mapping[str, Any]) -> KeyChoice:
        """The choice after a key change; ``changes`` may also hold a vending_key or a decoder_key."""
        parameters = {name: value for name, value in changes.items() if name not in ("vending_key", "decoder_key")}
        vending_key = changes.get("vending_key", self.vending_key)
        return self.of(self.store, self.card.changed(**parameters), self.tables, vending_key, changes.get("decoder_key"))

    @property
    def check_value(self) -> str:
        """The key check value: six hexadecimal digits that do not show the key."""
        from meter_emu.sts.keys.check_value import key_check_value

        return key_check_value(self.key, self.tables)


@dataclass(frozen=True)
class KeyOptions:
    """What the options said. ``changes`` holds the key parameters that were given, by name."""

    drn: Drn | None
    changes: Mapping[str, Any]
    vending_key: str | None = field(repr=False)
    decoder_key: str | None = field(repr=False)
    key_file: str | None
    home: str | None
    tables_file: str | None

    def choice(self) -> KeyChoice:
        """The key they come to; what was taken for granted is said on stderr. StsError or FileError if there is none."""
        from meter_emu.shell.key_file import key_store, key_store_for

        drn, home, changes = self.drn or EXAMPLE_METER, console.home_of(self.home), dict(self.changes)
        if self.drn is None and self.decoder_key is None:
            console.note(f"no --meter is given: this is for meter {EXAMPLE_METER}")
        has_key = self.vending_key is not None or self.decoder_key is not None
        store = key_store(self.key_file, home) if has_key else key_store_for(drn, changes, self.key_file, home)
        if self.decoder_key is not None and "ea" not in changes:
            changes["ea"] = ALGORITHM_OF_HEX_DIGITS.get(len(self.decoder_key))
        card = store.card(drn).changed(**changes)
        choice = KeyChoice.of(store, card, read_tables(self.tables_file), self.vending_key, self.decoder_key)
        say_test_keys(choice)
        return choice


def say_test_keys(choice: KeyChoice) -> None:
    """A note on stderr if the key comes from a published vending key."""
    if choice.is_test_key:
        dkga = choice.card.parameters.dkga.name
        console.note(f"test keys: the vending key is the published one of the {dkga} compliance tests and protects nothing")


def read_tables(path: str | None) -> StaTables:
    """The STA tables in the file, or the sample set."""
    if path is None:
        from meter_emu.sts.ciphers import SAMPLE_TABLES

        return SAMPLE_TABLES
    from meter_emu.shell.tables_file import read_tables_file

    return read_tables_file(path)


def parameter_options(command: console.CallableT) -> console.CallableT:
    """The options for key parameters, vending key and files. ``command`` gets a KeyOptions as ``keys`` in their place, and in
    that of ``drn`` and ``decoder_key``, if it has them.
    """

    @functools.wraps(command)
    def gathered(**values: Any) -> Any:
        keys = KeyOptions(
            drn=values.pop("drn"),
            changes=shared.given(values),
            vending_key=values.pop("vending_key"),
            decoder_key=values.pop("decoder_key", None),
            key_file=values.pop("key_file"),
            home=values.pop("home"),
            tables_file=values.pop("tables_file"),
        )
        return command(keys=keys, **values)

    vending_key = click.option(
        "--vending-key",
        metavar="HEX",
        envvar=VENDING_KEY_VARIABLE,
        help=f"Vending key, better given as {VENDING_KEY_VARIABLE}, which others cannot see. Default: the key file's.",
    )
    home = click.option("--home", metavar="FOLDER", help="Folder with keys.toml.")
    return cast(console.CallableT, shared.decorated(gathered, shared.key_options, vending_key, home, tables_option))


def key_options(command: console.CallableT) -> console.CallableT:
    """``--meter``, ``--decoder-key`` and the parameter options, gathered into ``keys``."""
    return shared.decorated(
        parameter_options(command),
        click.option("--meter", "--pan", "drn", type=MeterOrPan(), metavar="DRN|PAN", help=f"Default: {EXAMPLE_METER}."),
        click.option("--decoder-key", metavar="HEX", help="The meter's own key, in place of all the options for making it."),
    )


def new_key_options(command: console.CallableT) -> console.CallableT:
    """``--new-...``: what a key change changes."""
    keys = (click.option(f"--new-{name}", metavar="HEX", help=told) for name, told in NEW_KEYS)
    return shared.decorated(command, shared.new_key_options, *keys)


def tables_option(command: console.CallableT) -> console.CallableT:
    """``--tables``."""
    option = click.option(
        "--tables", "tables_file", metavar="FILE", help="STA tables for EA07 (JSON). Default: the sample set."
    )
    return option(command)
