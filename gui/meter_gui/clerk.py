"""Clerk, who serves at the shop: one order after the other in a thread of its own, so that the window never waits."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from meter_gui.shop import Answer, Refusal


class Clerk:
    """Takes orders, answers later."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "shop")
        self._orders: deque[Future[Answer]] = deque()

    def order(self, job: Callable[[], Answer]) -> None:
        """Have something done that has an answer."""
        self._orders.append(self._thread.submit(_served, job))

    def tell(self, job: Callable[[], None]) -> None:
        """Have something done that has none."""
        self._thread.submit(job)

    def answer(self) -> Answer | None:
        """The next answer, once it is there."""
        return self._orders.popleft().result() if self._orders and self._orders[0].done() else None

    def wait(self) -> None:
        """Until all orders have their answers."""
        wait(self._orders)

    def close(self) -> None:
        """Until all that was begun is done: it is paid for."""
        self._thread.shutdown()


def _served(job: Callable[[], Answer]) -> Answer:
    try:
        return job()
    except Exception as error:  # Whatever it is, the window must not wait for ever. Its own words might quote a key.
        return Refusal(f"{type(error).__name__} in the shop: a defect of ours, please report it")
