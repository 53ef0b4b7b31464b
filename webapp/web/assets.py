"""Static files, at URLs that name their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from webapp.web.fragments import IMMUTABLE


class Assets(StaticFiles):
    """The files of a folder: kept for ever by browsers under the URL that `url` gives, else checked at each use.

    reload: `url` looks at the file each time, so that a change shows at the next load. A page names twenty files, and
    looking at them all takes half a millisecond.
    """

    def __init__(self, folder: Path, reload: bool = False) -> None:
        super().__init__(directory=folder)
        self._reload = reload
        self._folder = folder
        self._versions: dict[str, tuple[float, str]] = {}

    def url(self, path: str) -> str:
        """The URL of the file at `path` below the folder. Raises FileNotFoundError, naming it."""
        known = None if self._reload else self._versions.get(path)
        return f"/static/{path}?v={known[1] if known else self._version(path)}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with the caching that its URL allows."""
        response = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("ascii", "replace")).get("v")
        if response.status_code < 400:
            # Looked at each time: a file that was replaced must not be kept for ever as the one that was there before.
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
