"""Serves the images of previews."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp.live.templating import IMMUTABLE
from webapp.previews.models import LinkImage

_HASH = re.compile(r"[0-9a-f]{32}")


async def image(request: Request) -> Response:
    """GET /fragments/previews/{hash}.webp: an image. Its address names its content, so browsers keep it for ever."""
    name = request.path_params["hash"]
    found = await LinkImage.get_or_none(hash=name) if _HASH.fullmatch(name) else None
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": IMMUTABLE, "Cross-Origin-Resource-Policy": "same-origin"}
    return Response(found.data, media_type="image/webp", headers=headers)
