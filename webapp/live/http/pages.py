"""The page of a binding: its list, its forms for browsers without scripts, and its socket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from webapp.live.fanout import without_broken
from webapp.live.http.contexts import EditForm, Form, LivePage, empty, filled
from webapp.live.http.forms import fields
from webapp.live.http.socket import LiveSocket, socket_path
from webapp.live.http.visitors import Visitors
from webapp.live.protocol import Engine, Stream, from_form
from webapp.live.protocol import Request as Asked
from webapp.live.templating import Templates
from webapp.live.validation import is_storable
from webapp.live.visitor import Visitor

REFRESH = 20
"""Seconds after which a page without scripts loads itself again."""

FORM_LIMIT = 64 * 1024
"""Bytes of one form field, at most."""


class LiveState(TypedDict):
    """The part of the lifespan's state that these pages need.

    Attributes:
        live: The engine's parts.
        templates: Renders pages.
        visitors: Recognises visitors.
        bindings: The bindings by stream.
    """

    live: Engine
    templates: Templates
    visitors: Visitors
    bindings: Mapping[str, Binding[Any]]


@dataclass(frozen=True, slots=True)
class LivePages:
    """The URLs of a binding's groups.

    Attributes:
        path: Ends with a slash, and names the group columns, as `/lists/{list_id}/` does for `list:{list_id}`.
        stream: The binding's stream.
        template: The page's template, whose context is a `LivePage`.
        edit: The edit form's template, whose context is an `EditForm`; None: rows have no edit form of their own.
    """

    path: str
    stream: str
    template: str
    edit: str | None = None

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of the page, its forms, and its socket."""
        return [
            Route(self.path, self.show),
            Route(self.path, self.post, methods=["POST"]),
            WebSocketRoute(f"{self.path}live", LiveSocket(self._streams)),
        ]

    def check(self, bindings: Mapping[str, Binding[Any]]) -> None:
        """Check that the page shows one of `bindings`, and that its path names the group columns.

        Args:
            bindings: The bindings by stream.

        Raises:
            WrongDeclaration: The page can never be shown.
        """
        binding = bindings.get(self.stream)
        require_page_path(self.path, self.stream, binding.group if binding else None)

    async def show(self, request: Request[LiveState]) -> Response:
        """GET: the page; with ?edit=PK, the page with the edit form of that row, or for htmx the form alone."""
        stream, visitor = await self._opened(request)
        edit = None
        if "edit" in request.query_params:
            edit = await self._edit(request, stream)
            if self.edit and "HX-Request" in request.headers:
                page = request.state["visitors"].page_of(visitor)
                return request.state["templates"].page(self.edit, EditForm(request.url.path, edit, page))
        return await self._page(request, stream, visitor, edit=edit)

    async def post(self, request: Request[LiveState]) -> Response:
        """POST: do the action of a form, and redirect to the page; if it is refused, show the page with the typed text.

        If the socket of a page cannot be opened, htmx posts the form. It gets the fragment that the socket would bring.
        """
        data = await fields(request, limit=FORM_LIMIT)
        try:
            asked = from_form(data)
        except Refused as refused:
            self._count(request, refused)
            raise HTTPException(400) from refused
        stream, visitor = await self._opened(request, asked.visitor)
        try:
            inbound = request.state["live"].inbound(visitor, stream.group, asked)
            reply = await stream.binding.perform(asked.action, inbound)
        except ActionRefused as refused:
            self._count(request, refused)
            if "HX-Request" in request.headers:
                return self._part(request, refused.reply)
            return await self._refused(request, stream, visitor, asked, refused.refusal)
        except Refused as refused:
            self._count(request, refused)
            raise HTTPException(400) from refused
        if "HX-Request" in request.headers:
            return self._part(request, reply, f"posted-{asked.action}")
        return RedirectResponse(request.url.path, 303)

    @staticmethod
    def _count(request: Request[LiveState], refused: Refused) -> None:
        request.state["live"].observer.refused(refused.reason)

    def _part(self, request: Request[LiveState], reply: Reply, event: str = "") -> Response:
        """Return the fragment that a page without a socket lacks, and an htmx event for the action that was done."""
        response: Response = request.state["templates"].page(reply.template, reply.context)
        if event:
            response.headers["HX-Trigger"] = event
        return response

    def _stream(self, connection: HTTPConnection[Any]) -> Stream:
        """Return the binding, with the group that the URL names.

        Raises:
            HTTPException: 404: no row can be in such a group.
            WrongDeclaration: The page can never be shown.
        """
        self.check(connection.state["bindings"])
        binding = connection.state["bindings"][self.stream]
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
            # A form need not have every field, so the others keep the values of the row.
            version = refusal.version or asked.version or edit.version
            edit = replace(edit, entered={**edit.entered, **refusal.typed}, version=version, refusal=refusal)
            return await self._page(request, stream, visitor, edit=edit)
        new = empty(stream.binding)
        new = replace(new, entered={**new.entered, **refusal.typed})
        if asked.action == "create":
            return await self._page(request, stream, visitor, new=replace(new, refusal=refusal))
        # If the row has gone, the visitor would lose the typed texts, so the form for a new row shows them.
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
        binding, group, _ = stream
        # Read the cursor before the rows. A change read twice is harmless; a change never read is lost.
        cursor = await state["live"].hub.log.head(group)
        still = request.method == "POST" or edit is not None or "still" in request.query_params
        context = LivePage(
            rows=await binding.rows.shown(group),
            cursor=str(cursor),
            path=request.url.path,
            live_path=socket_path(f"{request.url.path}live", request, visitor),
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


def require_page_paths(routes: Iterable[BaseRoute], bindings: Mapping[str, Binding[Any]]) -> None:
    """Check each `LivePages` whose routes are among `routes`, with the bindings by stream.

    Raises:
        WrongDeclaration: A page can never be shown.
    """
    for route in routes:
        pages = getattr(getattr(route, "endpoint", None), "__self__", None)
        if isinstance(pages, LivePages):
            pages.check(bindings)


def _may_exist(binding: Binding[Any], group: str) -> bool:
    """Return whether a row could be in `group`, by the types of its group columns."""
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
