"""Sweeper: forgets references that expired and bought nothing, so that the database grows with the sales alone.

A reference that is forgotten gets the answers it got before: 0098 to a purchase, since it has expired, and 0096 to an advice,
since nothing was bought with it. Those that bought something stay with their sale for ever.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from meter_emu.shell.errors import FileError
from pln_sim.gateway import log
from pln_sim.gateway.committer import Committer

KEPT = timedelta(days=1)
"""How long a reference is kept behind its expiry, should someone look into the database."""
_MOST = 1000
"""References forgotten in one transaction, so that no purchase waits long behind them."""
SECONDS = 600
_PATIENCE = 60


async def sweep(committer: Committer, now: Callable[[], datetime], seconds: float = SECONDS) -> None:
    """Forget them, now and ever so many seconds later, until cancelled."""
    while True:
        forgotten = 0
        try:
            forgotten = await committer.run(lambda storage: storage.forget_references(now() - KEPT, _MOST), _PATIENCE)
        except (FileError, TimeoutError) as error:
            log.warning("not swept", error=type(error).__name__, why=str(error) or None)
        if forgotten < _MOST:
            await asyncio.sleep(seconds)
