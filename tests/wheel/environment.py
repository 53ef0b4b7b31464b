"""An environment that has this project's wheel and what it depends on, and nothing of the checkout."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.app_server import ROOT, AppServer
from tests.support.patience import PATIENCE

BUILDING = 180.0
"""Seconds that building the wheel may take: pip fetches the build's own tools, where its cache lacks them."""

INSTALLING = 300.0
"""Seconds that the installation of the wheel and its dependencies may take."""

TIMEOUT = BUILDING + INSTALLING + 300
"""Seconds that one test of these may take: any of them may be the one that has to make the environment."""


class NotInstalled(AssertionError):
    """The wheel could not be built or installed; the text ends with what pip said."""


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
    outcome = folder / "outcome"
    with _locked(folder):
        if not outcome.exists():
            outcome.write_text(_made(folder))
        if problem := outcome.read_text():
            raise NotInstalled(problem)
    return Environment(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        # The kernel gives it back when the process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
        if problem := _problem(filled, folder, seconds):
            return f"could not {what}: {problem}"
    return ""


def _problem(command: list[str], folder: Path, seconds: float) -> str:
    """Run a step; why it failed, or nothing."""
    # pip needs to know its index, its cache and its proxy; Python must not be led to the checkout.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return f"not done within {seconds:.0f} s (is the registry within reach?)"
    if done.returncode == 0:
        return ""
    said = "\n".join(line for line in done.stdout.splitlines() if not line.startswith("WARNING"))
    return f"{Path(command[0]).name} ended with {done.returncode}:\n{said[-2000:]}"
