"""An environment that has this project's wheel and what it depends on, and nothing of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.app_server import ROOT, AppServer
from tests.support.built_once import BUILDING, INSTALLING, built_once, problem_of
from tests.support.patience import PATIENCE


class Environment:
    """A Python environment in `folder`, with the wheel that was built for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def wheel(self) -> Path:
        """The wheel's file."""
        (found,) = (self.folder / "wheel").glob("*.whl")
        return found

    def program(self, name: str) -> str:
        """The path of a program that the environment has."""
        return str(self.folder / "env" / "bin" / name)

    def run(
        self, *command: str, folder: Path, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in `folder`, with `env` and PATH for its whole environment."""
        name, *options = command
        return subprocess.run(
            [self.program(name), *options],
            cwd=folder,
            env={"PATH": os.environ.get("PATH", os.defpath), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE,
        )


class InstalledServer(AppServer):
    """A server that is started from the environment in a folder of its own, with `env` and little else.

    uvicorn takes its host and port from the environment too.
    """

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment that the process gets: nothing leads it to the checkout."""
        kept = {name: value for name, value in super().environment.items() if name in ("PATH", "PYTHONUNBUFFERED")}
        listening = {"HOST": "127.0.0.1", "PORT": str(self.port)}
        return {**kept, **listening, **{f"UVICORN_{name}": value for name, value in listening.items()}, **self._env}


def installed(folder: Path) -> Environment:
    """The environment in `folder`, which the first process that asks for it makes while the others wait.

    Raises:
        NotInstalled: It cannot be made. The other processes are told so without another try.
    """
    built_once(folder, _made)
    return Environment(folder)


def _made(folder: Path) -> str:
    """Build the wheel, make the environment, and install; what went wrong, or nothing."""
    (folder / "wheel").mkdir()
    python = str(folder / "env" / "bin" / "python")
    pip = ("-m", "pip", "--disable-pip-version-check", "--no-input")
    steps = (
        ("build the wheel", BUILDING, (sys.executable, *pip, "wheel", "-q", "--no-deps", "-w", "wheel", str(ROOT))),
        ("make an environment", BUILDING, (sys.executable, "-m", "venv", "env")),
        ("install the wheel with its dependencies", INSTALLING, (python, *pip, "install", "-q", "WHEEL")),
    )
    for what, seconds, command in steps:
        wheels = [str(found) for found in (folder / "wheel").glob("*.whl")]
        filled = [part for word in command for part in (wheels if word == "WHEEL" else [word])]
        if problem := problem_of(filled, folder, seconds):
            return f"could not {what}: {problem}"
    return ""
