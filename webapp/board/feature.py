"""The board as a feature of the app."""

from __future__ import annotations

from webapp.board.bindings import IntegerValueBinding
from webapp.live.http import LivePages
from webapp.web import Feature

feature = Feature(
    models=["webapp.board.models"],
    bindings=[IntegerValueBinding()],
    routes=LivePages("/values/", "intval", "board/page.html", edit="board/_edit.html").routes,
)
