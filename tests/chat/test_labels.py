"""Labels: one spelling for each room, and none that the app itself uses."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from webapp.chat.labels import LABEL_LIMIT, label_of

RESERVED = frozenset({"new", "me", "static"})


@given(st.text(max_size=60) | st.sampled_from(["New", "ΜΕ", "ﬀ", "İ", "ß", "ǰ", "ΐ", "ŉ", "ẞ" * 25, "STATIC"]))
def test_a_label_is_settled_folded_and_never_reserved(text: str) -> None:
    label = label_of(text, RESERVED)
    if label is not None:
        assert label_of(label, RESERVED) == label
        assert label == unicodedata.normalize("NFC", label) == unicodedata.normalize("NFC", label.casefold())
        assert 1 <= len(label) <= LABEL_LIMIT
        assert label not in RESERVED
