"""The pages of the gallery."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from webapp.design.fixtures import Entry, Problem
from webapp.design.gallery.contexts import GalleryList, GalleryPage, Link, Listed, Mistake
from webapp.design.gallery.describing import (
    WIDTHS,
    Look,
    described,
    link_to,
    relative,
    shown_state,
    template_url,
)
from webapp.design.gallery.frames import SCHEMES, Frames
from webapp.design.gallery.library import Library
from webapp.design.gallery.sources import Source, used_by
from webapp.live.templating import ROOT, Assets, Templates


class GalleryState(TypedDict):
    """The part of the lifespan's state that these pages need.

    Attributes:
        templates: Renders pages.
    """

    templates: Templates


class Gallery:
    """Shows every template in every state.

    Args:
        folders: The folders of templates, in the order of the search.
        assets: The static files.
    """

    def __init__(self, folders: Sequence[Path], assets: Assets) -> None:
        self._library = Library(folders)
        self._assets = assets
        # The app's own would keep the samples for what pages were given, and show the last sound text of a broken part.
        self._templates = Templates(folders, assets, reload=True)

    async def show_list(self, request: Request[GalleryState]) -> Response:
        """GET /design/?folder=FOLDER: all templates, or those of one folder."""
        fixtures, sources = self._library.fixtures, self._library.sources
        folder = request.query_params.get("folder")
        listed = [
            _listed(each, list(fixtures.of(each.template)))
            for each in sources.values()
            if folder is None or each.folder == folder
        ]
        context = GalleryList(_folders(sources, folder), listed, _told(fixtures.problems))
        return request.state["templates"].page("design/list.html", context)

    async def show_template(self, request: Request[GalleryState]) -> Response:
        """GET /design/templates/{template}?width=WIDTH&scheme=SCHEME: all states of a template."""
        source = self._source(request)
        look = Look.of(request.query_params)
        # A page of 5,000 messages takes long, and the sockets of the preview must not wait for it.
        context = await asyncio.to_thread(self._page, source, look)
        return request.state["templates"].page("design/template.html", context)

    async def show_frame(self, request: Request[GalleryState]) -> Response:
        """GET /design/frame/{template}?state=STATE&scheme=SCHEME: one state of a template, as a document."""
        fixtures, query = self._library.fixtures, request.query_params
        entry = fixtures.find(f"{self._source(request).template} {query.get('state', '')}")
        if entry is None:
            raise HTTPException(404)
        scheme = Look.of(query).scheme or SCHEMES[0]
        frames = Frames(self._templates, fixtures, self._assets.url)
        return HTMLResponse(frames.document(entry, scheme), headers={"Cache-Control": "no-cache"})

    async def show_source(self, request: Request[GalleryState]) -> Response:
        """GET /design/source/{template}: the text of a template."""
        return PlainTextResponse(self._source(request).text, headers={"Cache-Control": "no-cache"})

    def _source(self, request: Request[Any]) -> Source:
        source = self._library.sources.get(request.path_params["template"])
        if source is None:
            raise HTTPException(404)
        return source

    def _page(self, source: Source, look: Look) -> GalleryPage:
        fixtures, sources = self._library.fixtures, self._library.sources
        entries = list(fixtures.of(source.template))
        frames = Frames(self._templates, fixtures, self._assets.url)
        url, given = template_url(source.template), fixtures.contexts.get(source.template)
        files = [entry.file for entry in entries if entry.file is not None]
        return GalleryPage(
            template=source.template,
            url=url,
            comment=source.comment,
            file=relative(source.file, ROOT),
            source_url=f"/design/source/{source.template}",
            is_partial=source.is_partial,
            fixtures_file=relative(files[0], ROOT) if files else "",
            context=given.source if given else "",
            variables=[described(each, entries) for each in (given.variables if given else ())],
            unknown=given.unknown if given else (),
            used_by=[link_to(name) for name in used_by(source.template, sources)],
            uses=[link_to(name) for name in source.uses if name in sources],
            ids=source.ids,
            widths=look.links(url, "width", WIDTHS),
            schemes=look.links(url, "scheme", SCHEMES),
            states=[shown_state(each, frames, look) for each in entries],
            problems=_told(fixtures.problems),
        )


def _listed(source: Source, entries: Sequence[Entry]) -> Listed:
    url = template_url(source.template)
    states = [Link(entry.title, f"{url}#{entry.state}") for entry in entries if not entry.is_guess]
    return Listed(source.template, url, source.what, states, not states)


def _folders(sources: Mapping[str, Source], current: str | None) -> Sequence[Link]:
    counts: dict[str, int] = {}
    for each in sources.values():
        counts[each.folder] = counts.get(each.folder, 0) + 1
    everything = Link("", "/design/", len(sources), current is None)
    return [
        everything,
        *(Link(name or ".", f"/design/?folder={name}", counts[name], name == current) for name in sorted(counts)),
    ]


def _told(problems: Sequence[Problem]) -> Sequence[Mistake]:
    return [Mistake(relative(each.file, ROOT), each.line, each.text) for each in problems]
