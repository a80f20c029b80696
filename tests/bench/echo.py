"""An echo server: for every frame of a conversation so many bytes back, and nothing done about it.

echo.py 5,20 6,265 1,0           frames of 5, 6 and 1 bytes in turn, answered with 20, 265 and 0
echo.py bare.db 38,1             before each answer something is committed to a database, durably
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import cast

from databases import BareSqlite

Work = Callable[[], object]


class Echo(asyncio.Protocol):
    def __init__(self, frames: list[tuple[int, int]], work: Work) -> None:
        self._frames = frames
        self._work = work
        self._turn = self._heard = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._heard += len(data)
        while self._heard >= self._frames[self._turn][0]:
            asked, answered = self._frames[self._turn]
            self._heard -= asked
            self._turn = (self._turn + 1) % len(self._frames)
            self._work()
            self._transport.write(bytes(answered))


async def main(arguments: list[str]) -> None:
    work: Work = BareSqlite(Path(arguments.pop(0))).commit_one if "," not in arguments[0] else tuple
    frames = [(int(asked), int(answered)) for asked, answered in (frame.split(",") for frame in arguments)]
    server = await asyncio.get_running_loop().create_server(lambda: Echo(frames, work), "127.0.0.1", 0)
    print("listening on {}:{}".format(*server.sockets[0].getsockname()), flush=True)
    await server.serve_forever()


asyncio.run(main(sys.argv[1:]))
