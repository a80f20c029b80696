"""ServerThread: the meters of a file at a link, served in a thread of its own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from firmware_proto.bench import Bench
from firmware_proto.links.link import Link, Manner
from firmware_proto.serving import serve_until, settle
from meter_emu.meter.clock import Seconds
from meter_emu.store import Store

PATIENCE_SECONDS = 1.0


class ServerThread:
    """A context manager; inside it the meters listen at ``name``. Entering raises what keeps them from it, leaving what
    ended it early."""

    def __init__(self, path: Path, link: Link, world: Callable[[], Seconds], manner: Manner | None = None) -> None:
        self._path, self._link, self._world, self._manner = path, link, world, manner or Manner()
        self._ready: Future[str] = Future()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="virtual meter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.name = self._ready.result()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with suppress(RuntimeError):  # The loop has ended: the link was lost.
            self._loop.call_soon_threadsafe(settle, self._stopped, None)
        self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._ready.done():
                self._failure = error
            else:
                self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = self._loop.create_future()
        with Store(self._path, PATIENCE_SECONDS) as store:
            bench = Bench(store, None, self._world)
            await serve_until(self._stopped, bench, [self._link], self._manner, self._ready.set_result)
