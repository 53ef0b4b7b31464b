"""One process as a platform starts it: a line of the Procfile, run by honcho in the slug."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.deploy.slug import path_of
from tests.support.app_server import AppServer
from tests.support.patience import PATIENCE, eventually_blocking

# root may write anywhere, and a slug is read only.
AS_ANYBODY = (shutil.which("setpriv") or "setpriv", "--bounding-set=-dac_override") if os.getuid() == 0 else ()


class Dyno(AppServer):
    """`web:` of the slug `app`, with `env` and what the platform sets."""

    process = "web"
    """The line of the Procfile."""

    def __init__(self, directory: Path, app: Path, env: Mapping[str, str]) -> None:
        super().__init__(directory, env, root=app, command=honcho(self.process))

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of the process."""
        return {**platform(self.root, self._env), "DYNO": f"{self.process}.1", "PORT": str(self.port)}


class WorkerDyno(Dyno):
    """`worker:` of the slug. It listens on no port, so its log says when it has started."""

    process = "worker"

    def start(self, timeout: float = PATIENCE) -> None:
        """Start it and wait until it works."""
        self._starts = self.starts
        super().start(timeout)

    @property
    def starts(self) -> int:
        """How often the log says that it works."""
        return self.log().count("the worker runs background tasks") if self.log_path.exists() else 0

    def _wait_until_healthy(self, deadline: float) -> None:
        eventually_blocking(lambda: self.starts > self._starts, self.log)


def platform(app: Path, env: Mapping[str, str]) -> dict[str, str]:
    """The variables that a platform sets, and `env`."""
    return {"PATH": path_of(app), "DYNO": "web.1", "PYTHONUNBUFFERED": "1", "WEB_CONCURRENCY": "1", **env}


def honcho(process: str) -> tuple[str, ...]:
    """The command that runs one line of the Procfile in the current folder."""
    return (*AS_ANYBODY, sys.executable, "-m", "honcho", "start", "--no-prefix", process)


def release(app: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `release:` of the slug `app`."""
    return subprocess.run(
        honcho("release"),
        cwd=app,
        env=platform(app, env) | {"DYNO": "release.1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=180,
    )
