"""A server that is measured beside others."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.harness.dialect import Dialect
from bench.harness.processes import Server


@dataclass(frozen=True)
class Subject:
    """A server to measure; `running` takes an empty folder and serves afresh until the context ends.

    halves: it may be measured with half as many sockets when it fails with all.
    """

    name: str
    running: Callable[[Path], AbstractContextManager[tuple[Server, Dialect]]]
    halves: bool = False
