"""Reads the body of a response up to a bound, both as it comes and unpacked."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from webapp.previews.fetching.outcome import NotFetched

ENCODINGS = ("gzip", "x-gzip", "deflate")
"""The encodings that `Unpacked` can unpack. The request asks for gzip."""


class Unpacker(Protocol):
    """Unpacks a stream, piece by piece."""

    def __call__(self, chunk: bytes, most: int) -> bytes:
        """Return what the chunk adds, `most` bytes at most.

        Raises:
            NotFetched: The bytes are not packed in this way.
        """


def unpacker(encoding: str) -> Unpacker:
    """Return what unpacks a body of this Content-Encoding.

    Raises:
        NotFetched: Nothing here does.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return lambda chunk, most: chunk[:most]
    if encoding not in ENCODINGS:
        raise NotFetched("encoding")
    # 32: zlib sees for itself whether it is gzip or deflate.
    stream = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)

    def unpack(chunk: bytes, most: int) -> bytes:
        # `max_length` bounds what one call makes. Without it, 1 MB of packed zeros would become 1 GB here. The rest
        # stays in `unconsumed_tail`, and nobody looks at it: the reader stops at the bound.
        try:
            return stream.decompress(chunk, max_length=most) if most > 0 else b""
        except zlib.error as error:
            raise NotFetched("encoding") from error

    return unpack


async def read_bounded(
    chunks: AsyncIterator[bytes], unpack: Unpacker, limit: int, is_enough: Callable[[bytearray], bool]
) -> tuple[bytes, bool]:
    """Read a body until it ends, reaches the bound, or has what the reader needs.

    Args:
        chunks: The body as it comes.
        unpack: Unpacks it.
        limit: Bytes to read, and bytes to return, at most.
        is_enough: Whether the reader needs no more.

    Returns:
        The bytes, and whether they are all of it.

    Raises:
        NotFetched: The bytes are not packed as the response says.
    """
    body = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        body += unpack(chunk, limit + 1 - len(body))
        if len(body) > limit or received > limit:
            return bytes(body[:limit]), False
        if is_enough(body):
            return bytes(body), False
    return bytes(body), True
