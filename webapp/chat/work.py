"""The small computation that a room asks for, so that a program that drops its cookie pays for each new one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from altcha.v1 import ChallengeOptions, create_challenge, extract_params, verify_solution

from webapp.live.visitor import Visitor

HARDNESS = 200_000
"""Hashes that the browser computes, at most; half of them on average. Chromium takes 1.4 to 2.5 s on two cores."""

ANSWER_WITHIN = timedelta(minutes=10)
"""Time after which a result comes too late."""

COUNTS_FOR = 3600
"""Seconds for which a computation counts, in all rooms."""


class Work:
    """Makes the computations and checks their results.

    Args:
        secret_key: Signs them.
    """

    def __init__(self, secret_key: str) -> None:
        # If the key itself were used, a signature could be one that something else accepts.
        self._key = hmac.digest(secret_key.encode(), b"work", "sha256").hex()

    def challenge(self, visitor: Visitor) -> str:
        """Return a computation for `visitor`, as JSON."""
        options = ChallengeOptions(
            algorithm="SHA-256",
            max_number=HARDNESS,
            hmac_key=self._key,
            expires=datetime.now(UTC) + ANSWER_WITHIN,
            params={"visitor": _name(visitor)},
        )
        return json.dumps(create_challenge(options).to_dict())

    def is_done(self, visitor: Visitor, result: str) -> bool:
        """Return whether `result` is that of a computation for `visitor`, and in time."""
        try:
            payload = json.loads(base64.b64decode(result))
            is_right, _ = verify_solution(payload, self._key, check_expires=True)
            # If a result counted for everybody, one would do for a thousand cookies.
            return is_right and extract_params(payload).get("visitor") == [_name(visitor)]
        except (ValueError, TypeError, AttributeError, RecursionError):
            return False


def _name(visitor: Visitor) -> str:
    return hashlib.sha256(visitor.id.encode()).hexdigest()[:32]
