"""Static files, at URLs that name their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from webapp.live.templating.fragments import IMMUTABLE


class Assets(StaticFiles):
    """The files of a folder: kept for ever by browsers under the URL that `url` gives, else checked at each use."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._folder = folder
        self._versions: dict[str, tuple[float, str]] = {}

    def url(self, path: str) -> str:
        """The URL of the file at `path` below the folder. Raises FileNotFoundError, naming it."""
        return f"/static/{path}?v={self._version(path)}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with the caching that its URL allows."""
        response = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("ascii", "replace")).get("v")
        if response.status_code < 400:
            current = asked == [self._version(path)]
            response.headers["Cache-Control"] = IMMUTABLE if current else "no-cache"
        return response

    def _version(self, path: str) -> str:
        file = self._folder / path
        changed = file.stat().st_mtime
        known = self._versions.get(path)
        if known is None or known[0] != changed:
            known = self._versions[path] = (changed, hashlib.sha256(file.read_bytes()).hexdigest()[:12])
        return known[1]
