"""Room labels: the part of the URL that names a room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

LABEL_LIMIT = 50
"""Characters in a label, at most."""

_LABEL = re.compile(rf"[\w-]{{1,{LABEL_LIMIT}}}")


def label_of(text: str, reserved: Collection[str]) -> str | None:
    """The label that `text` means, in Unicode NFC and case-folded; None when it is none.

    `reserved` are the first parts of the paths that the app itself uses.
    """
    label = text
    # Folding can undo the normal form and the other way round; a few rounds settle every character.
    for _ in range(4):
        label = unicodedata.normalize("NFC", label.casefold())
    return label if _LABEL.fullmatch(label) and label not in reserved else None
