"""The app as `python -m webapp serve` runs it, but with deadlines that a test can await."""

from __future__ import annotations

import sys

from webapp.cli import main
from webapp.protocols import limits

SECONDS = 1.5
"""Time that a client has for its first byte, for a head, for a body that stands still, and to read an answer."""

PACE = 4000
"""Bytes of a body that give another second."""

if __name__ == "__main__":
    limits.FIRST_BYTE_SECONDS = limits.HEAD_SECONDS = limits.BODY_SECONDS = SECONDS
    limits.HANDSHAKE_SECONDS = limits.UNREAD_SECONDS = SECONDS
    limits.BODY_PACE = PACE
    sys.exit(main(["serve"]))
