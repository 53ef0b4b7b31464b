"""Finds the addresses of a name, by the machine's own resolver."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
"""As `socket.getaddrinfo` gives it: family, type, protocol, name, and the address for `connect`."""

Lookup = Callable[[str, int], Awaitable[Sequence[AddressInfo]]]
"""Returns the addresses of a host and a port; raises OSError."""

THREADS = 8
"""Lookups that may be under way at once, those that nobody waits for any more included."""

_free = threading.BoundedSemaphore(THREADS)


async def system_lookup(host: str, port: int) -> Sequence[AddressInfo]:
    """Return the addresses that the machine's resolver finds.

    Raises:
        OSError: It finds none, or too many lookups are under way.
    """
    # A name server that does not answer holds a thread for half a minute. On the event loop's own threads, other work
    # would wait for it, and so would the end of the process; nobody waits for a daemon thread.
    if not _free.acquire(blocking=False):
        raise OSError("too many lookups are under way")
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[AddressInfo]] = loop.create_future()
    threading.Thread(target=_ask, args=(host, port, loop, answer), name="lookup", daemon=True).start()
    return await answer


def _ask(host: str, port: int, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Sequence[AddressInfo]]) -> None:
    found: Sequence[AddressInfo] = ()
    problem: Exception | None = None
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        problem = OSError("no address")
        problem.__cause__ = error
    finally:
        _free.release()
    with suppress(RuntimeError):  # the loop was closed meanwhile
        loop.call_soon_threadsafe(_give, answer, found, problem)


def _give(
    answer: asyncio.Future[Sequence[AddressInfo]], found: Sequence[AddressInfo], problem: Exception | None
) -> None:
    if answer.done():
        return
    if problem is None:
        answer.set_result(found)
    else:
        answer.set_exception(problem)
