"""KeyStore, what a utility knows: vending keys by supply group and revision, and the parameters of its meters.

Made from a TOML document:

    [[vending_key]]
    sgc = "123457"
    krn = 1
    dkga = "04"
    key = "hexadecimal digits"

    [[meter]]
    drn = "04176855916"
    sgc = "123457"          # whatever is left out is as in the published test parameters

A meter it does not name gets the published test keys with the default parameters; the command lines
refuse it where the file was given with --key-file.

>>> store = KeyStore.from_document({"meter": [{"drn": "04176855916", "ti": "07"}]})
>>> store.card(Drn("04176855916")).parameters.ti, store.card(Drn("12345678911")).parameters.ti
('07', '01')
>>> store.key_of(store.card(Drn("12345678911"))).is_test_key
True
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from meter_emu.sts.ciphers.algorithm import EncryptionAlgorithm
from meter_emu.sts.errors import FormatError, FunctionError
from meter_emu.sts.keys.generation import DecoderKeyGenerationAlgorithm, KeyParameters, generate_decoder_key
from meter_emu.sts.keys.published import TEST_SUPPLY_GROUPS, TEST_VENDING_KEYS, default_parameters
from meter_emu.sts.keys.secret import DecoderKey, VendingKey
from meter_emu.sts.numbers.base_date import BaseDate
from meter_emu.sts.numbers.drn import Drn
from meter_emu.sts.numbers.key_parameters import (
    KeyExpiryNumber,
    KeyRevisionNumber,
    KeyType,
    SupplyGroupCode,
    TariffIndex,
)

IdT = TypeVar("IdT")
ValueT = TypeVar("ValueT")
DEFAULT_KEN = KeyExpiryNumber(255)
VendingKeyId = tuple[SupplyGroupCode, KeyRevisionNumber, DecoderKeyGenerationAlgorithm]


@dataclass(frozen=True)
class MeterCard:
    """What is known of one meter: the parameters of its key and when that key expires."""

    parameters: KeyParameters
    ken: KeyExpiryNumber = DEFAULT_KEN

    @property
    def drn(self) -> Drn:
        """The meter number."""
        return self.parameters.pan.drn

    def changed(
        self,
        *,
        sgc: str | None = None,
        ti: str | None = None,
        krn: int | None = None,
        kt: int | None = None,
        ken: int | None = None,
        base_date: str | None = None,
        ea: str | None = None,
        dkga: str | None = None,
    ) -> "MeterCard":
        """This card with every parameter that is given; StsError for an impossible one."""
        old = self.parameters
        parameters = replace(
            old,
            sgc=old.sgc if sgc is None else SupplyGroupCode(sgc),
            ti=old.ti if ti is None else TariffIndex(ti),
            krn=old.krn if krn is None else KeyRevisionNumber(krn),
            kt=old.kt if kt is None else KeyType(kt),
            base_date=old.base_date if base_date is None else BaseDate(base_date),
            ea=old.ea if ea is None else EncryptionAlgorithm(ea),
            dkga=old.dkga if dkga is None else DecoderKeyGenerationAlgorithm(dkga),
        )
        return MeterCard(parameters, self.ken if ken is None else KeyExpiryNumber(ken))


@dataclass(frozen=True)
class IssuedKey:
    """A meter's decoder key, and whether it comes from a published test key and so protects nothing."""

    decoder_key: DecoderKey
    is_test_key: bool


@dataclass(frozen=True)
class KeyStore:
    """Vending keys and meters; empty, it offers the published test keys alone."""

    vending_keys: Mapping[VendingKeyId, VendingKey]
    meters: Mapping[Drn, MeterCard]

    @classmethod
    def empty(cls) -> "KeyStore":
        """No vending key but the published ones, no meter by name."""
        return cls({}, {})

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "KeyStore":
        """The store in a parsed TOML document. StsError names the entry and the field, never a key."""
        for name in document:
            if name not in ("vending_key", "meter"):
                raise FormatError(f"unknown entry {name!r}: expected [[vending_key]] and [[meter]]", field=name)
        vending_keys = [_vending_key(entry) for entry in _entries(document, "vending_key", _VENDING_KEY_FIELDS)]
        meters = [_meter(entry) for entry in _entries(document, "meter", _METER_FIELDS)]
        return cls(_once(vending_keys, "vending_key"), _once(meters, "meter"))

    def card(self, drn: Drn) -> MeterCard:
        """What is known of a meter; the default test parameters for one the store does not name."""
        return self.meters.get(drn) or MeterCard(default_parameters(drn))

    def key_of(self, card: MeterCard) -> IssuedKey:
        """The decoder key for a card, from ``vending_key_of`` it and with its errors."""
        vending_key = self.vending_key_of(card)
        decoder_key = generate_decoder_key(vending_key, card.parameters)
        return IssuedKey(decoder_key, is_test_key=vending_key in TEST_VENDING_KEYS.values())

    def vending_key_of(self, card: MeterCard) -> VendingKey:
        """The vending key for a card: the store's own of its SGC, KRN and DKGA.

        Without one, a published test key serves the published test groups and the meters the store does not name; for
        any other meter it would make a wrong key in silence, so that is a FormatError.
        """
        parameters = card.parameters
        own = self.vending_keys.get((parameters.sgc, parameters.krn, parameters.dkga))
        if card.drn not in self.meters and parameters == default_parameters(card.drn):
            own = None  # nothing was said of this meter: it is the test meter that every command takes it for
        may_be_test_key = parameters.sgc in TEST_SUPPLY_GROUPS or card.drn not in self.meters
        vending_key = own or (TEST_VENDING_KEYS.get(parameters.dkga) if may_be_test_key else None)
        if parameters.dkga is DecoderKeyGenerationAlgorithm.DKGA01:
            raise FunctionError("DKGA01 is not offered: its cipher step is not public", field="dkga")
        if vending_key is None:
            message = f"no vending key for SGC {parameters.sgc}, KRN {int(parameters.krn)}, DKGA{parameters.dkga.value}"
            raise FormatError(f"{message}: name one in a key file", field="dkga")
        return vending_key


_VENDING_KEY_FIELDS: dict[str, type] = {"sgc": str, "krn": int, "dkga": str, "key": str}
_METER_FIELDS: dict[str, type] = {
    "drn": str, "sgc": str, "ti": str, "krn": int, "kt": int, "ken": int, "base_date": str, "ea": str, "dkga": str,
}  # fmt: skip
_REQUIRED = {"vending_key": ("sgc", "krn", "key"), "meter": ("drn",)}


def _entries(document: Mapping[str, object], name: str, fields: Mapping[str, type]) -> list[dict[str, object]]:
    entries = document.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise FormatError(f"{name} must be written as [[{name}]]", field=name)
    for number, entry in enumerate(entries, 1):
        where = f"[[{name}]] number {number}"
        for required in _REQUIRED[name]:
            if required not in entry:
                raise FormatError(f"{where}: {required} is missing", field=required)
        for field, value in entry.items():
            if field not in fields:
                raise FormatError(f"{where}: unknown field {field!r}", field=field)
            if type(value) is not fields[field]:
                kind = "a number" if fields[field] is int else "text in quotes"
                raise FormatError(f"{where}: {field} must be {kind}", field=field)
    return entries


def _once(pairs: list[tuple[IdT, ValueT]], name: str) -> dict[IdT, ValueT]:
    """The entries by what they are about; FormatError if two are about the same."""
    unique: dict[IdT, ValueT] = {}
    for number, (identity, value) in enumerate(pairs, 1):
        if identity in unique:
            raise FormatError(f"[[{name}]] number {number}: there is an earlier one for the same", field=name)
        unique[identity] = value
    return unique


def _vending_key(entry: Mapping[str, object]) -> tuple[VendingKeyId, VendingKey]:
    dkga = DecoderKeyGenerationAlgorithm(entry.get("dkga", "04"))
    identity = SupplyGroupCode(str(entry["sgc"])), KeyRevisionNumber(int(str(entry["krn"]))), dkga
    return identity, VendingKey.from_hex(str(entry["key"]))


def _meter(entry: dict[str, object]) -> tuple[Drn, MeterCard]:
    drn = Drn(str(entry["drn"]))
    changes = {name: value for name, value in entry.items() if name != "drn"}
    return drn, MeterCard(default_parameters(drn)).changed(**changes)  # type: ignore[arg-type]
