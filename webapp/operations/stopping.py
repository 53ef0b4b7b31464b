"""Knowing of the signal that stops the process before the server acts upon it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def told_of_stop(stopping: Callable[[], None]) -> Iterator[None]:
    """Call `stopping` when SIGTERM or SIGINT comes in the block, then whatever else waits for the signal.

    uvicorn handles the signals itself, in the process of each worker, and tells the app only when all sockets are
    closed. A balancer that asks meanwhile has to hear at once that this process takes no more visitors.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def handle(number: int, frame: FrameType | None) -> None:
        stopping()
        handler = earlier[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    chained = [number for number, handler in earlier.items() if callable(handler)]
    for number in chained:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in chained:
            # uvicorn may have put back its own by now.
            if signal.getsignal(number) is handle:
                signal.signal(number, earlier[number])
