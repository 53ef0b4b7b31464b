"""Ends what a test run started and could not end itself, because it was killed or Ctrl-C was pressed twice.

`guard` hands a process (or a folder) to a keeper: a small process of its own that waits at a pipe from this one. When
this process is gone, however it ended, the pipe ends, and the keeper kills and removes what it still has. Without it a
killed run leaves servers that hold ports and memory until somebody finds them.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class _Keeper:
    """This process's end of the pipe. The keeper is started when there is something to keep."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        # If two threads started a keeper each, the first would end at once, and with it the server that it keeps.
        self._telling = threading.Lock()

    def tell(self, word: str, what: object) -> None:
        with self._telling:
            if self._process is None:
                # -I: its imports are the standard library's alone. A session of its own: Ctrl-C is not for it.
                self._process = subprocess.Popen(
                    [sys.executable, "-I", __file__], stdin=subprocess.PIPE, text=True, start_new_session=True
                )
                atexit.register(self._end)
            assert self._process.stdin is not None
            print(word, what, file=self._process.stdin, flush=True)

    def _end(self) -> None:
        assert self._process is not None
        self._process.communicate()


_keeper = _Keeper()


def guard(pid: int) -> None:
    """Have this process and all that it starts killed when the run is gone, unless it is `released` before."""
    _keeper.tell("process", pid)


def release(pid: int) -> None:
    """The process has ended, and its number may become another's."""
    _keeper.tell("ended", pid)


def guard_folder(path: Path) -> None:
    """Have this folder removed when the run is gone; that it is removed before does no harm."""
    _keeper.tell("folder", path)


def _keep(lines: Iterable[str]) -> None:
    processes: dict[int, None] = {}
    folders: list[str] = []
    for line in lines:
        word, _, what = line.rstrip("\n").partition(" ")
        match word:
            case "process":
                processes[int(what)] = None
            case "ended":
                processes.pop(int(what), None)
            case "folder":
                folders.append(what)
    for pid in processes:
        for each in [*_descendants(pid), pid]:
            # A frozen process is killed like any other; one that has ended needs nothing.
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
    for folder in folders:
        _remove(folder)


def _remove(folder: str) -> None:
    for _ in range(100):
        shutil.rmtree(folder, ignore_errors=True)
        if not Path(folder).exists():
            return
        # A browser that ends by itself writes into its profile until it has.
        time.sleep(0.1)


def _descendants(pid: int) -> list[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [each for child in children for each in [*_descendants(child), child]]


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    _keep(sys.stdin)
