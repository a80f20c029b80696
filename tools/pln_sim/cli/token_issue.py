"""From a request to tokens on the screen: keys are looked up, TIDs reserved, tokens made and printed, in this order.

A TID is on disk before its token is shown, so that a crash at any moment wastes a TID at worst.
"""

import secrets
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import click

from meter_emu.shell import console
from meter_emu.shell.key_file import TEST_KEYS, key_store_for
from meter_emu.shell.tables_file import read_tables_file
from meter_emu.sts.ciphers import SAMPLE_TABLES, BlockCipher, EncryptionAlgorithm, StaTables
from meter_emu.sts.errors import RangeError
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.keys.key_store import KeyStore, MeterCard
from meter_emu.sts.numbers import Drn, TokenIdentifier
from meter_emu.sts.numbers.digits import decimal_digits
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT, decode_amount, encode_amount, format_tenths, tenths
from meter_emu.sts.tokens import TokenType
from meter_emu.sts.tokens.layout import LAYOUT_OF_TYPE, RANDOM_NUMBERS
from pln_sim.cli.database import found, opened
from pln_sim.cli.token_request import TokenRequest
from pln_sim.cli.token_text import as_json, as_text
from pln_sim.storage import Storage
from pln_sim.upgrade.key_history import present_card
from pln_sim.vending.generator import IssuedToken, issue, issue_key_change, issue_test, rolled_over
from pln_sim.vending.ledger import reserve

TEST_OF_CODE_LENGTH = {2: TokenType.METER_TEST_MFR2, 4: TokenType.METER_TEST_MFR4}
"""Which test token a maker code of so many digits goes into."""
_LABELS = {"base_date": "base date"}


def print_tokens(request: TokenRequest, drn: Drn, token_type: TokenType, values: Mapping[str, int]) -> None:
    """Reserve the TIDs, make the tokens, print them; ``values`` are the numbers of the token's own fields."""
    store = key_store_for(drn, request.key_parameters, request.key_file, request.home)
    known_card = store.card(drn).changed(**request.key_parameters)
    decoder_keys(store, known_card)
    tables = sta_tables(request, known_card)
    wanted = TokenIdentifier.at(request.at, known_card.parameters.base_date)
    if not LAYOUT_OF_TYPE[token_type].proven:
        console.note(f"no published token proves the layout of {token_type}: it is the plain reading of the standard")

    def take(storage: Storage) -> tuple[MeterCard, BlockCipher, list[TokenIdentifier]]:
        card = present_card(store, drn, storage.upgrades_of(drn)).changed(**request.key_parameters)
        cipher = store.key_of(card).decoder_key.cipher(tables)
        return card, cipher, reserve(storage, card, wanted, request.count)

    with opened(request.db, request.home) as depot:
        card, cipher, tids = depot.run(take)
    if tids[0] != wanted:
        moved = tids[0].issued(card.parameters.base_date).isoformat(timespec="minutes")
        console.note(f"the issue moves on to {moved}: the minutes before it are taken by other tokens of this meter")
    for number, tid in enumerate(tids):
        rnd = secrets.randbelow(RANDOM_NUMBERS) if request.rnd is None else request.rnd
        issued = issue(card, cipher, token_type, values, tid, rnd)
        _show(request, issued, is_first=number == 0)


def print_credit(request: TokenRequest, drn: Drn, token_type: TokenType, amount: str) -> None:
    """Print credit tokens for a decimal amount. StsError for one that is not a positive number of tenths or is too large."""
    units = tenths(amount)
    if not 0 < units <= MAXIMUM_AMOUNT:
        raise RangeError(f"amount must be 0.1 to {format_tenths(MAXIMUM_AMOUNT)}, not {amount}", field="amount")
    _note_rounding(units, "the amount", format_tenths)
    print_tokens(request, drn, token_type, {"amount": units})


def print_power_limit(request: TokenRequest, drn: Drn, token_type: TokenType, field: str, watts: int) -> None:
    """Print tokens that set a limit in W."""
    _note_rounding(watts, "the limit in W", str)
    print_tokens(request, drn, token_type, {field: watts})


def print_key_change(request: TokenRequest, drn: Drn, new_parameters: Mapping[str, Any], rollover: bool) -> None:
    """Print the 2 or 4 tokens that give a meter a new key, and say what it has once they are entered."""
    _require_one(request, "a key change")
    store = key_store_for(drn, request.key_parameters, request.key_file, request.home)
    depot = found(request.db, request.home)
    with depot or nullcontext():
        upgrades = depot.run(lambda storage: storage.upgrades_of(drn)) if depot else []
    card = present_card(store, drn, upgrades).changed(**request.key_parameters)
    new_card = (rolled_over(card) if rollover else card).changed(**new_parameters)
    if rollover and new_card.parameters.base_date is card.parameters.base_date:
        raise click.UsageError("--rollover moves the base date on, --new-base-date keeps it: leave one out")
    key, new_key = decoder_keys(store, card, new_card)
    if new_card.parameters.base_date is not card.parameters.base_date and new_key == key:
        wish = "with DKGA02 and DKGA03 the base date does not enter it, so name another --new-krn"
        raise RangeError(f"a rollover needs another key, or the meter's old tokens would count again: {wish}", field="krn")
    if new_card == card:
        console.note("no new parameter differs from the old ones: these tokens give the meter the key it has")
    tokens = issue_key_change(card, key.cipher(sta_tables(request, card)), new_card, new_key)
    more = {"sections": len(tokens), **{f"new_{name}": value for name, value in _readable(new_card).items()}}
    more["rollover"] = new_card.parameters.base_date is not card.parameters.base_date
    for number, issued in enumerate(tokens):
        _show(request, issued, is_first=number == 0, more=more)
    if len(tokens) == 2 and new_card.parameters.sgc != card.parameters.sgc:
        console.note(
            f"2 tokens carry no SGC: the meter opens tokens of {new_card.parameters.sgc} but goes on showing its old one"
        )
    has = ", ".join(f"{_LABELS.get(name, name.upper())} {value}" for name, value in _readable(new_card).items())
    console.note(f"once all {len(tokens)} are entered, meter {drn} has {has}: name these from now on, here or in the key file")
    if upgrades and new_card.parameters.ti != (ti := present_card(store, drn, upgrades).parameters.ti):
        console.note(f"the tariff index alone here: by its upgrade the meter has TI {ti}, which wins over the key file")


def print_test(request: TokenRequest, drn: Drn | None, control: int | None, mfr_code: str) -> None:
    """Print a test/display token; without ``control`` for all tests at once. It needs no key and holds no time."""
    _require_one(request, "a test token")
    code = int(decimal_digits(mfr_code, tuple(TEST_OF_CODE_LENGTH), "maker code", "mfr_code"))
    token_type = TEST_OF_CODE_LENGTH[len(mfr_code)]
    all_tests = LAYOUT_OF_TYPE[token_type].field("control").mask
    values = {"control": all_tests if control is None else control, "mfr_code": code}
    _show(request, issue_test(token_type, values, drn), is_first=True)


def decoder_keys(store: KeyStore, *cards: MeterCard) -> list[DecoderKey]:
    """The decoder key for each card; a note if one of them is a published test key."""
    keys = [store.key_of(card) for card in cards]
    if any(key.is_test_key for key in keys):
        console.note(TEST_KEYS)
    return [key.decoder_key for key in keys]


def sta_tables(request: TokenRequest, card: MeterCard) -> StaTables:
    """The tables the request names; a note if the meter has no use for them."""
    if request.tables is None:
        return SAMPLE_TABLES
    tables = read_tables_file(request.tables)
    if card.parameters.ea is not EncryptionAlgorithm.STA:
        console.note(f"--tables is for EA07; this meter's EA is {card.parameters.ea.value}, which has none")
    return tables


def _readable(card: MeterCard) -> dict[str, str | int]:
    """What a key change can change, by the names of the options."""
    parameters = card.parameters
    return {
        "sgc": str(parameters.sgc),
        "ti": str(parameters.ti),
        "krn": int(parameters.krn),
        "kt": int(parameters.kt),
        "ken": int(card.ken),
        "base_date": parameters.base_date.value,
        "dkga": parameters.dkga.value,
    }


def _note_rounding(units: int, what: str, written: Callable[[int], str]) -> None:
    carried = decode_amount(encode_amount(units))
    if carried != units:
        console.note(f"{what} is rounded up from {written(units)} to {written(carried)}, the next step a token can carry")


def _require_one(request: TokenRequest, what: str) -> None:
    if request.count != 1:
        raise click.UsageError(f"{what} carries no time, so every one is the same: leave --count out")


def _show(request: TokenRequest, issued: IssuedToken, *, is_first: bool, more: Mapping[str, object] | None = None) -> None:
    if request.as_json:
        console.echo_json(as_json(issued) | dict(more or {}))
    else:
        click.echo(("" if is_first else "\n") + as_text(issued))
