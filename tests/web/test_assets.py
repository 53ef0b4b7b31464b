"""The addresses of static files, and what browsers may do with what they get there."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from webapp.live.templating.assets import Assets


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.css"
    replace(path, "before", 1)
    return path


def replace(path: Path, text: str, second: int) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (second, second))


def test_a_designer_gets_a_new_url_for_what_has_changed(file: Path) -> None:
    assets = Assets([file.parent], reload=True)
    before = assets.url(file.name)
    assert assets.url(file.name) == before
    replace(file, "after", 2)
    assert assets.url(file.name) != before


def test_a_page_of_many_files_does_not_look_at_each_again(file: Path) -> None:
    assets = Assets([file.parent])
    before = assets.url(file.name)
    file.unlink()
    assert assets.url(file.name) == before


async def test_a_file_that_was_replaced_is_not_kept_for_ever_under_the_former_url(file: Path) -> None:
    assets = Assets([file.parent])
    app = Starlette(routes=[Mount("/static", assets)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        url = assets.url(file.name)
        assert "immutable" in (await http.get(url)).headers["cache-control"]
        replace(file, "after", 2)
        answer = await http.get(url)
        assert (answer.text, answer.headers["cache-control"]) == ("after", "no-cache")
        assert "immutable" in (await http.get(assets.url(file.name))).headers["cache-control"]
