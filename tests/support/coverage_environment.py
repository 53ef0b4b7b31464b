"""What a process that a test starts needs in its environment, so that its branches are counted as well."""

from __future__ import annotations

import os

NAMES = ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START")
"""The variables that coverage.py hands on to other processes, while it measures."""


def measured() -> dict[str, str]:
    """These variables, or nothing while nothing is measured."""
    return {name: os.environ[name] for name in NAMES if name in os.environ}
