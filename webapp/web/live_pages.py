"""The page of a binding: the list, the forms for browsers without scripts, and the socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from webapp.live.binding import Binding
from webapp.live.contexts import Denial
from webapp.live.engine import Live, Stream
from webapp.live.inbound import Denied, Refused
from webapp.live.requests import Request as Asked
from webapp.live.requests import of_page
from webapp.live.visitor import Visitor
from webapp.web.forms import fields
from webapp.web.live_socket import LiveSocket
from webapp.web.templates import Templates
from webapp.web.visitors import Visitors

REFRESH = 20
"""Seconds after which a page without scripts loads itself again."""

FORM_LIMIT = 64 * 1024
"""Bytes of one form field, at most."""


class LiveState(TypedDict):
    """What these pages need of the lifespan's state. bindings: by stream."""

    live: Live
    templates: Templates
    visitors: Visitors
    bindings: Mapping[str, Binding[Any]]


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in.

    form: what its ids start with. pk: of its row, None for a new one. values: what stands in its fields, by name; a
    field that is not among them stays empty. version: goes along with an edit, so that nobody's is overwritten unseen.
    denial: why it was not taken, or None.
    """

    form: str
    pk: Any
    values: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    denial: Denial | None = None


@dataclass(frozen=True, slots=True)
class LivePage:
    """For the page of a binding, such as board/page.html.

    rows: oldest first. cursor: where the page is. path, live_path: URL paths of the page, which forms post to, and
    of its socket. new: the form for a new row. edit: the form for the row that is being edited, or None. denial: why
    something that has no form was not done, or None. refresh: seconds after which a page without scripts loads itself
    again, or None while somebody writes on it.
    """

    rows: list[Any]
    cursor: str
    path: str
    live_path: str
    new: Form
    edit: Form | None
    denial: Denial | None
    refresh: int | None


@dataclass(frozen=True, slots=True)
class EditForm:
    """For the edit form alone, which takes its place in an open page: as in LivePage."""

    path: str
    edit: Form


@dataclass(frozen=True, slots=True)
class LivePages:
    """The URLs of one binding's group. path: ends with a slash. template, edit: the page's and the edit form's."""

    path: str
    stream: str
    template: str
    edit: str | None = None

    @property
    def routes(self) -> list[BaseRoute]:
        """The page, its form, and its socket."""
        return [
            Route(self.path, self.show),
            Route(self.path, self.post, methods=["POST"]),
            WebSocketRoute(f"{self.path}live", LiveSocket(self._streams)),
        ]

    async def show(self, request: Request[LiveState]) -> Response:
        """GET: the page; with ?edit=PK, the form for that row, which for htmx comes alone."""
        binding, visitor = await self._opened(request)
        edit = None
        if "edit" in request.query_params:
            edit = await self._edit(request, binding)
            if self.edit and "HX-Request" in request.headers:
                return request.state["templates"].page(self.edit, EditForm(self.path, edit))
        return await self._page(request, visitor, edit=edit)

    async def post(self, request: Request[LiveState]) -> Response:
        """POST: what a form asks for; when that is refused, the page again with what was typed."""
        binding, visitor = await self._opened(request)
        data = await fields(request, limit=FORM_LIMIT)
        try:
            asked = of_page(data)
        except Refused as refused:
            raise HTTPException(400) from refused
        try:
            inbound = request.state["live"].inbound(visitor, binding.group, asked)
            await binding.perform(asked.action, inbound)
        except Denied as denied:
            return await self._denied(request, visitor, asked, denied.denial)
        except Refused as refused:
            raise HTTPException(400) from refused
        return RedirectResponse(self.path, 303)

    async def _opened(self, request: Request[LiveState]) -> tuple[Binding[Any], Visitor]:
        binding = request.state["bindings"][self.stream]
        visitor = request.state["visitors"].of(request)
        if not await binding.can_subscribe(visitor, binding.group):
            raise HTTPException(403)
        return binding, visitor

    async def _streams(self, websocket: WebSocket[Any]) -> Mapping[str, Stream]:
        binding = websocket.state["bindings"][self.stream]
        return {self.stream: Stream(binding, binding.group)}

    async def _edit(self, request: Request[LiveState], binding: Binding[Any]) -> Form:
        asked = Asked("update", self.stream, request.query_params["edit"])
        visitor = request.state["visitors"].of(request)
        try:
            pk = binding.key(request.state["live"].inbound(visitor, binding.group, asked))
        except Refused as refused:
            raise HTTPException(404) from refused
        row = await binding.model.get_or_none(pk=pk, **binding.conditions(binding.group))
        if row is None:
            raise HTTPException(404)
        return Form(binding.element_id(pk), pk, binding.values(row), binding.version(row))

    async def _denied(self, request: Request[LiveState], visitor: Visitor, asked: Asked, denial: Denial) -> Response:
        binding = request.state["bindings"][self.stream]
        typed = {name: asked.data[name] for name in binding.writable if name in asked.data}
        form = Form(denial.form, asked.pk, typed, denial.version or asked.version, denial)
        if asked.action == "create":
            return await self._page(request, visitor, new=form)
        if asked.action == "update" and denial.reason != "gone":
            return await self._page(request, visitor, edit=form)
        return await self._page(request, visitor, denial=denial)

    async def _page(
        self,
        request: Request[LiveState],
        visitor: Visitor,
        new: Form | None = None,
        edit: Form | None = None,
        denial: Denial | None = None,
    ) -> Response:
        state = request.state
        binding = state["bindings"][self.stream]
        # The cursor first: what is committed after it is read comes again over the socket, and a repeat is harmless.
        cursor = await state["live"].hub.log.head(binding.group)
        still = request.method == "POST" or edit is not None or "still" in request.query_params
        context = LivePage(
            rows=await binding.rows(binding.group),
            cursor=str(cursor),
            path=self.path,
            live_path=f"{self.path}live",
            new=new or Form(binding.form("create", None), None),
            edit=edit,
            denial=denial,
            refresh=None if still else REFRESH,
        )
        response = state["templates"].page(self.template, context, 422 if request.method == "POST" else 200)
        state["visitors"].remember(response, request, visitor, visitor.handle)
        return response
