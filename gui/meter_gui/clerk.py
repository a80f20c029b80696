"""Clerk, who serves at the shop: does one order at a time in a thread of its own, so that the window never waits."""

import queue
import threading
from collections.abc import Callable

from meter_gui.shop import Refusal, Slip

Answer = Slip | Refusal


class Clerk:
    """Takes an order, answers later."""

    def __init__(self) -> None:
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def order(self, job: Callable[[], Answer]) -> None:
        """Begin with an order. One at a time: the next only after the answer to this one."""
        self._thread = threading.Thread(target=self._serve, args=(job,), name="shop")
        self._thread.start()

    def answer(self) -> Answer | None:
        """The answer, once it is there."""
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            return None
        self.wait()
        return answer

    def wait(self) -> None:
        """Until the order is done: it is paid for."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _serve(self, job: Callable[[], Answer]) -> None:
        try:
            answer = job()
        except Exception as error:  # Whatever it is, the window must not wait for ever. Its own words might quote a key.
            answer = Refusal(f"{type(error).__name__} in the shop: a defect of ours, please report it")
        self._answers.put(answer)
