"""The README is true: every command in it is run, in order, in a home of its own, and says what the README says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text: str) -> list[tuple[str, str]]:
    """Each command of the console blocks, and what it prints."""
    found = []
    for block in BLOCK.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def run(command: str, folder: Path) -> str:
    """What a command prints, errors and all, in a folder that has the project's docs."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "METER_EMU_HOME": str(folder / "home"), "COLUMNS": "100"}
    done = subprocess.run(
        ["sh", "-c", f"{{ {command}; }} 2>&1"], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    return done.stdout


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_real(page, tmp_path):
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    examples = commands((ROOT / page).read_text())
    for command, output in examples:
        assert run(command, tmp_path) == output, command


def test_every_file_it_names_exists():
    named = set(re.findall(r"`((?:meter_emu|tools|tests|docs)/[\w./]*)`", (ROOT / "README.md").read_text()))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
