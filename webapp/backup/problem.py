"""What the copying of a database raises."""

from __future__ import annotations


class CopyError(Exception):
    """A copy cannot be made or restored; the text says why in one line."""
