"""The folder in which the processes of one machine keep their numbers, so that each can tell those of all.

prometheus-client maps one file per process and kind of metric, whose name ends with the process id.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that prometheus-client reads when it is imported, so it has to be set before the workers start."""

_NAME = "webapp-metrics-"


@contextmanager
def shared_folder() -> Iterator[Path]:
    """Make a private folder, and name it in the environment of the processes that are started in the block.

    If a folder were used again, its counters would go on from their old values, under process ids that other processes
    may have by now. So each start makes a new folder, and removes those that killed servers of the same user left.
    """
    top = Path(tempfile.gettempdir())
    for left in top.glob(f"{_NAME}*"):
        _remove_if_abandoned(left)
    with tempfile.TemporaryDirectory(prefix=f"{_NAME}{os.getpid()}-", ignore_cleanup_errors=True) as folder:
        os.environ[FOLDER] = folder
        try:
            yield Path(folder)
        finally:
            os.environ.pop(FOLDER, None)


def forget_the_dead(folder: str) -> None:
    """Drop the gauges of processes that have died. Their counters stay in the sums."""
    for file in Path(folder).glob("gauge_live*_*.db"):
        process = file.stem.rpartition("_")[2]
        if process.isdigit() and not _is_alive(int(process)):
            # Another process may do the same at this moment.
            with suppress(FileNotFoundError):
                mark_process_dead(int(process), folder)  # type: ignore[no-untyped-call]


def _remove_if_abandoned(folder: Path) -> None:
    process = folder.name.removeprefix(_NAME).partition("-")[0]
    with suppress(OSError):
        if process.isdigit() and folder.lstat().st_uid == os.getuid() and not _is_alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # a process of another user
        return True
    return True
