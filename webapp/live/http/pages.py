"""The page of a binding: the list, the forms for browsers without scripts, and the socket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from tortoise.exceptions import ValidationError

from webapp.live.binding import ActionRefused, Binding, Refused, Reply, require_page_path
from webapp.live.contexts import Refusal
from webapp.live.fanout.broken_rows import without_broken
from webapp.live.http.contexts import EditForm, Form, LivePage, empty, filled
from webapp.live.http.forms import fields
from webapp.live.http.socket import LiveSocket
from webapp.live.http.visitors import Visitors
from webapp.live.protocol.engine import Engine, Stream
from webapp.live.protocol.requests import Request as Asked
from webapp.live.protocol.requests import from_form
from webapp.live.templating.templates import Templates
from webapp.live.validation import is_storable
from webapp.live.visitor import Visitor

REFRESH = 20
"""Seconds after which a page without scripts loads itself again."""

FORM_LIMIT = 64 * 1024
"""Bytes of one form field, at most."""


class LiveState(TypedDict):
    """What these pages need of the lifespan's state. bindings: by stream."""

    live: Engine
    templates: Templates
    visitors: Visitors
    bindings: Mapping[str, Binding[Any]]


@dataclass(frozen=True, slots=True)
class LivePages:
    """The URLs of a binding's groups.

    path: ends with a slash, and names the columns that are in the group's name, as `/lists/{list_id}/` does for
    `list:{list_id}`. template, edit: the page's and the edit form's.
    """

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
        stream, visitor = await self._opened(request)
        edit = None
        if "edit" in request.query_params:
            edit = await self._edit(request, stream)
            if self.edit and "HX-Request" in request.headers:
                page = request.state["visitors"].page_of(visitor)
                return request.state["templates"].page(self.edit, EditForm(request.url.path, edit, page))
        return await self._page(request, stream, visitor, edit=edit)

    async def post(self, request: Request[LiveState]) -> Response:
        """POST: what a form asks for; when that is refused, the page again with what was typed.

        htmx gets what its socket would bring, for a page whose socket cannot be opened.
        """
        data = await fields(request, limit=FORM_LIMIT)
        try:
            asked = from_form(data)
        except Refused as refused:
            raise HTTPException(400) from refused
        stream, visitor = await self._opened(request, asked.visitor)
        try:
            inbound = request.state["live"].inbound(visitor, stream.group, asked)
            reply = await stream.binding.perform(asked.action, inbound)
        except ActionRefused as refused:
            if "HX-Request" in request.headers:
                return self._part(request, refused.reply)
            return await self._refused(request, stream, visitor, asked, refused.refusal)
        except Refused as refused:
            raise HTTPException(400) from refused
        if "HX-Request" in request.headers:
            return self._part(request, reply, f"posted-{asked.action}")
        return RedirectResponse(request.url.path, 303)

    def _part(self, request: Request[LiveState], reply: Reply, event: str = "") -> Response:
        """What its socket would bring to a page that has none, and an event for what was done."""
        response: Response = request.state["templates"].page(reply.template, reply.context)
        if event:
            response.headers["HX-Trigger"] = event
        return response

    def _stream(self, connection: HTTPConnection[Any]) -> Stream:
        """The binding, and the group that the URL names. Raises HTTPException when it can name none."""
        binding = connection.state["bindings"].get(self.stream)
        require_page_path(self.path, self.stream, binding.group if binding else None)
        group = binding.group.format_map(connection.path_params)
        if not _may_exist(binding, group):
            raise HTTPException(404)
        return Stream(binding, group)

    async def _opened(self, request: Request[LiveState], page: str = "") -> tuple[Stream, Visitor]:
        stream = self._stream(request)
        visitor = request.state["visitors"].of(request, page)
        if not await stream.binding.can_subscribe(visitor, stream.group):
            raise HTTPException(403)
        return stream, visitor

    async def _streams(self, websocket: WebSocket[Any]) -> Mapping[str, Stream]:
        return {self.stream: self._stream(websocket)}

    async def _edit(self, request: Request[LiveState], stream: Stream) -> Form:
        asked = Asked("update", self.stream, request.query_params["edit"])
        visitor = request.state["visitors"].of(request)
        try:
            pk = stream.binding.key(request.state["live"].inbound(visitor, stream.group, asked))
        except Refused as refused:
            raise HTTPException(404) from refused
        form = await filled(stream, pk)
        if form is None:
            raise HTTPException(404)
        return form

    async def _refused(
        self, request: Request[LiveState], stream: Stream, visitor: Visitor, asked: Asked, refusal: Refusal
    ) -> Response:
        edit = await filled(stream, asked.pk) if asked.action == "update" else None
        if edit is not None:
            # A form need not have every field: the others stand in it as they are in the row.
            version = refusal.version or asked.version or edit.version
            edit = replace(edit, entered={**edit.entered, **refusal.typed}, version=version, refusal=refusal)
            return await self._page(request, stream, visitor, edit=edit)
        new = empty(stream.binding)
        new = replace(new, entered={**new.entered, **refusal.typed})
        if asked.action == "create":
            return await self._page(request, stream, visitor, new=replace(new, refusal=refusal))
        # What was typed for a row that is not on the page any more can be a new one's.
        return await self._page(request, stream, visitor, new=new, refusal=refusal)

    async def _page(
        self,
        request: Request[LiveState],
        stream: Stream,
        visitor: Visitor,
        new: Form | None = None,
        edit: Form | None = None,
        refusal: Refusal | None = None,
    ) -> Response:
        state = request.state
        binding, group = stream
        # The cursor first: what is committed after it is read comes again over the socket, and a repeat is harmless.
        cursor = await state["live"].hub.log.head(group)
        still = request.method == "POST" or edit is not None or "still" in request.query_params
        context = LivePage(
            rows=await binding.rows.shown(group),
            cursor=str(cursor),
            path=request.url.path,
            live_path=f"{request.url.path}live?page={state['visitors'].token(visitor)}",
            new=new or empty(binding),
            edit=edit,
            refusal=refusal,
            refresh=None if still else REFRESH,
            visitor=state["visitors"].page_of(visitor),
        )
        status = 422 if request.method == "POST" else 200
        response = await without_broken(
            binding,
            group,
            context.rows,
            state["templates"].render,
            lambda rows: state["templates"].page(
                self.template, replace(context, rows=list(rows)), status, is_written_on=True
            ),
        )
        state["visitors"].remember(response, request, visitor, visitor.handle)
        return response


def _may_exist(binding: Binding[Any], group: str) -> bool:
    """Whether a row could be in `group`, by the types of the columns in its name."""
    for name, text in (binding.scope(group) or {}).items():
        column = binding.model._meta.fields_map[name]
        least, most = column.constraints.get("ge"), column.constraints.get("le")
        try:
            value = column.to_python_value(text)
            if str(value) != text or not is_storable(text) or (least is not None and not least <= value <= most):
                return False
        except (ValueError, TypeError, ArithmeticError, ValidationError):
            return False
    return True
