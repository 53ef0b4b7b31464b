"""An image is drawn anew, small, or left out."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.previews.sites import picture
from webapp.previews.reading import thumbnail_of
from webapp.previews.reading.thumbnails import BYTES, SIZE


def opened(data: bytes) -> Image.Image:
    """The image in these bytes."""
    image = Image.open(BytesIO(data))
    image.load()
    return image


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is this large, with as many zeros packed in it as fit in 1 MB."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    packed = zlib.compress(bytes(50_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_becomes_a_small_one_of_the_same_shape(form: str) -> None:
    found = thumbnail_of(picture(1200, 600, form))
    assert found is not None
    assert (found.width, found.height) == (SIZE, SIZE // 2)
    image = opened(found.data)
    assert (image.format, image.size) == ("WEBP", (SIZE, SIZE // 2))
    assert len(found.data) <= BYTES


def test_nothing_of_the_file_but_its_pixels_stays() -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    exif[0x0112] = 6  # lies on its side
    secret = b"where I live"
    Image.new("RGB", (400, 200), "red").save(out, "JPEG", exif=exif, comment=secret, icc_profile=secret)
    found = thumbnail_of(out.getvalue())
    assert found is not None
    assert secret not in found.data
    assert (found.width, found.height) == (SIZE // 2, SIZE)
    assert not opened(found.data).getexif()


def test_what_is_seen_through_an_image_stays_so() -> None:
    out = BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(out, "PNG")
    found = thumbnail_of(out.getvalue())
    assert found is not None
    assert opened(found.data).getchannel("A").getextrema() == (0, 0)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (47, 200), (200, 47), (2000, 100), (5000, 5000)])
def test_what_is_tiny_thin_or_huge_is_left_out(width: int, height: int) -> None:
    assert thumbnail_of(picture(width, height)) is None


def test_an_image_that_unpacks_to_gigabytes_is_left_out_unpacked() -> None:
    body = bomb(60_000, 60_000)
    tracemalloc.start()
    assert thumbnail_of(body) is None
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


NO_IMAGES = {
    "empty": b"",
    "text": b"no image",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "postscript": b"%!PS-Adobe",
    "cut off": picture()[:1000],
    "bmp": picture(form="BMP"),
    "tiff": picture(form="TIFF"),
}


@pytest.mark.parametrize("body", NO_IMAGES.values(), ids=NO_IMAGES)
def test_what_is_no_image_of_the_web_is_left_out(body: bytes) -> None:
    assert thumbnail_of(body) is None


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=20), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]))
def test_a_broken_image_is_left_out_or_drawn(at: int, change: bytes, form: str) -> None:
    body = picture(64, 64, form)
    at %= len(body)
    found = thumbnail_of(body[:at] + change + body[at + len(change) :])
    assert found is None or len(found.data) <= BYTES
