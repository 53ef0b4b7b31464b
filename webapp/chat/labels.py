"""Room labels: the part of the URL that names a room."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Final

import regex

from webapp.live.validation import without_unseen

LABEL_LIMIT = 50
"""Characters in a label, at most."""

_RAW_LIMIT = 4 * LABEL_LIMIT
"""Characters of a text that may become a label: the normal form makes at most four characters into one."""

_ROUNDS = 8

# The tsheg separates the syllables of Tibetan, which has no spaces between its words.
_TSHEG: Final = r"\u0f0b"

# Labels may have numbers of any kind, Roman and circled ones too, and the joiners that `without_unseen` leaves.
_LABEL = regex.compile(rf"[\p{{L}}\p{{M}}\p{{N}}{_TSHEG}\u200c\u200d_-]{{1,{LABEL_LIMIT}}}")
_MARKS = regex.compile(r"\p{M}+")


def label_of(text: str, reserved: Collection[str]) -> str | None:
    """Return the label that `text` means: in Unicode's NFC, case-folded, and without invisible characters.

    If two labels looked the same but differed, they would be two rooms, and people would not find each other.

    Args:
        text: A path segment, decoded.
        reserved: The first parts of the paths that the app itself uses.

    Returns:
        The label; None: `text` cannot be one.
    """
    # If the length were not checked first, sorting 60 KB of combining marks would take a tenth of a second.
    if len(text) > _RAW_LIMIT:
        return None
    label = _settled(text)
    if label is None or not _LABEL.fullmatch(label) or _MARKS.fullmatch(label):
        return None
    return None if label in reserved else label


def _settled(text: str) -> str | None:
    # Folding can undo the normal form, and the other way round. A mark joins its letter once the invisible characters
    # between them are gone. So one round is not enough for some texts; a few settle every text.
    for _ in range(_ROUNDS):
        folded = unicodedata.normalize("NFC", without_unseen(text, pictures=False).casefold())
        if folded == text:
            return text
        text = folded
    return None
