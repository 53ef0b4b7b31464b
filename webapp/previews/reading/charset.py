"""Turns the bytes of a page into text, roughly as a browser does."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Only these. Python knows codecs that are no charset of the web, and some take a time that grows with the square of the
# bytes, such as punycode.
_NAMES = """
    utf-8 utf-16-le utf-16-be cp874 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255
    windows-1256 windows-1257 windows-1258 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8
    iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 koi8-r koi8-u ibm866 mac-roman big5 euc-jp iso-2022-jp
    shift_jis euc-kr gbk gb18030
"""
_KNOWN = frozenset(codecs.lookup(name).name for name in _NAMES.split())

# Browsers take these names for other encodings.
_MEANT = {"ascii": "windows-1252", "iso8859-1": "windows-1252", "iso8859-9": "windows-1254", "gb2312": "gbk"}

_DECLARED = re.compile(rb"""<meta[^>]{1,400}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w:.-]{1,40})""", re.IGNORECASE)
_LOOKED_AT = 4096
"""Bytes in which a page may declare its charset."""


def text_of(body: bytes, charset: str | None) -> str:
    """Return the bytes of a page as text. What cannot be read becomes U+FFFD.

    Args:
        body: The bytes.
        charset: What the response said, or None.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    named = _known(charset or "") or _declared(body)
    if named is not None:
        return body.decode(named, "replace")
    try:
        # The end may be cut off within a character.
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return body.decode("windows-1252", "replace")


def _declared(body: bytes) -> str | None:
    found = _DECLARED.search(body, 0, _LOOKED_AT)
    name = _known(found[1].decode("ascii")) if found else None
    # If the declaration could be read as ASCII, the page is not in UTF-16.
    return "utf-8" if name is not None and name.startswith("utf-16") else name


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    found = codecs.lookup(_MEANT.get(found, found)).name
    found = "utf-16-le" if found == "utf-16" else found
    return found if found in _KNOWN else None
