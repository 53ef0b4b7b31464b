"""Compresses texts, once for each content."""

from __future__ import annotations

import gzip
from functools import lru_cache

import brotli

LARGEST = 256 * 1024
"""Bytes of the largest text that is compressed. With it, what is kept in memory stays below 64 MiB."""

QUALITY = 11
"""Of brotli. For the 91 KB of a room's scripts and styles, 11 takes 230 ms, once; 10 takes 90 ms for 2 % more bytes."""

TEXT_KINDS = ("text/", "image/svg+xml", "application/javascript", "application/json", "application/manifest+json")
"""The beginnings of the media types of texts. Images and fonts are compressed by their own formats."""


def is_text(media_type: str | None) -> bool:
    """Return whether content of that type gets shorter."""
    return media_type is not None and media_type.startswith(TEXT_KINDS)


def accepted_encoding(header: str) -> str:
    """Return the best encoding that an Accept-Encoding header allows: `br`, `gzip`, or empty for none."""
    allowed = [name for name, refused in map(_weighed, header.lower().split(",")) if not refused]
    return next((name for name in ("br", "gzip") if name in allowed), "")


def _weighed(part: str) -> tuple[str, bool]:
    name, _, weight = part.partition(";")
    return name.strip(), weight.replace(" ", "").rstrip("0").rstrip(".") in ("q=", "q=0")


@lru_cache(maxsize=128)
def compressed(content: bytes, encoding: str) -> bytes:
    """Return `content` in an encoding that `accepted_encoding` returned."""
    if encoding == "br":
        return bytes(brotli.compress(content, mode=brotli.MODE_TEXT, quality=QUALITY))
    return gzip.compress(content, compresslevel=9, mtime=0) if encoding else content
