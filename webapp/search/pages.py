"""The page of the search in a room, and the fragment with its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from webapp.chat import ChatState, Message, Room, asked_id, asked_label, door_page, find
from webapp.chat.access import standing_of
from webapp.live.fanout import without_broken
from webapp.live.visitor import Visitor
from webapp.search.asked import Asked, NotAsked, asked_by
from webapp.search.contexts import SearchFields, SearchPage, SearchResult, SearchResults
from webapp.search.finding import Found, find_messages
from webapp.search.terms import excerpt

EXCERPT = 280
"""Characters of a message that a result shows, at most."""

STATUS = {"too_long": 422, "not_a_day": 422, "flooding": 429}
"""Why nothing was looked for → the status of the page."""

BOXES = ("q", "by", "since", "until")
"""The fields of the form that have texts."""


async def search_page(request: Request[ChatState]) -> Response:
    """GET /{label}/search?q=TEXT&by=NAME&since=DAY&until=DAY&links&before=ID: messages of a room, newest first.

    The answer to htmx is the fragment with the results. Its status is 200 in any case: htmx shows no other one.

    Raises:
        HTTPException: 400: `before` is no id.
    """
    room = await find(asked_label(request))
    visitor = request.state["visitors"].of(request)
    results = await _searched(request, room, visitor, asked_id(request, "before"))
    # If access were checked before the rows were read, they could be newer than the rights.
    standing = await standing_of(visitor, room.id)
    if not standing.may_see:
        return await door_page(request, room, visitor, standing)

    def answer(shown: Sequence[Message]) -> Response:
        pks = {message.id for message in shown}
        return _answer(request, replace(results, results=[each for each in results.results if each.message.id in pks]))

    state = request.state
    messages = [each.message for each in results.results]
    return await without_broken(state["chat"], room.group, messages, state["templates"].render, answer)


async def _searched(request: Request[ChatState], room: Room, visitor: Visitor, before: int | None) -> SearchResults:
    state = request.state
    try:
        asked = asked_by(request.query_params)
    except NotAsked as problem:
        return SearchResults(room, problem=problem.reason, limit=problem.limit)
    if asked.is_empty:
        return SearchResults(room)
    if seconds := state["search_limit"].hit(visitor, True):
        state["live"].observer.refused("flooding")
        return SearchResults(room, problem="flooding", seconds=seconds)
    return _results(room, asked, await find_messages(room, asked, before), request.query_params)


def _answer(request: Request[ChatState], results: SearchResults) -> Response:
    templates = request.state["templates"]
    query = request.query_params
    response: Response
    if "HX-Request" in request.headers:
        response = templates.page("search/_results.html", results)
    else:
        # A box may hold less than a URL.
        boxes = {name: query.get(name, "")[:1000] for name in BOXES}
        fields = SearchFields(**boxes, links=bool(query.get("links")))
        context = SearchPage(results.room, fields, results)
        response = templates.page("search/page.html", context, STATUS.get(results.problem, 200), is_written_on=True)
    response.headers.add_vary_header("HX-Request")
    if results.seconds:
        response.headers["Retry-After"] = str(results.seconds)
    return response


def _results(room: Room, asked: Asked, found: Found, query: QueryParams) -> SearchResults:
    older = ""
    if found.before is not None:
        kept = [(name, value) for name, value in query.multi_items() if name in (*BOXES, "links") and value]
        older = f"{room.path}search?{urlencode([*kept, ('before', found.before)])}"
    return SearchResults(room, [_result(room, message, asked) for message in found.messages], True, older)


def _result(room: Room, message: Message, asked: Asked) -> SearchResult:
    return SearchResult(
        room,
        message,
        excerpt(" ".join(message.message.split()), asked.terms, EXCERPT),
        excerpt(message.handle, asked.by, EXCERPT).parts,
    )
