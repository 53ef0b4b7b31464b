"""A document whose code blocks name the files that they are, and a copy of the project that they are put into."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tests.support.app_server import ROOT
from tests.support.patience import PATIENCE

BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<place>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
TOOLS = Path(sys.executable).parent


class Block(NamedTuple):
    """A fenced block. place: the file that it is, or changes; empty for one that only shows something."""

    language: str
    place: str
    text: str


def blocks(document: str) -> list[Block]:
    """The fenced blocks of the file `document` in docs/, in order."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    return [Block(found["language"], found["place"] or "", found["text"]) for found in BLOCK.finditer(text)]


def follow(root: Path, shown: Iterable[Block]) -> None:
    """Make the files and the changes of the blocks `shown` in the folder `root`.

    Raises:
        AssertionError: A change does not fit the file.
    """
    for block in shown:
        path = root / block.place
        if block.place and block.language == "diff":
            path.write_text(changed_by(block, path.read_text(encoding="utf-8")), encoding="utf-8")
        elif block.place:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            if block.language == "python" and path.parent != root:
                (path.parent / "__init__.py").touch()


def changed_by(block: Block, text: str) -> str:
    """The text of a file with the change of the diff `block`. Raises AssertionError where it does not fit."""
    for hunk in re.split(r"^@@.*\n", block.text, flags=re.MULTILINE):
        lines = hunk.splitlines()
        before = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
        after = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
        assert text.count(before) == 1, f"{block.place} has {text.count(before)} places for:\n{hunk}"
        text = text.replace(before, after)
    return text


class Copy:
    """The project in the folder `root`, as somebody has it who did what a document says.

    It runs with this environment's packages, but never with this checkout's files.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        skipped = shutil.ignore_patterns("__pycache__")
        for folder in ("webapp", "templates", "static", "tests"):
            shutil.copytree(ROOT / folder, root / folder, ignore=skipped)
        for file in ("pyproject.toml", "hatch_build.py"):
            shutil.copy(ROOT / file, root)

    def follow(self, document: str) -> None:
        """Make the files and the changes that `document` shows; raises AssertionError where one does not fit."""
        follow(self.root, blocks(document))

    def insert(self, place: str, line: str, more: str) -> None:
        """Put `more` before the one line `line` of the file `place`."""
        path = self.root / place
        text = path.read_text(encoding="utf-8")
        assert text.count(f"{line}\n") == 1
        path.write_text(text.replace(f"{line}\n", f"{more}{line}\n"), encoding="utf-8")

    def replace(self, place: str, old: str, new: str) -> None:
        """Put `new` where the file `place` has `old`, once."""
        path = self.root / place
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{place} has {text.count(old)} times {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def cut(self, place: str, start: str, end: str) -> None:
        """Leave out of the file `place` what begins with `start` and goes as far as `end`."""
        path = self.root / place
        before, found, rest = path.read_text(encoding="utf-8").partition(start)
        assert found, f"{place} does not have {start}"
        path.write_text(before + rest.partition(end)[2], encoding="utf-8")

    def derive(self, template: str, name: str) -> None:
        """Make the same template with `name` for `todo`, in its path too."""
        path = self.root / template.replace("todo", name)
        path.parent.mkdir(exist_ok=True)
        path.write_text((self.root / template).read_text(encoding="utf-8").replace("todo", name), encoding="utf-8")

    def run(self, *command: str, **env: str) -> str:
        """Run a tool of the environment here; all that it said. Raises AssertionError, with that, when it failed."""
        program, *options = command
        done = subprocess.run(
            [str(TOOLS / program), *options],
            cwd=self.root,
            env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(self.root), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{' '.join(command)} said:\n{done.stdout}"
        return done.stdout
