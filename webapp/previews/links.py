"""Finds the link of a message that gets a preview."""

from __future__ import annotations

from webapp.live.templating import parts_of


def first_link(text: str) -> str | None:
    """Return the first link in a message, as it is written; None: there is none.

    Only a link with its scheme counts: the database's trigger looks for one, and sees no others.
    """
    for part in parts_of(text):
        if part.href is not None and part.text.lower().startswith(("http://", "https://")):
            return part.href
    return None
