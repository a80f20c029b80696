"""Cases: the functional test as one table: every flow of section 4, every response code, every message of attachment A.

A case is a conversation. It begins signed on, unless its first step is on a fresh connection. What must come back to every
message is judged by the examiner; a case passes when nothing else did. Codes that no request can provoke are provoked by
meters of the plan; a case without its meter is left out.

>>> len({case.name for case in CASES}) == len(CASES) > 80
True
>>> CASES[0].section, [step.title for step in CASES[0].steps]
('Section 2, Messaging System', ['2100 Inquiry Request, in two TCP segments', '2200 Purchase Request'])
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pln_sim.acceptance.step import Delivery, Step, Way, advice, inquiry, network, purchase, raw, repeat
from pln_sim.gateway.messages import ActionCode

SIGN_ON, SIGN_OFF, ECHO_TEST = ActionCode.SIGN_ON.value, ActionCode.SIGN_OFF.value, ActionCode.ECHO_TEST.value
NO_SUCH_REFERENCE = "F" * 32
_BUY = {"inquiry": inquiry, "purchase": purchase, "advice": advice, "repeat": repeat}
"""What makes each request but the 2800."""


@dataclass(frozen=True)
class Case:
    """A conversation. ``section`` is the document's, ``own_meter`` whether the plan must name a meter for it."""

    name: str
    title: str
    steps: tuple[Step, ...]
    section: str = ""
    own_meter: bool = False


def _case(name: str, title: str, *steps: Step) -> Case:
    return Case(name, title, steps)


def _own(name: str, title: str, *steps: Step) -> Case:
    """A case with a meter of its own."""
    return Case(name, title, steps, own_meter=True)


def _in(section: str, *cases: Case) -> tuple[Case, ...]:
    return tuple(replace(case, section=section) for case in cases)


def _fresh(step: Step) -> Step:
    return replace(step, is_fresh=True)


def _second(step: Step) -> Step:
    return replace(step, is_second=True)


def _short(step: Step) -> Step:
    return replace(step, is_cut_short=True)


def _sent(step: Step, delivery: Delivery) -> Step:
    return replace(step, delivery=delivery)


def _any(name: str, code: str, **texts: str) -> Step:
    """A request that is refused before anyone looks at its reference."""
    reference = {} if name == "inquiry" else {"pln_reference": NO_SUCH_REFERENCE}
    return _BUY[name](code, **reference, **texts)


def _unsigned() -> Iterator[Case]:
    for name in _BUY:
        yield _case(f"{name}-0011", f"No {name} before the sign-on", _fresh(_any(name, "0011")))


_STRANGERS = {
    "0031": ("an unregistered bank", {"bank_code": "$unregistered_bank"}),
    "0032": ("an unregistered switching", {"switcher_id": "$unregistered_switcher"}),
    "0033": ("an unregistered product", {"pan": "$unregistered_product"}),
}


def _strangers(*codes: str) -> Iterator[Case]:
    for name in _BUY:
        for code in codes:
            title, texts = _STRANGERS[code]
            yield _case(f"{name}-{code}", f"{name.capitalize()} of {title}", _any(name, code, **texts))


_FORM_FAULTS = {
    "amount": ("letters in the amount", {"amount": "00000000000A"}),
    "currency": ("a currency other than 360", {"currency": "840"}),
    "time": ("an impossible date", {"local_time": "20081345999999"}),
    "merchant": ("an unknown merchant category", {"merchant_category": "7000"}),
    "reserved": ("a reserved field that is not 0", {"subscriber_id": "000000000001"}),
}


def _forms(name: str) -> Iterator[Case]:
    for fault, (title, texts) in _FORM_FAULTS.items():
        yield _case(f"{name}-0030-{fault}", f"{name.capitalize()} with {title}", _any(name, "0030", **texts))


def _provoked_inquiries() -> Iterator[Case]:
    for code in ("0005", "0034", "0068", "0090"):
        yield _own(f"inquiry-{code}", f"A meter that provokes {code}", inquiry(code))


def _refused_purchases() -> Iterator[Case]:
    for code in ("0005", "0034", "0068", "0090", "0096", "0097", "0098"):
        yield _own(
            f"purchase-{code}", f"A purchase that is refused {code} sells nothing", inquiry(), purchase(code), advice("0096")
        )


def _sold_nevertheless() -> Iterator[Case]:
    for code in ("0005", "0068"):
        yield _own(f"sold-{code}", f"Sold in spite of {code}: advice has the token", inquiry(), purchase(code), advice())


def _bound_advice(name: str) -> tuple[Case, ...]:
    make, what = _BUY[name], name.capitalize()
    sold = inquiry(), purchase()
    return (
        _case(f"{name}-0096", f"{what} on a reference nobody gave out", make("0096", pln_reference=NO_SUCH_REFERENCE)),
        _case(f"{name}-0097", f"{what} of another switching", *sold, _second(make("0097")), make()),
        _case(f"{name}-0098", f"{what} for another meter", *sold, make("0098", meter_number="$other_meter"), make()),
        *_forms(name),
    )


_LOST = (inquiry(), purchase(Way.SILENCE))
_BROKEN = (inquiry(), purchase(Way.CUT))

CASES: tuple[Case, ...] = (
    *_in(
        "Section 2, Messaging System",
        _case("split-message", "A message may come in pieces; 0xFF ends it", _sent(inquiry(), Delivery.SPLIT), purchase()),
    ),
    *_in(
        "Section 3, Message Sequence and Flow",
        *_unsigned(),
        _case("signed-off-0011", "Nothing after a sign-off", network("0000", SIGN_OFF), inquiry("0011")),
        _case("late-sign-on", "A refusal does no harm", _fresh(inquiry("0011")), network("0000", SIGN_ON), inquiry()),
    ),
    *_in(
        "Section 4, Normal Flow",
        _case("normal-flow", "2100, 2200: a token", inquiry(), purchase()),
    ),
    *_in(
        "Section 4, Failed Flow",
        _case("improper-text", "Improper bytes come back exactly", raw(b"HELLO, GATEWAY"), inquiry()),
        _case("improper-empty", "So does an empty message", raw(b""), inquiry()),
        _case("improper-type", "So does an unknown message type", raw(b"2900" + b"0" * 16), inquiry()),
        _case("improper-short", "So does a message that ends too early", _short(inquiry(Way.ECHO)), inquiry()),
        _case("improper-purchase", "An improper purchase buys nothing", inquiry(), _short(purchase(Way.ECHO)), purchase()),
        _case("advice-sold", "Advice tells the same sale again", inquiry(), purchase(), advice()),
        _case("advice-unsold", "Advice on what was not bought; from then on it cannot be", inquiry(), advice("0096"),
              purchase("0098")),
        _own("lost-inquiry", "No reply to an inquiry: nothing is bought", inquiry(Way.SILENCE), network("0000", ECHO_TEST)),
        _own("lost-purchase", "No reply to a purchase: advice has the token", *_LOST, advice()),
        _own("cut-after", "The line breaks after a purchase: advice has the token", *_BROKEN, advice()),
        _own("cut-before", "The line breaks before a purchase: advice says so", *_BROKEN, advice("0096")),
        _own("garbage", "Garbage for a reply: advice has the token", inquiry(), purchase(Way.NO_MESSAGE), advice()),
        _own("slow-bytes", "A reply may come byte by byte", inquiry(), purchase(), advice()),
        *_sold_nevertheless(),
    ),
    *_in(
        "Section 4, Time-out (Late Response) Flow",
        _own("late-purchase", "A late reply is overtaken by the advice", *_LOST, advice()),
    ),
    *_in(
        "Section 4, Purchase Advice Repeat Flow",
        _case("repeat-sold", "The repeats tell the same sale again", inquiry(), purchase(), advice(), repeat(), repeat()),
        _case("repeat-unsold", "A repeat on what was not bought", inquiry(), repeat("0096"), purchase("0098")),
        _own("lost-advice", "No reply to the advice: the repeat has the token", *_LOST, advice(Way.SILENCE), repeat()),
        _own("lost-everything", "No reply to any: suspect, as in attachment D", *_LOST, advice(Way.SILENCE),
             repeat(Way.SILENCE), repeat(Way.SILENCE)),
        _own("cut-twice", "The line breaks at purchase and advice: the repeat says so", *_BROKEN, advice(Way.CUT),
             repeat("0096")),
    ),
    *_in(
        "Section 6, Development",
        _case("network-0032", "An unregistered switching cannot sign on",
              network("0032", SIGN_ON, is_fresh=True, switcher_id="$unregistered_switcher")),
        *_strangers("0031", "0032"),
    ),
    *_in(
        "Attachment A, 2800 Network Management",
        _case("sign-on", "A registered switching signs on", network("0000", SIGN_ON, is_fresh=True)),
        _case("sign-on-again", "Signing on twice is no harm", network("0000", SIGN_ON)),
        _case("echo-test", "The echo test is answered", network("0000", ECHO_TEST)),
        _case("sign-off", "A switching signs off", network("0000", SIGN_OFF)),
        _case("network-0011", "A sign-off needs a sign-on before it", network("0011", SIGN_OFF, is_fresh=True)),
        _case("network-0030", "An unknown action is an invalid message", network("0030", "999")),
    ),
    *_in(
        "Attachment A, 2100 Inquiry",
        _case("inquiry-0000", "An inquiry yields a PLN reference", inquiry()),
        _case("inquiry-twice", "Each inquiry yields another reference", inquiry(), inquiry()),
        _case("inquiry-cents", "The minor unit tells the decimals of an amount",
              inquiry(amount="$amount_in_cents", amount_minor_unit="2")),
        _case("inquiry-0015", "Nobody's meter", inquiry("0015", meter_number="$unknown_meter")),
        _case("inquiry-0041", "An amount below the minimum", inquiry("0041", amount="$too_little")),
        _case("inquiry-0042", "An amount above the maximum", inquiry("0042", amount="$too_much")),
        *_provoked_inquiries(),
        *_forms("inquiry"),
    ),
    *_in(
        "Attachment A, 2200 Purchase",
        _case("used-reference", "A used reference buys nothing more", inquiry(), purchase(), purchase("0098")),
        _case("used-at-once", "Nor when it comes twice at once", inquiry(), _sent(purchase("0098"), Delivery.DOUBLE), advice()),
        _case("unknown-reference", "A reference nobody gave out", _any("purchase", "0098")),
        _case("other-meter", "A reference buys for its own meter only", inquiry(),
              purchase("0098", meter_number="$other_meter"), purchase()),
        _case("other-amount", "A reference buys for its own amount only", inquiry(),
              purchase("0098", amount="$other_amount"), purchase()),
        _case("other-switching", "A reference is its own switching's", inquiry(), _second(purchase("0097")), purchase()),
        _case("other-bank", "A reference is its own bank's", _second(inquiry()),
              _second(purchase("0097", bank_code="$third_bank")), _second(purchase())),
        *_refused_purchases(),
        *_forms("purchase"),
    ),
    *_in("Attachment A, 2220 Purchase Advice", *_bound_advice("advice")),
    *_in("Attachment A, 2221 Purchase Advice Repeat", *_bound_advice("repeat")),
    *_in("Attachment A, field 2 Primary Account Number", *_strangers("0033")),
)  # fmt: skip
"""The functional test, in the order of the report."""
OWN_METERS = tuple(case.name for case in CASES if case.own_meter)
"""The cases for which the plan may name a meter."""
