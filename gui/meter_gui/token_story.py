"""TokenStory, a token taken apart, as plain texts for the window: what `explain` says, in the order in which it is read."""

from typing import NamedTuple

from meter_emu.meter import KeyRegister
from meter_emu.meter.last_token import LastToken
from meter_emu.sts.errors import StsError
from meter_emu.sts.explain import ExplainedField, Explanation, class_name, explain, to_hexadecimal

CRC_NAME = "crc"


class StoryField(NamedTuple):
    """A field of the block: its name, its highest and lowest bit, what it says."""

    name: str
    high: int
    low: int
    value: str
    note: str


class TokenStory(NamedTuple):
    """Bits are texts of 0, 1 and, for what stays hidden, a star."""

    digits: str
    verdict: str
    """The standard's word for what the meter made of it, and the number of its register."""
    is_accepted: bool
    kind: str = ""
    number: str = ""
    """All 66 bits, in hexadecimal."""
    class_text: str = ""
    encrypted: str | None = None
    cipher: str = ""
    plain_bits: str = ""
    fields: tuple[StoryField, ...] = ()
    computed_checksum: str = ""
    is_right: bool = False

    @property
    def plain(self) -> str:
        """The block in hexadecimal."""
        return to_hexadecimal(self.plain_bits)


def story_of(last: LastToken, key: KeyRegister) -> TokenStory | None:
    """The story of a meter's last token, at a meter with ``key``; None before the first. One that has no form has no story
    but its digits."""
    outcome = last.outcome
    if outcome is None:
        return None
    verdict = f"{outcome.verdict.value} ({int(outcome.result_code)})"
    try:
        explanation = explain(last.digits, key.decoder_key, tables=key.tables, base_date=key.base_date)
    except StsError:
        return TokenStory(last.digits, verdict, outcome.accepted)
    bits, algorithm = explanation.class_bits, explanation.algorithm
    return TokenStory(
        last.digits,
        verdict,
        outcome.accepted,
        kind=explanation.layout.token_type.value.replace("_", " ") if explanation.layout else "",
        number=to_hexadecimal(explanation.token_bits),
        class_text=f"{bits.token_class.value} · {class_name(bits.token_class)}",
        encrypted=to_hexadecimal(explanation.encrypted_block) if explanation.encrypted_block else None,
        cipher=f"EA{algorithm.value} ({algorithm.name})" if algorithm else "",
        plain_bits=explanation.block,
        fields=_fields(explanation),
        computed_checksum=explanation.crc.computed,
        is_right=explanation.crc.matches,
    )


def _fields(explanation: Explanation) -> tuple[StoryField, ...]:
    return tuple(_field(field) for field in explanation.fields)


def _field(field: ExplainedField) -> StoryField:
    value = f"{field.value} {field.unit}".rstrip()
    return StoryField(field.name, field.high, field.low, value, field.note)
