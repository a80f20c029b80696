"""A token taken apart bit by bit: its 66 bits, the class bits and where they belong, the block, every field, the CRC.

``explain`` walks the same layout table that encodes and decodes (tokens/layout.py), and goes as far as a token lets it: one
with a wrong CRC is shown up to the checksum, and ``refusal`` says what ``decode`` would have said. Parts of a new key are
starred out, and so is the CRC over them, half of whose 32 bits it would give away.

>>> explanation = explain("00000000000150997584", None)
>>> for field in explanation.fields:
...     print(f"{field.high:2}-{field.low:<2} {field.name:8} {field.bits:36} {field.value}")
63-60 subclass 0000                                 0
59-24 control  000000000000000000000000000000000001 1
23-16 mfr_code 00000000                             00
15-0  crc      0000101001010000                     0a50
>>> explanation.crc.matches, explanation.class_bits.token_class, explanation.refusal
(True, <TokenClass.TEST_DISPLAY: 1>, None)
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from meter_emu.sts.ciphers import SAMPLE_TABLES, EncryptionAlgorithm, StaTables
from meter_emu.sts.errors import CRCError, FormatError, StsError
from meter_emu.sts.keys.secret import DecoderKey
from meter_emu.sts.numbers import BaseDate, KeyExpiryNumber, KeyType, TokenIdentifier
from meter_emu.sts.numbers.transfer_amount import MANTISSA_BITS
from meter_emu.sts.rows import require_unexpired, written_value
from meter_emu.sts.tokens.codec import CLASS_LOW_BIT, TOKEN_BITS, open_block, split
from meter_emu.sts.tokens.crc import crc_field
from meter_emu.sts.tokens.layout import CRC, LAYOUT_OF_CODE, SUBCLASS, Coding, Field, Layout, TokenClass
from meter_emu.sts.tokens.token import SHIFT_OF_FRONT, Token

BLOCK_BITS = 64
CLASS_PLACES = (CLASS_LOW_BIT + 1, CLASS_LOW_BIT)
"""Where the class stands in the token, and where the block's own two bits belong."""
DISPLACED_PLACES = (TOKEN_BITS - 1, TOKEN_BITS - 2)
"""Where the block's own two bits wait."""
TRANSPOSITION_CLAUSE = "6.4.2"
HIDDEN = "*"


@dataclass(frozen=True)
class ClassBits:
    """The two class bits, and the two bits of the block that had to make room for them."""

    token_class: TokenClass
    bits: str
    displaced: str


@dataclass(frozen=True)
class ExplainedField:
    """One field of the block. ``value`` is as it is written elsewhere, ``note`` what this very value says, if anything."""

    name: str
    high: int
    low: int
    bits: str
    value: str
    unit: str
    note: str
    meaning: str
    clause: str
    is_proven: bool

    @property
    def hexadecimal(self) -> str:
        """The bits as hexadecimal digits."""
        return to_hexadecimal(self.bits)


@dataclass(frozen=True)
class Checksum:
    """The CRC: over which octets (hexadecimal), what the token shows, what they come to. Stars where a key part is hidden."""

    covered: str
    shown: str
    computed: str
    matches: bool


@dataclass(frozen=True)
class Explanation:
    """A token bit by bit. Bits are texts of ``0`` and ``1``, most significant first, with ``*`` for what stays hidden.

    ``algorithm`` and ``encrypted_block`` are None for class 1, which is not encrypted; ``layout`` is None and ``fields`` are
    cut short where ``refusal`` says why.
    """

    digits: str
    token_bits: str
    class_bits: ClassBits
    algorithm: EncryptionAlgorithm | None
    encrypted_block: str | None
    block: str
    layout: Layout | None
    fields: tuple[ExplainedField, ...]
    crc: Checksum
    refusal: StsError | None = field(compare=False)

    def to_json(self) -> dict[str, object]:
        """All of it as plain values; blocks in hexadecimal."""
        layout = self.layout
        return {
            "token": self.digits,
            "bits": self.token_bits,
            "class": {
                "value": self.class_bits.token_class.value,
                "name": class_name(self.class_bits.token_class),
                "bits": self.class_bits.bits,
                "places": list(CLASS_PLACES),
                "displaced_bits": self.class_bits.displaced,
                "moved_from": list(DISPLACED_PLACES),
                "moved_to": list(CLASS_PLACES),
                "clause": TRANSPOSITION_CLAUSE,
            },
            "ea": self.algorithm.value if self.algorithm else None,
            "encrypted_block": to_hexadecimal(self.encrypted_block) if self.encrypted_block else None,
            "block": to_hexadecimal(self.block),
            "token_type": layout.token_type.value if layout else None,
            "clause": layout.clause if layout else None,
            "proven": layout.proven if layout else None,
            "fields": [_field_json(explained) for explained in self.fields],
            "crc": {
                "covered": self.crc.covered,
                "shown": self.crc.shown,
                "computed": self.crc.computed,
                "matches": self.crc.matches,
                "clause": CRC.clause,
            },
            "error": {"code": self.refusal.code, "message": str(self.refusal)} if self.refusal else None,
        }


def explain(
    digits: str,
    key: DecoderKey | None,
    *,
    tables: StaTables = SAMPLE_TABLES,
    base_date: BaseDate | None = None,
    ken: KeyExpiryNumber | None = None,
    show_keys: bool = False,
) -> Explanation:
    """The explanation of 20 digits. ``key`` may be None for class 1; ``base_date`` lets a TID be read as a time, and with
    ``ken`` an expired key is told.

    FormatError for what is no token at all: other lengths, letters, 2^66 or more, class 3, or no key where one is needed.
    """
    class_number, sealed_block = split(digits)
    token_class = TokenClass(class_number)
    is_encrypted = token_class is not TokenClass.TEST_DISPLAY
    if is_encrypted and key is None:
        raise FormatError(f"a class {class_number} token needs a decoder key", field="decoder_key_hex")
    cipher = key.cipher(tables) if is_encrypted and key else None
    block = cipher.decrypt(sealed_block) if cipher else sealed_block
    refusal = None
    try:
        token = open_block(class_number, sealed_block, cipher)
        if ken is not None:
            require_unexpired(token, ken)
    except StsError as error:
        refusal = error
    hidden = _hidden_fields(block) if is_encrypted and not show_keys else ()
    layout = None if isinstance(refusal, CRCError) else LAYOUT_OF_CODE.get((class_number, block >> SUBCLASS.low))
    shown = _bits(block, BLOCK_BITS, hidden)
    token_bits = _bits(int(digits), TOKEN_BITS)
    return Explanation(
        digits=digits,
        token_bits=token_bits,
        class_bits=ClassBits(token_class, _bits(class_number, 2), token_bits[:2]),
        algorithm=key.algorithm if is_encrypted and key else None,
        encrypted_block=_bits(sealed_block, BLOCK_BITS) if is_encrypted else None,
        block=shown,
        layout=layout,
        fields=() if isinstance(refusal, CRCError) else tuple(_explained_fields(layout, token_class, block, shown, base_date)),
        crc=_checksum(class_number, block, shown),
        refusal=refusal,
    )


def to_hexadecimal(bits: str) -> str:
    """Bits, four a digit from the low end; a digit of which a bit is hidden is a star."""
    padded = bits.zfill(-(-len(bits) // 4) * 4)
    nibbles = (padded[start : start + 4] for start in range(0, len(padded), 4))
    return "".join(HIDDEN if HIDDEN in nibble else f"{int(nibble, 2):x}" for nibble in nibbles)


def class_name(token_class: TokenClass) -> str:
    """``credit``, ``test/display``, ``management``."""
    return token_class.name.lower().replace("_", "/")


def _hidden_fields(block: int) -> tuple[Field, ...]:
    """What must not be seen of a plain block: the key part of a key change section, and the CRC over it.

    Judged by the block alone: a token whose class was mistyped has a wrong CRC, yet its block may still be such a section.
    """
    management = TokenClass.MANAGEMENT.value
    layout = LAYOUT_OF_CODE.get((management, block >> SUBCLASS.low))
    if layout is None or crc_field(management, block >> SHIFT_OF_FRONT) != block & CRC.mask:
        return ()
    secrets = tuple(entry for entry in layout.fields if entry.coding is Coding.SECRET)
    return (*secrets, CRC) if secrets else ()


def _explained_fields(
    layout: Layout | None, token_class: TokenClass, block: int, shown: str, base_date: BaseDate | None
) -> list[ExplainedField]:
    token = Token(layout, block) if layout else None
    explained = []
    for entry in (SUBCLASS, *(layout.fields if layout else ()), CRC):
        bits = shown[BLOCK_BITS - 1 - entry.high : BLOCK_BITS - entry.low]
        number = token[entry.name] if token and entry not in (SUBCLASS, CRC) else block >> entry.low & entry.mask
        is_hidden = HIDDEN in bits
        explained.append(
            ExplainedField(
                name=entry.name,
                high=entry.high,
                low=entry.low,
                bits=bits,
                value=to_hexadecimal(bits) if is_hidden or entry is CRC else str(written_value(entry, number)),
                unit=entry.unit,
                note="" if is_hidden else _note(entry, layout, token_class, number, block, base_date),
                meaning=entry.meaning,
                clause=entry.clause,
                is_proven=layout is None or layout.proven or entry in (SUBCLASS, CRC),
            )
        )
    return explained


def _note(
    entry: Field, layout: Layout | None, token_class: TokenClass, number: int, block: int, base_date: BaseDate | None
) -> str:
    """What a value says beyond itself."""
    if entry is SUBCLASS:
        name = layout.token_type.value if layout else "no token of this standard"
        return f"{name}, class {token_class.value}"
    if entry.name == "tid" and base_date is not None:
        moment = TokenIdentifier(number).issued(base_date)
        return f"{moment:%Y-%m-%d %H:%M}, base date {base_date.value}"
    if entry.is_exponent_mantissa:
        bits = block >> entry.low & entry.mask
        return f"exponent {bits >> MANTISSA_BITS}, mantissa {bits & (1 << MANTISSA_BITS) - 1}"
    return _NOTES[entry.name](entry, number) if entry.name in _NOTES else ""


def _control_note(entry: Field, control: int) -> str:
    if control == entry.mask:
        return "every bit: all tests"
    bits = [str(bit) for bit in range(entry.width) if control >> bit & 1]
    return f"bit {', '.join(bits)}" if bits else "no bit: no test"


_NOTES: dict[str, Callable[[Field, int], str]] = {
    "control": _control_note,
    "kt": lambda entry, number: KeyType(number).name.lower(),
    "register": lambda entry, number: "all registers" if number == entry.mask else "",
    "ro": lambda entry, number: "TID rollover" if number else "no rollover",
}


def _checksum(class_number: int, block: int, shown: str) -> Checksum:
    is_hidden = HIDDEN in shown
    computed = crc_field(class_number, block >> SHIFT_OF_FRONT)
    front = shown[: BLOCK_BITS - SHIFT_OF_FRONT]
    return Checksum(
        covered=to_hexadecimal(_bits(class_number, 8) + front),
        shown=to_hexadecimal(shown[-SHIFT_OF_FRONT:]),
        computed=HIDDEN * 4 if is_hidden else f"{computed:04x}",
        matches=computed == block & CRC.mask,
    )


def _bits(number: int, width: int, hidden: tuple[Field, ...] = ()) -> str:
    bits = f"{number:0{width}b}"
    for entry in hidden:
        bits = bits[: width - 1 - entry.high] + HIDDEN * entry.width + bits[width - entry.low :]
    return bits


def _field_json(explained: ExplainedField) -> dict[str, object]:
    return {
        "name": explained.name,
        "bits": explained.bits,
        "high": explained.high,
        "low": explained.low,
        "hex": explained.hexadecimal,
        "value": explained.value,
        "unit": explained.unit or None,
        "note": explained.note or None,
        "meaning": explained.meaning,
        "clause": explained.clause,
        "proven": explained.is_proven,
    }
