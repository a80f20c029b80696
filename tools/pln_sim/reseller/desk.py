"""The desk: a line with a sender and a text message in, the line that answers it out. Asynchronous, over book and buyers.

A line is ``NUMBER MESSAGE``: SMS gateways vouch for the number of the sender. An order is answered when it is decided, which
takes seconds, or minutes when the gateway is silent. Its sale goes on when the one who asked goes away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from meter_emu.shell.errors import FileError
from pln_sim.reseller import log, reply
from pln_sim.reseller.book import Account, Book
from pln_sim.reseller.pin import is_right
from pln_sim.reseller.prices import Prices
from pln_sim.reseller.request import Balance, Help, Malformed, NewPin, Order, PriceList, Repeat, parse, parse_sender
from pln_sim.reseller.trade import AlreadySettled, Outcome, Reason, Refused, Repeated, Trade, Wanted

MOST_UNDER_WAY = 1000
"""Trades at once. Then the next ones are refused before their money is taken."""


class Desk:
    """The reseller's decisions and their execution.

    ``buy`` has a trade bought. ``new_reference`` makes a receipt reference, ``new_pin`` what is kept of a PIN.
    """

    def __init__(
        self,
        book: Book,
        prices: Prices,
        buy: Callable[[Trade], Awaitable[Outcome]],
        *,
        now: Callable[[], datetime],
        new_reference: Callable[[], str],
        new_pin: Callable[[str], str],
    ) -> None:
        self._book = book
        self._prices = prices
        self._buy = buy
        self._now = now
        self._new_reference = new_reference
        self._new_pin = new_pin
        self._under_way: dict[str, asyncio.Task[Trade]] = {}

    async def answer(self, line: str) -> str:
        """The answer to a line."""
        number, _, text = line.strip().partition(" ")
        sender = parse_sender(number)
        if sender is None:
            return reply.of_malformed("baris harus NOMOR PESAN")
        request = parse(text)
        if isinstance(request, Malformed):
            return reply.of_malformed(request.why)
        order = request if isinstance(request, Order) else None
        try:
            account = self._book.account(sender)
            if account is None:
                return reply.of_refusal(Refused(Reason.UNKNOWN_SENDER), order)
            match request:
                case Help():
                    return reply.of_help()
                case PriceList(name):
                    return reply.of_prices(self._prices.offers(self._now().date(), name))
                case Order():
                    return await self._order(account, request)
            admitted = self._book.admit(account, await self._is_right(account, request.pin))
            if isinstance(admitted, Refused):
                return reply.of_refusal(admitted)
            return await self._serve(admitted, request)
        except FileError as error:
            log.warning("failed", sender=sender, why=error)
            return reply.of_refusal(Refused(Reason.FAILED), order)

    async def finish(self) -> None:
        """Wait until every sale that is under way is decided."""
        while self._under_way:
            await asyncio.wait(list(self._under_way.values()))

    async def _serve(self, account: Account, request: Balance | Repeat | NewPin) -> str:
        """What a kiosk with the right PIN asked for."""
        match request:
            case Balance():
                return reply.of_balance(account.balance)
            case NewPin(_, wanted):
                self._book.set_pin(account.sender, await asyncio.to_thread(self._new_pin, wanted))
                return reply.of_new_pin()
            case Repeat(meter):
                trade = self._book.last_trade(account.sender, meter)
                if trade is None:
                    return reply.of_refusal(Refused(Reason.NOTHING_TO_REPEAT))
                return reply.of_trade(await self._decided(trade))

    async def _order(self, account: Account, order: Order) -> str:
        if len(self._under_way) >= MOST_UNDER_WAY:
            return reply.of_refusal(Refused(Reason.BUSY), order)
        is_right = await self._is_right(account, order.pin)
        now = self._now()
        wanted = Wanted(account.sender, order.meter, now, self._new_reference())
        offer = self._prices.offer(order.code, now.date())
        decision = self._book.order(account, is_right, order.code, wanted, offer)
        if isinstance(decision, Refused):
            log.info("refused", sender=account.sender, product=order.code, meter=order.meter, why=decision.reason.name)
            return reply.of_refusal(decision, order)
        trade = decision.trade if isinstance(decision, Repeated) else decision
        if isinstance(decision, Trade):
            task = asyncio.create_task(self._sell(trade))
            self._under_way[trade.receipt_reference] = task
            task.add_done_callback(lambda _: self._under_way.pop(trade.receipt_reference))
        else:
            log.info(
                "repeated", sender=account.sender, product=order.code, meter=order.meter, reference=trade.receipt_reference
            )
        return reply.of_trade(await self._decided(trade))

    async def _decided(self, trade: Trade) -> Trade:
        """A trade once its sale is through, if that is under way here."""
        task = self._under_way.get(trade.receipt_reference)
        return await asyncio.shield(task) if task else trade

    async def _sell(self, trade: Trade) -> Trade:
        """Buy a trade and write down what became of it. It stays under way if that cannot be told or written."""
        words: dict[str, object] = {"sender": trade.sender, "product": trade.code, "meter": trade.meter}
        words["reference"] = trade.receipt_reference
        log.info("taken", **words)
        try:
            outcome = await self._buy(trade)
            settled = self._book.settle(trade.receipt_reference, outcome, self._now()) or trade
        except Exception as error:
            # Other errors' words might quote a token.
            why = error if isinstance(error, FileError | AlreadySettled) else None
            log.warning("left open", **words, error=type(error).__name__, why=why)
            return trade
        log.info(settled.state.value, **words)
        return settled

    async def _is_right(self, account: Account, pin: str) -> bool:
        """Whether it is the account's PIN; not even looked at when the account is locked."""
        return not account.is_locked and await asyncio.to_thread(is_right, pin, account.pin)
