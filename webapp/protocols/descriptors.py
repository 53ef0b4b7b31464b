"""File descriptors: how many there are, and how many connections fit into them."""

from __future__ import annotations

import sys

from webapp.protocols.limits import RESERVED_DESCRIPTORS

BACKLOG = 2048
"""Connections that the kernel accepts before the process does, at most: a deploy brings everybody back at once."""

_WITHOUT_LIMIT = 65_536


def raise_limit() -> None:
    """Let this process and its workers have as many file descriptors as it may give itself."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WITHOUT_LIMIT if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def descriptors() -> int:
    """Give the number of file descriptors that this process may have."""
    if sys.platform == "win32":
        return _WITHOUT_LIMIT
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _WITHOUT_LIMIT if soft == resource.RLIM_INFINITY else soft


def backlog() -> int:
    """Give the length of the listening socket's queue.

    The event loop accepts a whole queue before the process counts the first of it, so the descriptors have to be
    enough for the queue and for all that was counted before.
    """
    return max(16, min(BACKLOG, descriptors() // 4))


def most_connections(wanted: int) -> int:
    """Give the number of connections that a process takes: `wanted`, or, for 0, all that the descriptors allow."""
    possible = max(16, descriptors() - backlog() - RESERVED_DESCRIPTORS)
    return min(wanted, possible) if wanted else possible
