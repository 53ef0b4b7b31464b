"""Tells the app of the signal that stops the process before the server handles it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def told_of_stop(stopping: Callable[[], None]) -> Iterator[None]:
    """Call `stopping` if SIGTERM or SIGINT comes in the block, then the handler that was there before.

    uvicorn handles the signals in the process of each worker, and tells the app only when all sockets are closed. If
    the app waited for that, a balancer would send visitors to a process that takes no more.

    Args:
        stopping: Called in the signal handler, in the main thread.
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
