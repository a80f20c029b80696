"""Speed, as ratios against yardsticks measured in the same run; `make bench` prints them. Nothing here passes or fails.

`make bench PARTS="codec meter"` measures those parts alone.
"""

import sys
from importlib import import_module

from comparison import heading

PARTS = ("codec", "meter", "wire", "gateway", "audit", "reconciliation", "window")


def main(parts: list[str]) -> None:
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    heading()
    for part in parts or PARTS:
        import_module(part).main()


if __name__ == "__main__":
    main(sys.argv[1:])
