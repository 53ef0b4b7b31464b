"""File descriptors: how many the process may have, and how many connections fit into them."""

from __future__ import annotations

import sys

from webapp.protocols.limits import RESERVED_DESCRIPTORS

BACKLOG = 2048
"""Connections that wait in the kernel until the process accepts them, at most. After a deploy all clients reconnect."""

_WITHOUT_LIMIT = 65_536


def raise_limit() -> None:
    """Raise the limit on file descriptors of this process and its workers as far as the system allows."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WITHOUT_LIMIT if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def descriptors() -> int:
    """Return the number of file descriptors that this process may have."""
    if sys.platform == "win32":
        return _WITHOUT_LIMIT
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _WITHOUT_LIMIT if soft == resource.RLIM_INFINITY else soft


def backlog() -> int:
    """Return the length of the listening socket's queue.

    The event loop accepts a whole queue before the process counts the first connection in it. So the descriptors have
    to suffice for the queue and for all connections counted before.
    """
    return max(16, min(BACKLOG, descriptors() // 4))


def most_connections(wanted: int) -> int:
    """Return the number of connections that a process takes.

    Args:
        wanted: The number that the deployment sets; 0: as many as the descriptors allow, which is the bound anyway.
    """
    possible = max(16, descriptors() - backlog() - RESERVED_DESCRIPTORS)
    return min(wanted, possible) if wanted else possible
