"""The app's commands, as an administrator runs them."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.app_server import ROOT
from tests.support.coverage_environment import measured
from tests.support.patience import PATIENCE

Done = subprocess.CompletedProcess[str]


def webapp(*arguments: str, **env: str) -> Done:
    """Run a command of the app's with nothing but `env` in its environment."""
    command = (sys.executable, "-m", "webapp", *arguments)
    allowed = {"PATH": os.environ.get("PATH", os.defpath), "SECRET_KEY": "a secret that only tests know"}
    env = {**allowed, **measured(), **env}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE)
