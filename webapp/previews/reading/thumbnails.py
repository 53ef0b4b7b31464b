"""Draws an image anew, small: what is served is never the bytes of another site."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps

TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
"""Media types of images that are read."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

PIXELS = 12_000_000
"""Pixels of an image that is read, at most. Each takes 4 bytes of memory while it is drawn anew."""

LEAST = 48
"""Pixels of each side, at least: what is smaller is an icon, or counts readers."""

WIDEST = 6
"""How often one side may be longer than the other, at most."""

SIZE = 320
"""Pixels of the longer side of a thumbnail, at most."""

QUALITY = 75

BYTES = 24 * 1024
"""Bytes of a thumbnail, at most."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small image in WebP.

    Attributes:
        data: Its bytes.
        width: Pixels.
        height: Pixels.
    """

    data: bytes
    width: int
    height: int

    @property
    def hash(self) -> str:
        """The name of its content, 32 hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()[:32]


def thumbnail_of(body: bytes) -> Thumbnail | None:
    """Return the image, small and without anything but its pixels; None: it is no image that can be shown.

    This takes up to a second of a processor. Call it on a thread.
    """
    try:
        return _drawn(body)
    except Exception:
        # Pillow's decoders raise errors of many kinds for bytes that are no image, or a broken one.
        return None


def _drawn(body: bytes) -> Thumbnail | None:
    # The header tells the size before anything is unpacked. Without that look, 1 MB could unpack to 1 GB of pixels.
    with Image.open(BytesIO(body), formats=_FORMATS) as image:
        if not _is_fit(*image.size):
            return None
        # A JPEG is decoded at the size that is needed.
        image.draft("RGB", (2 * SIZE, 2 * SIZE))
        image.thumbnail((2 * SIZE, 2 * SIZE), reducing_gap=2.0)
        upright = ImageOps.exif_transpose(image)
    has_holes = "A" in upright.getbands() or "transparency" in upright.info
    small = upright.convert("RGBA" if has_holes else "RGB")
    small.thumbnail((SIZE, SIZE))
    # Only the pixels: no EXIF with a place, no profile, no text.
    plain = Image.new(small.mode, small.size)
    plain.paste(small)
    out = BytesIO()
    plain.save(out, "WEBP", quality=QUALITY)
    data = out.getvalue()
    return Thumbnail(data, *plain.size) if len(data) <= BYTES else None


def _is_fit(width: int, height: int) -> bool:
    if min(width, height) < LEAST or width * height > PIXELS:
        return False
    return max(width, height) <= WIDEST * min(width, height)
