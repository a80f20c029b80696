"""``python -m pln_sim.cli.held``: ``pln-sim`` that ends with the process that began it, however that ends.

That process holds the other end of the pipe that is the standard input here. When nobody holds it any more, this is told to
end as by SIGTERM, so it finishes what is under way.
"""

import os
import signal
import sys
import threading

from pln_sim.cli.main import main


def _end_with_the_holder() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with_the_holder, daemon=True).start()
    main()
