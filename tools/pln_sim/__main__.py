"""``python -m pln_sim`` is ``pln-sim``."""

from pln_sim.cli.main import main

main()
