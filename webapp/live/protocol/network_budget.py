"""Bounds the frames that write nothing of all sockets of one network, in one process."""

from __future__ import annotations

import time

from webapp.live.protocol.token_bucket import Rate

USELESS = Rate(burst=2000, per_second=1000)
"""Such frames of one network. Somebody who types sends six a second, so 150 people may type at once behind one address.

One socket's own bound would let a thousand sockets send 150,000 at once, which take seconds.
"""

_KNOWN = 10_000


class NetworkBudget:
    """Counts the frames that write nothing, by network. A network that is not known has no bound."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}

    def spend(self, network: str) -> None:
        """Count one more frame."""
        if network:
            if len(self._spent) >= _KNOWN:
                now = time.monotonic()
                self._spent = {known: spent for known, spent in self._spent.items() if spent > now}
            self._spent[network] = USELESS.spend(self._spent.get(network, 0.0))

    def debt(self, network: str) -> float:
        """Return the seconds to wait before the next frame of a socket of `network` is read."""
        return USELESS.debt(self._spent.get(network, 0.0))
