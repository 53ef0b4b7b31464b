"""Loaded by Python itself, before anything else, in a server whose PYTHONPATH names this folder: a clock that jumps.

The file $CLOCKS/$PORT holds how many seconds the wall clock is wrong by; no file, none. The monotonic clock is right.
"""

import os
import time
from pathlib import Path

_file = Path(os.environ["CLOCKS"], os.environ["PORT"])
_time, _time_ns = time.time, time.time_ns


def _wrong_by() -> int:
    try:
        return int(_file.read_text())
    except OSError:
        return 0


time.time = lambda: _time() + _wrong_by()
time.time_ns = lambda: _time_ns() + _wrong_by() * 1_000_000_000
