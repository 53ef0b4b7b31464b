"""Stopping a run in the middle, with its servers."""

import signal


def stop_by_signals() -> None:
    """Have Ctrl-C and SIGTERM raise KeyboardInterrupt, also where a shell started this in the background.

    Raised by hand in some callback of an event loop, it would end no more than that callback. For SIGINT asyncio sees
    to it, so SIGTERM becomes one.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
