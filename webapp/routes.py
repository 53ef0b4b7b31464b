"""Every URL of the app."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from webapp.chat import pages as chat
from webapp.chat.socket import room_streams
from webapp.live.http.pages import LivePages
from webapp.live.http.socket import LiveSocket
from webapp.live.templating.assets import Assets
from webapp.live.templating.fragments import Fragments
from webapp.web import pages
from webapp.web.names import remember_name


def routes(assets: Assets, fragments: Fragments) -> list[BaseRoute]:
    """The URL list; the first match is taken, so rooms come last."""
    return [
        Route("/", pages.about),
        Route("/healthz", pages.health),
        Mount("/static", assets),
        Route("/fragments/{fragment:path}", fragments.get),
        Route("/me/", remember_name, methods=["POST"]),
        Route("/new/", chat.new_room, methods=["GET", "POST"]),
        *LivePages("/values/", "intval", "board/page.html", edit="board/_edit.html").routes,
        Route("/{label}/", chat.room_page),
        Route("/{label}/", chat.say_by_form, methods=["POST"]),
        Route("/{label}/draft", chat.switch_boxes, methods=["POST"]),
        Route("/{label}/messages", chat.history),
        WebSocketRoute("/{label}/live", LiveSocket(room_streams, show_people=True)),
    ]


def reserved(urls: list[BaseRoute]) -> frozenset[str]:
    """The labels that no room can have: the first parts of the paths in `urls`."""
    paths = [url.path for url in urls if isinstance(url, Mount | Route | WebSocketRoute)]
    return frozenset(first for path in paths if (first := path.split("/")[1]) and not first.startswith("{"))
