"""The examiner: carries the cases out against a gateway and judges what comes back. It knows the document and nothing else.

A response must have the document's form, be of the type that answers, give back what the request said, and have the expected
response code. A sale's charges must add up to what was paid (the document's sum, value added tax included); one reference has
one token, whatever is asked; and no token or reference is given out twice in the whole test.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from string import Template

from pln_sim.acceptance.cases import Case
from pln_sim.acceptance.judge import Ledger, judge
from pln_sim.acceptance.line import Cut, Line
from pln_sim.acceptance.plan import Plan
from pln_sim.acceptance.step import Delivery, Step, Way, brief, words
from pln_sim.gateway.messages import ActionCode, Amount, ImproperMessage, Message, Mti, ResponseCode, read, table, write
from pln_sim.gateway.messages.message import Value
from pln_sim.switching.link import Address

_NOTHING = "0" * 32
_SUM = (
    *(table.ADMIN_CHARGE, table.STAMP_DUTY, table.VALUE_ADDED_TAX),
    *(table.LIGHTING_TAX, table.INSTALMENT, table.POWER_PURCHASE),
)
_CENTS = 2


@dataclass(frozen=True)
class StepResult:
    """What was sent and what came: the streams, in words, and how long it took. ``fault`` is empty if it is as expected."""

    title: str
    expected: str
    got: str
    fault: str
    seconds: float
    sent: bytes
    received: tuple[bytes, ...]


@dataclass(frozen=True)
class CaseResult:
    """A case and its steps as far as they went. ``left_out`` says why it was not tried."""

    case: Case
    steps: tuple[StepResult, ...] = ()
    left_out: str = ""

    @property
    def failed(self) -> StepResult | None:
        """The step that went wrong."""
        return next((step for step in self.steps if step.fault), None)

    @property
    def expected(self) -> str:
        """What was to come back, step by step, in a few words."""
        return ", ".join(brief(step.expected) for step in self.case.steps)

    @property
    def got(self) -> str:
        """What came, as far as it went."""
        return ", ".join(brief(step.got) for step in self.steps)

    @property
    def has_passed(self) -> bool:
        """Whether it was tried and nothing went wrong."""
        return not self.left_out and self.failed is None

    @property
    def verdict(self) -> str:
        """One word."""
        return "left out" if self.left_out else "pass" if self.has_passed else "FAIL"


@dataclass
class Examiner:
    """Carries cases out. ``wait`` is how many seconds a reply may take, and after how many it is silence."""

    address: Address
    plan: Plan
    wait: float
    now: Callable[[], datetime] = datetime.now
    ledger: Ledger = field(default_factory=Ledger)
    _numbers: "count[int]" = field(default_factory=lambda: count(int(time.time()) % 10**8 * 10_000))

    def examine(self, case: Case) -> CaseResult:
        """Carry a case out, up to the first step that goes wrong. LineError if there is no gateway."""
        if case.own_meter and case.name not in self.plan.meters:
            return CaseResult(case, left_out="the plan names no meter for it")
        conversation = _Conversation(self, self.plan.meters.get(case.name, self.plan.meter))
        results: list[StepResult] = []
        try:
            for step in case.steps:
                results.append(conversation.take(step))
                if results[-1].fault:
                    break
        finally:
            conversation.close()
        return CaseResult(case, tuple(results))

    def trace_number(self) -> str:
        """A number that no other request of this test has."""
        return f"{next(self._numbers) % 10**12:012}"

    def sign_on(self, line: Line, switcher: str) -> str:
        """Sign a line on; what went wrong, if anything."""
        local_time = self.now().replace(microsecond=0)
        request = Message.of(Mti.NETWORK_REQUEST, local_time=local_time, action_code=ActionCode.SIGN_ON, switcher_id=switcher)
        try:
            line.send(write(request))
            stream = line.receive(self.wait)
        except Cut:
            return "the connection ended at the sign-on"
        if stream is None:
            return "no reply to the sign-on"
        line.switcher = switcher
        code, fault = judge(request, stream, ResponseCode.SUCCESSFUL)
        return f"sign-on: {fault or words(code)}" if fault else ""


class _Conversation:
    """One case under way: its lines, its reference, its receipt number."""

    def __init__(self, examiner: Examiner, meter: str) -> None:
        self._examiner = examiner
        plan = examiner.plan
        rupiah = Amount(plan.amount // 100, 0) if plan.amount % 100 == 0 else Amount(plan.amount, _CENTS)
        self._amount = rupiah
        self._reference = _NOTHING
        self._receipt = secrets.token_hex(16).upper()
        self._meter = meter
        self._lines: dict[str, Line] = {}
        self._traces: list[str] = []
        self._names = {
            "unregistered_switcher": plan.unregistered_switcher,
            "unregistered_bank": plan.unregistered_bank,
            "unregistered_product": plan.unregistered_product,
            "unknown_meter": plan.unknown_meter,
            "other_meter": plan.other_meter,
            "third_bank": plan.second_banks[1],
            "amount_in_cents": f"{plan.amount:012}",
            "other_amount": f"{rupiah.value * 2:012}",
            "too_little": f"{plan.too_little // 10 ** (_CENTS - rupiah.decimals):012}",
            "too_much": f"{plan.too_much // 10 ** (_CENTS - rupiah.decimals):012}",
        }

    def close(self) -> None:
        for line in self._lines.values():
            line.close()

    def take(self, step: Step) -> StepResult:
        """Carry a step out."""
        request = self._request(step) if step.mti else None
        sent = write(request) if request else step.raw or b""
        sent = sent[:-1] if step.is_cut_short else sent
        start = time.monotonic()
        line, fault = self._line(step)
        if fault:
            return StepResult(step.title, step.expected, fault, fault, time.monotonic() - start, sent, ())
        start = time.monotonic()
        if step.delivery is Delivery.DOUBLE and request is not None:
            return self._take_twice(step, line, request, start)
        came: list[bytes] = []
        try:
            line.send(sent, is_split=step.delivery is Delivery.SPLIT)
            self._receive(line, request, came)
        except Cut:
            line.close()
            got, fault = Way.CUT.value, "" if step.expect is Way.CUT else "the connection ended"
        else:
            got, fault = self._judge(step, request, sent, came[-1] if came else None)
        return StepResult(step.title, step.expected, got, fault, time.monotonic() - start, sent, tuple(came))

    def _receive(self, line: Line, request: Message | None, came: list[bytes]) -> None:
        """What comes up to the reply or the end of the wait; late replies to earlier requests are noted and passed over."""
        while (stream := line.receive(self._examiner.wait)) is not None:
            if request is None or not self._is_late(request, stream):
                came.append(stream)
                return

    def _is_late(self, request: Message, stream: bytes) -> bool:
        try:
            message = read(stream)
        except ImproperMessage:
            return False
        if table.TRACE_NUMBER not in message or table.TRACE_NUMBER not in request:
            return False
        trace = message.text(table.TRACE_NUMBER)
        return trace != request.text(table.TRACE_NUMBER) and trace in self._traces

    def _take_twice(self, step: Step, line: Line, request: Message, start: float) -> StepResult:
        """Send a purchase on two connections at once: one of them may sell, and one alone."""
        sent = write(request)
        with Line(self._examiner.address, self._examiner.wait) as other:
            fault = self._examiner.sign_on(other, self._examiner.plan.switcher)
            came: list[bytes] = []
            try:
                if not fault:
                    for each in (line, other):
                        each.send(sent)
                    came = [stream for each in (line, other) if (stream := each.receive(self._examiner.wait)) is not None]
            except Cut:
                fault = "a connection ended"
        codes = []
        for stream in came:
            code, why = judge(request, stream, None)
            codes.append(code)
            fault = fault or why or self._remember(request, stream)
        got = " and ".join(sorted(codes)) or Way.SILENCE.value
        if not fault and sorted(codes) != sorted((ResponseCode.SUCCESSFUL.value, str(step.expect))):
            fault = f"got {got}"
        return StepResult(step.title, step.expected, got, fault, time.monotonic() - start, sent, tuple(came))

    def _line(self, step: Step) -> tuple[Line, str]:
        """The line for a step, signed on if it is to be; and what went wrong."""
        plan = self._examiner.plan
        switcher = plan.second_switcher if step.is_second else plan.switcher
        line = self._lines.get(switcher)
        if line is not None and line.is_open and not step.is_fresh:
            return line, ""
        if line is not None:
            line.close()
        line = self._lines[switcher] = Line(self._examiner.address, self._examiner.wait)
        return line, "" if step.is_fresh else self._examiner.sign_on(line, switcher)

    def _request(self, step: Step) -> Message:
        assert step.mti is not None
        plan = self._examiner.plan
        switcher = plan.second_switcher if step.is_second else plan.switcher
        now = self._examiner.now().replace(microsecond=0)
        if step.mti is Mti.NETWORK_REQUEST:
            texts = {"local_time": f"{now:%Y%m%d%H%M%S}", "switcher_id": switcher}
        else:
            self._traces.append(self._examiner.trace_number())
            values: dict[str, Value] = {
                "amount": self._amount,
                "trace_number": self._traces[-1],
                "local_time": now,
                "merchant_category": plan.merchant,
                "bank_code": plan.second_banks[0] if step.is_second else plan.bank,
                "switcher_id": switcher,
                "meter_number": self._meter,
            }
            inquiry = Message.of(Mti.INQUIRY_REQUEST, **values)
            texts = {each.name: inquiry.text(each) for each in inquiry.layout.fields}
            if step.mti is not Mti.INQUIRY_REQUEST:
                texts |= {"pln_reference": self._reference, "receipt_reference": self._receipt}
        return Message.of_texts(step.mti, texts | {name: self._named(text) for name, text in step.texts.items()})

    def _named(self, text: str) -> str:
        return Template(text).substitute(self._names)

    def _judge(self, step: Step, request: Message | None, sent: bytes, stream: bytes | None) -> tuple[str, str]:
        """What came, in words, and what is wrong with it."""
        if stream is None:
            return Way.SILENCE.value, "" if step.expect is Way.SILENCE else "no reply"
        if stream == sent:
            return Way.ECHO.value, "" if step.expect is Way.ECHO else "the message came back"
        if isinstance(step.expect, Way) or request is None:
            return self._judge_way(step, stream)
        code, fault = judge(request, stream, step.expect)
        return words(code) if code else fault, fault or self._remember(request, stream)

    @staticmethod
    def _judge_way(step: Step, stream: bytes) -> tuple[str, str]:
        """What came where no response was to come."""
        try:
            message = read(stream)
        except ImproperMessage:
            return Way.NO_MESSAGE.value, "" if step.expect is Way.NO_MESSAGE else "bytes that are no message"
        code = message.text(table.RESPONSE_CODE) if table.RESPONSE_CODE in message else ""
        return (words(code) if code else str(message.mti)), f"a {message.mti} came"

    def _remember(self, request: Message, stream: bytes) -> str:
        """Note what a response gave out; what is wrong with it, if anything."""
        message = read(stream)
        if not message.is_successful:
            return ""
        if message.mti is Mti.INQUIRY_RESPONSE:
            self._reference = message[table.PLN_REFERENCE]
            return self._examiner.ledger.add_reference(self._reference)
        if table.TOKEN not in message:
            return ""
        charges = sum(message[charge].in_units(_CENTS) for charge in _SUM)
        paid = request[table.PURCHASE_AMOUNT].in_units(_CENTS)
        if charges != paid:
            return f"the charges add up to {charges} cents, and {paid} were paid"
        return self._examiner.ledger.add_sale(message)
