"""Reads the bytes of another site: words from a page, and a small picture from an image.

In: bytes that nobody here has written. Out: short plain texts, and images that this app has drawn anew.

    charset.py     bytes to text
    head.py        the title and the meta elements alone, so that no parser meets the rest
    metadata.py    the page's title, description and image, as it names them
    robots.py      what the page asks others not to show
    thumbnails.py  an image, drawn anew and small
"""

from webapp.previews.reading.metadata import Metadata, has_head, metadata_of
from webapp.previews.reading.thumbnails import TYPES as IMAGE_TYPES
from webapp.previews.reading.thumbnails import Thumbnail, thumbnail_of

__all__ = ["IMAGE_TYPES", "Metadata", "Thumbnail", "has_head", "metadata_of", "thumbnail_of"]
