"""Static files, at URLs that name their content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from webapp.live.templating.fragments import IMMUTABLE


class Assets(StaticFiles):
    """Serves the files of some folders; a file in an earlier folder replaces one of the same path in a later one.

    Browsers keep a file for ever under the URL that `url` returns, and check it at each use under any other URL.

    Args:
        folders: The folders, in the order of the search.
        reload: `url` looks at the file at each call, so that a change shows at the next load. A page names twenty
            files, and these looks take half a millisecond.
    """

    def __init__(self, folders: Sequence[Path], reload: bool = False) -> None:
        super().__init__(directory=folders[-1])
        self.all_directories = list(folders)
        self._reload = reload
        self._versions: dict[str, tuple[Path, float, str]] = {}

    def url(self, path: str) -> str:
        """Return the URL of a file.

        Args:
            path: The file's path below its folder.

        Raises:
            FileNotFoundError: No folder has the file; the text names it.
        """
        known = None if self._reload else self._versions.get(path)
        return f"/static/{path}?v={known[2] if known else self._version(path)}"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, with the caching that its URL allows."""
        response = await super().get_response(path, scope)
        asked = parse_qs(scope["query_string"].decode("ascii", "replace")).get("v")
        if response.status_code < 400:
            # If the hash were not read again, browsers would keep a replaced file for ever under its former URL.
            current = asked == [self._version(path)]
            response.headers["Cache-Control"] = IMMUTABLE if current else "no-cache"
        return response

    def _version(self, path: str) -> str:
        file = self._file(path)
        changed = file.stat().st_mtime
        known = self._versions.get(path)
        if known is None or known[:2] != (file, changed):
            known = self._versions[path] = (file, changed, hashlib.sha256(file.read_bytes()).hexdigest()[:12])
        return known[2]

    def _file(self, path: str) -> Path:
        files = [Path(folder) / path for folder in self.all_directories]
        return next((file for file in files if file.is_file()), files[-1])
