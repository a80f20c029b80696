"""A row in, an answer out: the batch format, which is also the format of published test vectors.

A row names a key (a vending key with its parameters, or a decoder key) and a token to encode or decode:

    {"id": ..., "op": "encode", "dkga": "04", "ea": "11", "pan": ..., "sgc": ..., "ti": ..., "kt": 2, "krn": 1, "ken": 255,
     "base_date": "1993", "vending_key_hex" or "decoder_key_hex": ..., "token_type": ..., "inputs": {...}, "new_key": {...}}
    {"id": ..., "op": "decode", ..., "token": "20 digits"}

An answer is ``{"id", "token"}``, ``{"id", "decoded": {...}}`` or ``{"id", "error": {"code", "message"}}``. Times are civil
times without a zone, the utility's own, and never shifted. A missing ``rnd`` is 0. Keys are in an answer only on request.

>>> row = {"id": 7, "token_type": "meter_test_mfr2", "inputs": {"control": 1, "mfr_code": "00"}}
>>> answer(row)
{'id': 7, 'token': '00000000000150997584'}
>>> answer({"id": 8, "op": "decode", "token": "00000000000150997584"})["decoded"]["control"]
1
>>> answer({"op": "decode", "token": "1"})
{'id': None, 'error': {'code': 'FormatError', 'message': 'token must be 20 digits, not 1'}}
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from meter_emu.sts.ciphers import SAMPLE_TABLES, BlockCipher, EncryptionAlgorithm, StaTables
from meter_emu.sts.errors import FormatError, KeyExpired, RangeError, StsError
from meter_emu.sts.keys import (
    DecoderKey,
    DecoderKeyGenerationAlgorithm,
    KeyParameters,
    VendingKey,
    generate_decoder_key,
)
from meter_emu.sts.numbers import (
    BaseDate,
    KeyExpiryNumber,
    KeyRevisionNumber,
    KeyType,
    MeterPan,
    SupplyGroupCode,
    TariffIndex,
    TokenIdentifier,
)
from meter_emu.sts.numbers.civil_time import civil_time
from meter_emu.sts.numbers.digits import decimal_digits
from meter_emu.sts.numbers.transfer_amount import MAXIMUM_AMOUNT, format_tenths, tenths
from meter_emu.sts.tokens import Token, TokenClass, TokenType, encode
from meter_emu.sts.tokens.codec import open_block, split
from meter_emu.sts.tokens.layout import LAYOUT_OF_TYPE, Coding, Field

Row = Mapping[str, object]
KEPT_KEYS = 1024
"""How many keys, and ciphers with their key schedules, stay at hand between rows."""
LONGEST_MESSAGE = 300
"""Characters in an error's message, which may quote a row."""
LARGEST_INTEGER_BITS = 64
"""A whole number in a row may have as many; no field of a token or a key has more."""


def answer(row: object, *, tables: StaTables = SAMPLE_TABLES, show_keys: bool = False) -> dict[str, object]:
    """The answer to one row. Nothing in a row raises: what is wrong with it becomes its ``error``."""
    if not isinstance(row, dict):
        return refusal(None, FormatError("a row must be a JSON object"))
    row_id = row.get("id")
    try:
        operation = _OPERATIONS.get(_text(row, "op") if "op" in row else "encode")
        if operation is None:
            raise FormatError("op must be encode or decode", field="op")
        return {"id": row_id, **operation(row, tables, show_keys)}
    except StsError as error:
        return refusal(row_id, error)


def refusal(row_id: object, error: StsError) -> dict[str, object]:
    """The answer to a row that cannot be worked: the standard's name for what is wrong, and a line about it."""
    message = str(error)
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[: LONGEST_MESSAGE - 3]}..."
    return {"id": row_id, "error": {"code": error.code, "message": message}}


def decoder_key_of(row: Row) -> DecoderKey:
    """The decoder key a row names, as it stands or generated from its vending key."""
    if "decoder_key_hex" in row:
        return _given_key(_text(row, "ea"), _text(row, "decoder_key_hex"))
    return _generated_key(
        _text(row, "vending_key_hex"),
        _text(row, "pan"),
        _text(row, "sgc"),
        _text(row, "ti"),
        _integer(row, "kt"),
        _integer(row, "krn"),
        _base_date_of_key(row),
        _text(row, "ea"),
        _text(row, "dkga"),
    )


def requested_token(row: Row) -> Token:
    """The token a row asks for, from its ``token_type``, ``inputs`` and ``new_key``. StsError if one of them is wrong."""
    layout = LAYOUT_OF_TYPE[TokenType(_text(row, "token_type"))]
    return Token.build(layout.token_type, **{field.name: _input(row, field) for field in layout.fields})


def decoded_object(token: Token, base_date: BaseDate | None, *, show_keys: bool = False) -> dict[str, object]:
    """What a token says: its type, its time where ``base_date`` is known, its fields by name, its CRC."""
    layout = token.layout
    decoded: dict[str, object] = {
        "token_type": layout.token_type.value,
        "class": layout.token_class.value,
        "subclass": layout.subclass,
    }
    if layout.has_tid and base_date is not None:
        decoded["issue"] = TokenIdentifier(token["tid"]).issued(base_date).isoformat()
        decoded["base_date"] = base_date.value
    decoded |= readable_values(token, show_keys=show_keys)
    # Beside a hidden part of a key the CRC is hidden too: it would tell 16 of its 32 bits.
    hides = not show_keys and any(field.coding is Coding.SECRET for field in layout.fields)
    decoded["crc"] = None if hides else f"{token.crc:04x}"
    return decoded


def readable_values(token: Token, *, show_keys: bool = False) -> dict[str, object]:
    """A token's fields by name, each as it is written in a row: ``{"rnd": 5, "tid": 5871715, "amount": "0.1"}``."""
    return {
        field.name: written_value(field, token[field.name])
        for field in token.layout.fields
        if show_keys or field.coding is not Coding.SECRET
    }


def written_value(field: Field, number: int) -> object:
    """The number a field means as it is written in a row: ``0.1`` and other texts, or a whole number as it is."""
    if field.coding is Coding.PLAIN:
        return number
    return _FORMATS[field.coding](number)


def require_unexpired(token: Token, ken: KeyExpiryNumber) -> None:
    """KeyExpired if the token's TID lies beyond the key expiry number; nothing for a token without a TID."""
    if token.layout.has_tid and ken.is_expired_for(token["tid"]):
        raise KeyExpired(f"TID {token['tid']} lies beyond key expiry number {int(ken)}", field="ken")


def _encode(row: Row, tables: StaTables, show_keys: bool) -> dict[str, object]:
    token = requested_token(row)
    _require_unexpired(row, token)
    if not token.layout.is_encrypted:
        return {"token": encode(token, None)}
    key = decoder_key_of(row)
    shown = {"decoder_key_hex": key.octets.hex()} if show_keys else {}
    return {"token": encode(token, _cipher(key, tables)), **shown}


def _decode(row: Row, tables: StaTables, show_keys: bool) -> dict[str, object]:
    token_class, block = split(_text(row, "token"))
    is_encrypted = token_class != TokenClass.TEST_DISPLAY.value
    token = open_block(token_class, block, _cipher(decoder_key_of(row), tables) if is_encrypted else None)
    _require_unexpired(row, token)
    base_date = BaseDate(_year(row)) if "base_date" in row else None
    return {"decoded": decoded_object(token, base_date, show_keys=show_keys)}


_OPERATIONS: dict[str, Callable[[Row, StaTables, bool], dict[str, object]]] = {"encode": _encode, "decode": _decode}
_FORMATS: dict[Coding, Callable[[int], object]] = {
    Coding.TENTHS: format_tenths,
    Coding.WATTS: int,
    Coding.DIGITS_2: "{:02d}".format,
    Coding.DIGITS_4: "{:04d}".format,
    Coding.SECRET: "{:08x}".format,
}
_NEW_KEY_PARTS = {"nkho": 0, "nkmo2": 1, "nkmo1": 2, "nklo": -1}
"""Which 32 bits of the new key, counted from the most significant end."""


def _input(row: Row, field: Field) -> int:
    """The number for one field of the token that a row asks for."""
    inputs = _object(row, "inputs")
    if field.name in _DERIVED:
        return _DERIVED[field.name](row, inputs)
    if field.name in _NEW_KEY_PARTS:
        return _new_key_part(row, field)
    source = inputs if field.name in inputs else _object(row, "new_key") if "new_key" in row else inputs
    if field.coding is Coding.TENTHS:
        text = _decimal(inputs, field.name)
        amount = tenths(text)
        if not 0 < amount <= MAXIMUM_AMOUNT:
            raise RangeError(f"{field.name} must be 0.1 to {format_tenths(MAXIMUM_AMOUNT)}, not {text}", field=field.name)
        return amount
    if field.coding in (Coding.DIGITS_2, Coding.DIGITS_4):
        width = 2 if field.coding is Coding.DIGITS_2 else 4
        return int(decimal_digits(_text(source, field.name), width, field.name, field.name))
    return _integer(source, field.name)


def _tid(row: Row, inputs: Row) -> int:
    if "tid" in inputs:
        return TokenIdentifier(_integer(inputs, "tid"))
    base_date = BaseDate(_year(inputs if "base_date" in inputs else row))
    return TokenIdentifier.at(civil_time(_text(inputs, "issue")), base_date)


def _integer_or_zero(name: str, row: Row, inputs: Row) -> int:
    return _integer(inputs, name) if name in inputs else 0


def _ken(row: Row, inputs: Row) -> KeyExpiryNumber:
    return KeyExpiryNumber(_integer(inputs if "ken" in inputs else row, "ken"))


def _sgc(row: Row, inputs: Row) -> int:
    return int(SupplyGroupCode(_text(inputs if "sgc" in inputs else _object(row, "new_key"), "sgc")))


_DERIVED: dict[str, Callable[[Row, Row], int]] = {
    **{name: partial(_integer_or_zero, name) for name in ("rnd", "ro", "three_kct", "pad")},
    "tid": _tid,
    "kenho": lambda row, inputs: _ken(row, inputs) >> 4,
    "kenlo": lambda row, inputs: _ken(row, inputs) & 15,
    "sgclo": lambda row, inputs: _sgc(row, inputs) & 0xFFF,
    "sgcho": lambda row, inputs: _sgc(row, inputs) >> 12,
}


def _new_key_part(row: Row, field: Field) -> int:
    octets = decoder_key_of(_object(row, "new_key")).octets
    if field.name in ("nkmo1", "nkmo2") and len(octets) == 8:
        raise FormatError("a 64-bit key has no 3rd and 4th section", field="new_key")
    parts = [octets[i : i + 4] for i in range(0, len(octets), 4)]
    return int.from_bytes(parts[_NEW_KEY_PARTS[field.name]], "big")


def _require_unexpired(row: Row, token: Token) -> None:
    if "ken" in row:
        require_unexpired(token, KeyExpiryNumber(_integer(row, "ken")))


@lru_cache(KEPT_KEYS)
def _given_key(ea: str, decoder_key_hex: str) -> DecoderKey:
    return DecoderKey.from_hex(EncryptionAlgorithm(ea), decoder_key_hex)


@lru_cache(KEPT_KEYS)
def _generated_key(
    vending_key_hex: str, pan: str, sgc: str, ti: str, kt: int, krn: int, base_date: str, ea: str, dkga: str
) -> DecoderKey:
    parameters = KeyParameters(
        pan=MeterPan(pan),
        sgc=SupplyGroupCode(sgc),
        ti=TariffIndex(ti),
        kt=KeyType(kt),
        krn=KeyRevisionNumber(krn),
        base_date=BaseDate(base_date),
        ea=EncryptionAlgorithm(ea),
        dkga=DecoderKeyGenerationAlgorithm(dkga),
    )
    return generate_decoder_key(VendingKey.from_hex(vending_key_hex), parameters)


def _cipher(key: DecoderKey, tables: StaTables) -> BlockCipher:
    # A key keeps its own cipher for the sample tables.
    return key.cipher() if tables is SAMPLE_TABLES else _cipher_with_tables(key, tables)


@lru_cache(KEPT_KEYS)
def _cipher_with_tables(key: DecoderKey, tables: StaTables) -> BlockCipher:
    return key.cipher(tables)


def _object(row: Row, name: str) -> Row:
    value = row.get(name)
    if not isinstance(value, dict):
        raise FormatError(f"{name} is missing" if value is None else f"{name} must be an object", field=name)
    return value


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise FormatError(f"{name} is missing" if value is None else f"{name} must be text in quotes", field=name)
    return value


def _decimal(row: Row, name: str) -> str:
    """A decimal number, in quotes or bare; the reader of the JSON hands bare ones on as text or int, never as float."""
    return str(_integer(row, name)) if type(row.get(name)) is int else _text(row, name)


def _base_date_of_key(row: Row) -> str:
    """The base date that a decoder key depends on: the row's, else the token's. Only DKGA04 knows it, so others need none."""
    if "base_date" in row or row.get("dkga") == DecoderKeyGenerationAlgorithm.DKGA04.value:
        inputs = row.get("inputs")
        return _year(inputs if "base_date" not in row and isinstance(inputs, dict) else row)
    return BaseDate.BASE_1993.value


def _year(row: Row) -> str:
    """The base date, a year in quotes or bare."""
    return str(_integer(row, "base_date")) if type(row.get("base_date")) is int else _text(row, "base_date")


def _integer(row: Row, name: str) -> int:
    value = row.get(name)
    if type(value) is int:
        if value.bit_length() > LARGEST_INTEGER_BITS:
            raise RangeError(f"{name} is too large", field=name)
        return value
    text = _text(row, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise FormatError(f"{name} must be a whole number", field=name)
    return int(text)
