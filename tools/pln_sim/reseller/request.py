"""Request: a kiosk's text message, taken apart. "Format : KODE.NoKartuKWH.PIN" (the guide), and what such services also take.

    PLN20.01105574222.1234   sell the product PLN20 to that meter
    BALANCE.1234             how much is left           (SALDO)
    PRICES   PRICES.PLA      what is sold, what it costs (HARGA)
    REPEAT.1234              the last answer again      (ULANG)
    REPEAT.01105574222.1234  the last one for that meter
    PIN.1234.5678            another PIN
    HELP                     these words                (BANTUAN)

Capitals or not is the same. A PIN never shows in a repr.

>>> parse("pln20.01105574222.1234")
Order(code='PLN20', meter='01105574222')
>>> parse("SALDO.1234"), parse("repeat.1234"), parse("PRICES.pla")
(Balance(), Repeat(meter=None), PriceList(name='PLA'))
>>> parse("PLN20.0110557422.1234")
Malformed(why='nomor meter harus 11 angka')
>>> parse("BALANCE").why
'tulis BALANCE.PIN'
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LONGEST_TEXT = 160
"""What one text message holds."""
_PIN = re.compile(r"[0-9]{4,6}")
_METER = re.compile(r"[0-9]{11}")
_NAME = re.compile(r"[A-Z]{2,8}[0-9]{0,5}")
_SENDER = re.compile(r"(\+62|0)([0-9]{5,14})")


@dataclass(frozen=True)
class Order:
    """Sell a product to a meter."""

    code: str
    meter: str
    pin: str = field(repr=False)


@dataclass(frozen=True)
class Balance:
    """How much is left."""

    pin: str = field(repr=False)


@dataclass(frozen=True)
class PriceList:
    """What is sold, in one list or in all."""

    name: str | None = None


@dataclass(frozen=True)
class Repeat:
    """The last answer again; the last one for a meter, if one is named."""

    meter: str | None
    pin: str = field(repr=False)


@dataclass(frozen=True)
class NewPin:
    """Another PIN."""

    pin: str = field(repr=False)
    wanted: str = field(repr=False)


@dataclass(frozen=True)
class Help:
    """What can be written."""


@dataclass(frozen=True)
class Malformed:
    """None of them. ``why`` quotes nothing of the text: there may be a PIN in it."""

    why: str


Request = Order | Balance | PriceList | Repeat | NewPin | Help | Malformed


def parse(text: str) -> Request:
    """What a text message asks for."""
    name, *parts = text.strip().split(".")
    name, parts = name.strip().upper(), [part.strip() for part in parts]
    if len(text) > LONGEST_TEXT or not _NAME.fullmatch(name):
        return Malformed(f"tulis {FORMS[ORDER]}")
    form = _ALIASES.get(name, name)
    return _READERS[form](parts) if form in _READERS else _order(name, parts)


def parse_sender(text: str) -> str | None:
    """A telephone number as it is kept; None if it is none.

    >>> parse_sender("+6281234567890"), parse_sender("081234567890"), parse_sender("8123")
    ('081234567890', '081234567890', None)
    """
    match = _SENDER.fullmatch(text)
    return f"0{match[2]}" if match else None


def is_pin(text: str) -> bool:
    """Whether a text can be a PIN: 4 to 6 digits."""
    return bool(_PIN.fullmatch(text)) and text.isascii()


def _order(code: str, parts: list[str]) -> Request:
    match parts:
        case [meter, pin] if is_pin(pin):
            return Order(code, meter, pin) if _is_meter(meter) else Malformed("nomor meter harus 11 angka")
    return Malformed(f"tulis {FORMS[ORDER]}")


def _balance(parts: list[str]) -> Request:
    match parts:
        case [pin] if is_pin(pin):
            return Balance(pin)
    return Malformed(f"tulis {FORMS['BALANCE']}")


def _price_list(parts: list[str]) -> Request:
    match parts:
        case []:
            return PriceList()
        case [name] if _NAME.fullmatch(name.upper()):
            return PriceList(name.upper())
    return Malformed(f"tulis {FORMS['PRICES']}")


def _repeat(parts: list[str]) -> Request:
    match parts:
        case [pin] if is_pin(pin):
            return Repeat(None, pin)
        case [meter, pin] if is_pin(pin) and _is_meter(meter):
            return Repeat(meter, pin)
    return Malformed(f"tulis {FORMS['REPEAT']}")


def _new_pin(parts: list[str]) -> Request:
    match parts:
        case [pin, wanted] if is_pin(pin) and is_pin(wanted):
            return NewPin(pin, wanted)
    return Malformed(f"tulis {FORMS['PIN']}, 4 sampai 6 angka")


def _help(parts: list[str]) -> Request:
    return Malformed(f"tulis {FORMS['HELP']}") if parts else Help()


def _is_meter(text: str) -> bool:
    return bool(_METER.fullmatch(text)) and text.isascii()


ORDER = "KODE"
FORMS: Mapping[str, str] = {
    ORDER: "KODE.NoKartuKWH.PIN",
    "BALANCE": "BALANCE.PIN",
    "PRICES": "PRICES atau PRICES.DAFTAR",
    "REPEAT": "REPEAT.PIN atau REPEAT.NoKartuKWH.PIN",
    "PIN": "PIN.LAMA.BARU",
    "HELP": "HELP",
}
"""What can be written, by its first word."""
_ALIASES: Mapping[str, str] = {"SALDO": "BALANCE", "HARGA": "PRICES", "ULANG": "REPEAT", "BANTUAN": "HELP"}
_READERS: Mapping[str, Callable[[list[str]], Request]] = {
    "BALANCE": _balance,
    "PRICES": _price_list,
    "REPEAT": _repeat,
    "PIN": _new_pin,
    "HELP": _help,
}
