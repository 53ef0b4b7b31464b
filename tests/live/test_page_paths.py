"""A page that can never be shown is found when it is declared, or at the start of its app, and not by a visitor."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette

from webapp.board import feature
from webapp.live import Live, LivePages, WrongDeclaration
from webapp.room_values.bindings import RoomValueBinding


def live(tmp_path: Path) -> Live:
    return Live([*feature.bindings, RoomValueBinding()], database_url=f"sqlite://{tmp_path / 'app.sqlite3'}")


def test_a_page_of_no_binding_is_found_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(WrongDeclaration, match=r'no binding in bindings\(\) has the stream "intvals"'):
        live(tmp_path).pages("/values/", "intvals", "board/page.html")


def test_a_page_without_a_group_column_in_its_path_is_found_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(WrongDeclaration, match=r"write \{room_id\} in the path too"):
        live(tmp_path).pages("/rooms/{room}/", RoomValueBinding, "board/page.html")


def test_a_right_page_has_its_routes(tmp_path: Path) -> None:
    assert len(live(tmp_path).pages("/rooms/{room_id}/", RoomValueBinding, "board/page.html")) == 3


async def test_a_wrong_page_that_was_made_without_its_engine_stops_the_start(tmp_path: Path) -> None:
    app = Starlette(routes=LivePages("/values/", "intvals", "board/page.html").routes)
    with pytest.raises(WrongDeclaration, match="intvals"):
        async with live(tmp_path).lifespan(app):
            pytest.fail("it started")
