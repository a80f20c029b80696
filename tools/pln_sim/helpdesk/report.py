"""Report: what an agent writes down in the ITSM application, for an applicant who wants to sell in the marketplace (SOP, 1) or
a complaint about it (SOP, 2, "penanganannya sama"), and what becomes of it.

The fields are those of the SOP, in its order and its words; the photo is asked for in social media only. The applicant gets
the ITSM number; the agent also enters the report in APKT as "Issue Closed di CC123", with the ITSM number (SOP, 1 e). One who
calls again hears the answer of Tim Support Marketplace; if that needs more, a new report names the one before (SOP, 1 f).

>>> [field.title for field in FIELDS]
['Nama Pemohon', 'Nama Usaha', 'Jenis Produk', 'Kota', 'Provinsi', 'No. Telepon', 'Email']
>>> itsm_number(2022, 7), Status.WITH_SUPPORT in TRANSITIONS[Status.RECORDED], TRANSITIONS[Status.CLOSED]
('ITSM2022000007', True, frozenset())
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from meter_emu.sts.errors import FormatError

LONGEST_TEXT = 200
LONGEST_NOTE = 2000
LARGEST_PHOTO = 5 * 1024 * 1024
_TELEPHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(?:\.[^@\s.]+)+")
_ITSM = re.compile(r"ITSM[0-9]{4}[0-9]{6,12}")
_PHOTO_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Channel(StrEnum):
    """How the applicant came."""

    TELEPHONE = "telephone"
    SOCIAL_MEDIA = "social-media"


class Status(StrEnum):
    """How far a report is."""

    RECORDED = "recorded"
    """Written down, the applicant has the number."""
    WITH_SUPPORT = "with-support"
    """The service desk has handed it to Tim Support Marketplace, which checks the data."""
    QUALIFIED = "qualified"
    """The applicant meets the conditions and is called back."""
    NOT_QUALIFIED = "not-qualified"
    ANSWERED = "answered"
    """A complaint has its answer."""
    CLOSED = "closed"
    """The applicant was told, by SMS, WhatsApp or email."""


TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    Status.RECORDED: frozenset({Status.WITH_SUPPORT}),
    Status.WITH_SUPPORT: frozenset({Status.QUALIFIED, Status.NOT_QUALIFIED, Status.ANSWERED}),
    Status.QUALIFIED: frozenset({Status.CLOSED}),
    Status.NOT_QUALIFIED: frozenset({Status.CLOSED}),
    Status.ANSWERED: frozenset({Status.CLOSED}),
    Status.CLOSED: frozenset(),
}
"""Where each status leads."""


class Field(NamedTuple):
    """One of the data the SOP asks for."""

    name: str
    title: str
    pattern: re.Pattern[str] | None = None
    like: str = ""


FIELDS = (
    Field("applicant", "Nama Pemohon"),
    Field("business", "Nama Usaha"),
    Field("product", "Jenis Produk"),
    Field("city", "Kota"),
    Field("province", "Provinsi"),
    Field("telephone", "No. Telepon", _TELEPHONE, "a number like 0812-3456-7890"),
    Field("email", "Email", _EMAIL, "an address like nama@contoh.id"),
)
"""What is asked for, in the order of the SOP. An eighth, "Foto Contoh Produk", is for social media."""
PHOTO_TITLE = "Foto Contoh Produk"


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report as it is filed."""

    service: int
    applicant: str
    business: str
    product: str
    city: str
    province: str
    telephone: str
    email: str
    channel: Channel
    agent: str
    """Nama User CSO."""
    note: str
    """What else the applicant said."""
    previous: str | None
    """The ITSM number of the report before."""

    def __post_init__(self) -> None:
        for field in FIELDS:
            value = getattr(self, field.name)
            _require_text(field.title, value, LONGEST_TEXT)
            if field.pattern and not field.pattern.fullmatch(value):
                raise FormatError(f"{field.title} must be {field.like}, not {value[:40]!r}", field=field.name)
        _require_text("Nama User CSO", self.agent, LONGEST_TEXT)
        if self.note:
            _require_text("the note", self.note, LONGEST_NOTE)


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A report in the book."""

    itsm: str
    filed_at: datetime
    report: Report
    photo_bytes: int | None
    """How large the photo is; None for none."""
    status: Status
    history: tuple["Change", ...]


@dataclass(frozen=True)
class Change:
    """A status that a report reached, and what was said."""

    at: datetime
    status: Status
    agent: str
    note: str

    def __post_init__(self) -> None:
        _require_text("Nama User CSO", self.agent, LONGEST_TEXT)
        if self.note:
            _require_text("the note", self.note, LONGEST_NOTE)


def require_photo(channel: Channel, photo: bytes | None) -> None:
    """FormatError unless there is a JPEG or PNG picture in a report by social media, and none in another."""
    if (photo is not None) is not (channel is Channel.SOCIAL_MEDIA):
        wants = "needs one" if photo is None else f"has none; it is for {Channel.SOCIAL_MEDIA.value}"
        raise FormatError(f"{PHOTO_TITLE}: a report by {channel.value} {wants}", field="photo")
    if photo is not None and not photo.startswith(_PHOTO_STARTS):
        raise FormatError(f"{PHOTO_TITLE} must be a JPEG or PNG picture", field="photo")


def itsm_number(year: int, serial: int) -> str:
    """The number that the applicant is given."""
    return f"ITSM{year:04}{serial:06}"


def read_itsm(text: str) -> str:
    """An ITSM number as a person types it. FormatError if it is none."""
    number = text.upper().replace(" ", "")
    if not _ITSM.fullmatch(number):
        raise FormatError(f"an ITSM number is written like {itsm_number(2022, 7)}, not {text[:40]!r}", field="itsm")
    return number


def _require_text(title: str, value: str, longest: int) -> None:
    if not value.strip() or len(value) > longest or not value.isprintable():
        raise FormatError(f"{title} must be 1 to {longest} printable characters", field=title)
