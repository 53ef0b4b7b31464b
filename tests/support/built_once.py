"""Builds what a test run needs once, however many processes test, and however many of them ask for it."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BUILDING = 180.0
"""Seconds that building the wheel may take: pip fetches the build's own tools, where its cache lacks them."""

INSTALLING = 300.0
"""Seconds that the installation of the wheel and its dependencies may take."""

TIMEOUT = BUILDING + INSTALLING + 300
"""Seconds that one test of these may take: any of them may be the one that has to make the environment."""


class NotInstalled(AssertionError):
    """The wheel could not be built or installed; the text ends with what pip said."""


def built_once(folder: Path, build: Callable[[Path], str]) -> None:
    """Have `folder` built by the first process that asks for it, while the others wait.

    Args:
        folder: Its place; the processes that share it give the same.
        build: Builds in the folder; returns what went wrong, or an empty text.

    Raises:
        NotInstalled: It cannot be built. The other processes are told so without another try.
    """
    outcome = folder / "outcome"
    with _locked(folder):
        if not outcome.exists():
            outcome.write_text(build(folder))
        if problem := outcome.read_text():
            raise NotInstalled(problem)


def shared_folder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, name: str) -> Path:
    """The folder `name` of the run. The workers of pytest-xdist, whose folders lie beside each other, share it."""
    folder = tmp_path_factory.getbasetemp()
    return (folder.parent if hasattr(request.config, "workerinput") else folder) / name


def allow_time(items: list[pytest.Item], folder: Path) -> None:
    """Give each test in `folder` the time that building takes: any of them may be the one that has to build."""
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.timeout(TIMEOUT))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        # The kernel gives it back when the process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def problem_of(command: list[str], folder: Path, seconds: float) -> str:
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
