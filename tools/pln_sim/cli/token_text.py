"""How an issued token is shown: as a JSON object, or as its digits in groups of four with a short description below.

>>> from pln_sim.vending.generator import issue_test
>>> print(as_text(issue_test(TokenType.METER_TEST_MFR2, {"control": 1, "mfr_code": 0})))
0000 0000 0001 5099 7584
  type      meter test mfr2
  control   0x1
  mfr code  00
"""

from collections.abc import Callable
from datetime import datetime

from meter_emu.sts.numbers.digits import grouped
from meter_emu.sts.rows import readable_values
from meter_emu.sts.tokens import Token, TokenType
from meter_emu.sts.tokens.key_change import SECTIONS_OF_KEY_LENGTH
from pln_sim.vending.generator import IssuedToken

_NAMES = {
    "amount": "amount",
    "mpl": "watts",
    "mppul": "watts",
    "register": "register",
    "rate": "rate",
    "wmf": "factor",
    "control": "control",
    "mfr_code": "mfr_code",
}
"""A layout's field and the name it is shown under. What is missing here is not shown: fillers, and halves of numbers."""

_SECTIONS = {token_type: section for section, token_type in enumerate(SECTIONS_OF_KEY_LENGTH[16], 1)}
_UNITS = {TokenType.WATER_CREDIT: " m3", TokenType.GAS_CREDIT: " m3"}
_FOR_A_PERSON: dict[str, Callable[[object], str]] = {"control": "{:#x}".format}


def as_json(issued: IssuedToken) -> dict[str, object]:
    """The object for one token: what every token has, then its own fields."""
    return {
        "token": issued.digits,
        "meter": issued.drn,
        "token_type": issued.token.token_type.value,
        "tid": issued.tid,
        "issued_at": issued.issued_at.isoformat() if issued.issued_at else None,
        **own_fields(issued.token),
    }


def as_text(issued: IssuedToken) -> str:
    """The same for a person: the digits, then one aligned line for each thing there is to say."""
    token = issued.token
    own = {
        name: _FOR_A_PERSON.get(name, str)(value) + _UNITS.get(token.token_type, "")
        for name, value in own_fields(token).items()
    }
    facts = {
        "meter": issued.drn,
        "type": token.token_type.value.replace("_", " "),
        **own,
        "TID": issued.tid,
        "issued at": _minute(issued.issued_at),
    }
    known = {name.replace("_", " "): value for name, value in facts.items() if value is not None}
    width = max(map(len, known))
    return "\n".join([grouped(issued.digits), *(f"  {name:<{width}}  {value}" for name, value in known.items())])


def own_fields(token: Token) -> dict[str, object]:
    """What only this kind of token has, by the names users see: ``{"kwh": "32.5"}``, ``{"watts": 2200}``."""
    if token.token_type in _SECTIONS:
        return {"section": _SECTIONS[token.token_type]}
    fields = {_NAMES[name]: value for name, value in readable_values(token).items() if name in _NAMES}
    if token.token_type is TokenType.ELECTRICITY_CREDIT:
        return {"kwh": fields["amount"]}
    return fields


def _minute(moment: datetime | None) -> str | None:
    return moment.isoformat(" ", "minutes") if moment else None
