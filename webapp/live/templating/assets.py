"""Static files, at URLs that name their content."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike, stat_result
from pathlib import Path
from urllib.parse import parse_qs

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from webapp.live.templating.compression import LARGEST, accepted_encoding, compressed, is_text
from webapp.live.templating.fragments import IMMUTABLE
from webapp.live.templating.overlay import Overlay
from webapp.live.templating.style_sheets import BUNDLE, StyleSheets, hash_of


class Assets(StaticFiles):
    """Serves the files of some folders; a file in an earlier folder replaces one of the same path in a later one.

    Browsers keep a file for ever under the URL that `url` returns, and check it at each use under any other URL. Texts
    are compressed once, and kept in memory like that.

    Args:
        folders: The folders, in the order of the search.
        reload: `url` looks at the file at each call, so that a change shows at the next load, and a page names each
            style sheet by itself. These looks take half a millisecond a page.
    """

    def __init__(self, folders: Sequence[Path], reload: bool = False) -> None:
        super().__init__(directory=folders[-1])
        self.all_directories = list(folders)
        self._files = Overlay(folders)
        self._reload = reload
        self._versions: dict[str, tuple[Path, float, str]] = {}
        self.style_sheets = StyleSheets(self._files, self.url, reload)

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
        is_bundle = path == BUNDLE and scope["method"] in ("GET", "HEAD")
        response = await (self._sheet(scope) if is_bundle else self._file(path, scope))
        asked = parse_qs(scope["query_string"].decode("ascii", "replace")).get("v")
        if response.status_code < 400:
            # If the hash were not read again, browsers would keep a replaced file for ever under its former URL.
            current = asked == [self._version(path)]
            response.headers["Cache-Control"] = IMMUTABLE if current else "no-cache"
        return response

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the response for a file; one with a text comes whole, for `get_response` to compress."""
        response = FileResponse(full_path, status_code=status_code, stat_result=stat_result)
        return response if _is_packed(response) else super().file_response(full_path, stat_result, scope, status_code)

    async def _file(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if isinstance(response, FileResponse) and _is_packed(response):
            content = await anyio.to_thread.run_sync(Path(response.path).read_bytes)
            return await self._text(content, response.media_type, scope)
        return response

    async def _sheet(self, scope: Scope) -> Response:
        content, _ = self.style_sheets.bundle()
        if not content:
            raise HTTPException(404)
        return await self._text(content, "text/css", scope)

    async def _text(self, content: bytes, media_type: str | None, scope: Scope) -> Response:
        asked = Headers(scope=scope)
        encoding = accepted_encoding(asked.get("accept-encoding", ""))
        headers = {"ETag": f'"{hash_of(content)}{encoding and "-"}{encoding}"', "Vary": "Accept-Encoding"}
        if encoding:
            headers["Content-Encoding"] = encoding
            content = await anyio.to_thread.run_sync(partial(compressed, content, encoding))
        response = Response(content, headers=headers, media_type=media_type)
        return NotModifiedResponse(response.headers) if self.is_not_modified(response.headers, asked) else response

    def _version(self, path: str) -> str:
        if path == BUNDLE:
            return self.style_sheets.bundle()[1]
        file = self._files.file(path)
        changed = file.stat().st_mtime
        known = self._versions.get(path)
        if known is None or known[:2] != (file, changed):
            known = self._versions[path] = (file, changed, hash_of(file.read_bytes()))
        return known[2]


def _is_packed(response: FileResponse) -> bool:
    """Return whether that file is kept in memory and sent compressed."""
    return is_text(response.media_type) and int(response.headers["content-length"]) <= LARGEST
