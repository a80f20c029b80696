"""A program: ``pln-sim`` that ends, as if told to by SIGTERM, when nobody holds the other end of its standard input."""

import os
import signal
import sys
import threading


def _end_with_the_test_run() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from pln_sim.cli.main import main

    threading.Thread(target=_end_with_the_test_run, daemon=True).start()
    main()
