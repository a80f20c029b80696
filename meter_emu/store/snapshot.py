"""A meter as text and back: the JSON that stands in the memory's rows.

>>> from meter_emu.store.snapshot import panel_from_text, panel_to_text
>>> panel_from_text(panel_to_text(Panel(line="1234", touched=7))).line
'1234'
"""

import json
from functools import cache
from types import GenericAlias
from typing import Any

from meter_emu.meter.access import Access, Password
from meter_emu.meter.alarm import Alarm
from meter_emu.meter.credit import Credit
from meter_emu.meter.history import History
from meter_emu.meter.key_register import KeyRegister, PendingKeyChange
from meter_emu.meter.last_token import LastToken
from meter_emu.meter.lockout import Lockout
from meter_emu.meter.overload import Overload
from meter_emu.meter.panel import Panel
from meter_emu.meter.profiles import PROFILES
from meter_emu.meter.results import AuthenticationResult, Refusal, ResultCode, TokenResult, ValidationResult, Verdict
from meter_emu.meter.state import State
from meter_emu.meter.tamper import Cause, Tamper
from meter_emu.meter.tid_store import TidStore
from meter_emu.sts.ciphers import SAMPLE_TABLES, EncryptionAlgorithm, StaTables
from meter_emu.sts.keys import DecoderKey
from meter_emu.sts.numbers import (
    BaseDate,
    Drn,
    KeyExpiryNumber,
    KeyRevisionNumber,
    KeyType,
    SupplyGroupCode,
    TariffIndex,
)
from meter_emu.sts.tokens import TokenType

Plain = dict[str, Any]
_compact = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_PLAIN_PARTS = ("credit", "lockout", "tamper", "overload", "alarm", "history", "last_token", "access")
"""Fields of the state whose own fields are plain numbers, texts and lists: JSON takes them as they are."""
_VERDICTS: dict[str, Verdict] = {
    verdict.value: verdict for kind in (TokenResult, AuthenticationResult, ValidationResult, Refusal) for verdict in kind
}


def state_to_text(state: State) -> str:
    """The state as JSON. It holds the decoder key: it belongs in the memory and nowhere else."""
    plain = state._asdict()
    for name in _PLAIN_PARTS:
        plain[name] = plain[name]._asdict()
    plain["key"] = _key_to_plain(state.key)
    plain["tids"] = state.tids.tids
    plain["pending"] = state.pending._asdict()
    return _compact(plain)


def state_from_text(text: str) -> State:
    """The state in a row. ValueError, TypeError or LookupError if the text is not what was written.

    What came to the state after the first version may be missing: it is then as in a new meter.
    """
    plain: Plain = json.loads(text)
    plain["drn"] = Drn(plain["drn"])
    if "profile" in plain:
        plain["profile"] = PROFILES[plain["profile"]].name
    plain["key"] = _key_from_plain(plain["key"])
    plain["tids"] = TidStore(tuple(plain["tids"]))
    plain["credit"] = Credit(**plain["credit"])
    plain["lockout"] = Lockout(**plain["lockout"])
    plain["pending"] = _pending_from_plain(plain["pending"])
    plain["tamper"] = _tamper_from_plain(plain["tamper"])
    plain["overload"] = _overload_from_plain(plain["overload"])
    plain["alarm"] = Alarm(**plain["alarm"])
    plain["history"] = _history_from_plain(plain["history"])
    plain["last_result"] = ResultCode(plain["last_result"])
    if "last_token" in plain:
        plain["last_token"] = _last_token_from_plain(plain["last_token"])
    if "access" in plain:
        plain["access"] = Access(**{level: Password(*password) for level, password in plain["access"].items()})
    state = State(**plain)
    for part in (state, *(getattr(state, name) for name in _PLAIN_PARTS), *state.access):
        _require_types(part)
    return state


def panel_to_text(panel: Panel) -> str:
    """The panel as JSON."""
    return _compact(panel._asdict())


def panel_from_text(text: str) -> Panel:
    """The panel in a row; errors as for a state."""
    plain: Plain = json.loads(text)
    plain["pages"] = tuple((page, until) for page, until in plain["pages"])
    return Panel(**plain)


def _require_types(part: tuple[Any, ...]) -> None:
    """TypeError if a field holds another type than it declares; types made of others, like tuples, are not looked into."""
    for value, declared in zip(part, _declared_types(type(part)), strict=True):
        if not isinstance(value, declared):
            raise TypeError(f"{type(part).__name__} holds a {type(value).__name__}")


@cache
def _declared_types(kind: type[tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(object if isinstance(declared, GenericAlias) else declared for declared in kind.__annotations__.values())


def _key_to_plain(key: KeyRegister) -> Plain:
    return {
        "ea": key.decoder_key.algorithm.value,
        "decoder_key": key.decoder_key.octets.hex(),
        "sgc": key.sgc,
        "ti": key.ti,
        "krn": key.krn,
        "kt": key.kt,
        "ken": key.ken,
        "base_date": key.base_date.value,
        "keys_since_rollover": key.keys_since_rollover,
        "retired_keys": key.retired_keys,
        "tables": None if key.tables is SAMPLE_TABLES else _tables_to_plain(key.tables),
    }


def _tables_to_plain(tables: StaTables) -> Plain:
    return {"permutation": tables.permutation, "substitution": tables.substitution}


def _key_from_plain(plain: Plain) -> KeyRegister:
    return KeyRegister(
        decoder_key=DecoderKey(EncryptionAlgorithm(plain["ea"]), bytes.fromhex(plain["decoder_key"])),
        sgc=SupplyGroupCode(plain["sgc"]),
        ti=TariffIndex(plain["ti"]),
        krn=KeyRevisionNumber(plain["krn"]),
        kt=KeyType(plain["kt"]),
        ken=KeyExpiryNumber(plain["ken"]),
        base_date=BaseDate(plain["base_date"]),
        keys_since_rollover=tuple(plain.get("keys_since_rollover", ())),
        retired_keys=tuple(plain.get("retired_keys", ())),
        tables=SAMPLE_TABLES if plain["tables"] is None else StaTables.from_document(plain["tables"]),
    )


def _pending_from_plain(plain: Plain) -> PendingKeyChange:
    sections = tuple((TokenType(section), block) for section, block in plain["sections"])
    return PendingKeyChange(sections, plain["first_at"])


def _tamper_from_plain(plain: Plain) -> Tamper:
    plain["causes"] = tuple(Cause(cause) for cause in plain["causes"])
    plain["last_cause"] = None if plain["last_cause"] is None else Cause(plain["last_cause"])
    return Tamper(**plain)


def _overload_from_plain(plain: Plain) -> Overload:
    plain["recent_trips"] = tuple(plain["recent_trips"])
    return Overload(**plain)


def _last_token_from_plain(plain: Plain) -> LastToken:
    plain["verdict"] = None if plain.get("verdict") is None else _VERDICTS[plain["verdict"]]
    plain["token_type"] = None if plain.get("token_type") is None else TokenType(plain["token_type"])
    return LastToken(**plain)


def _history_from_plain(plain: Plain) -> History:
    plain["last_credits"] = tuple((digits, amount) for digits, amount in plain["last_credits"])
    plain["last_engineering"] = tuple(plain["last_engineering"])
    return History(**plain)
