"""Texts are sent compressed, in the best encoding that the browser knows, and each is compressed once."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from webapp.live.templating import STATIC
from webapp.live.templating.assets import Assets
from webapp.live.templating.compression import LARGEST, accepted_encoding, compressed

SCRIPT = "vendor/htmx.org/htmx.min.js"


async def answer(folder: Path, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    app = Starlette(routes=[Mount("/static", Assets([folder]))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await http.request(method, f"/static/{path}", headers=given)


@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
async def test_a_text_comes_in_the_encoding_that_was_asked_for(encoding: str) -> None:
    found = await answer(STATIC, SCRIPT, Accept_Encoding=encoding or "identity")
    assert found.headers.get("content-encoding", "") == encoding
    assert found.headers["vary"] == "Accept-Encoding"
    assert found.content == (STATIC / SCRIPT).read_bytes()
    assert int(found.headers["content-length"]) < 13_500 or not encoding


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("BR;q=0.5, gzip", "br"),
        ("br;q=0, gzip;q=1.0", "gzip"),
        ("br; q=0.000, gzip ;q=0", ""),
        ("brother, gzipped", ""),
        ("*", ""),
        ("", ""),
    ],
)
def test_an_encoding_is_taken_that_the_browser_names_and_does_not_refuse(header: str, encoding: str) -> None:
    assert accepted_encoding(header) == encoding


async def test_a_browser_that_has_it_is_told_so_for_its_own_encoding_only() -> None:
    brotli = await answer(STATIC, SCRIPT, Accept_Encoding="br")
    assert (await answer(STATIC, SCRIPT, Accept_Encoding="br", If_None_Match=brotli.headers["etag"])).status_code == 304
    assert (
        await answer(STATIC, SCRIPT, Accept_Encoding="gzip", If_None_Match=brotli.headers["etag"])
    ).status_code == 200


def test_a_text_is_compressed_once() -> None:
    content = (STATIC / SCRIPT).read_bytes()
    assert compressed(content, "br") is compressed(bytes(bytearray(content)), "br")


async def test_what_is_no_text_or_very_long_goes_out_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(os.urandom(5000))
    (tmp_path / "long.txt").write_bytes(b"x" * (LARGEST + 1))
    for name in ("photo.png", "long.txt"):
        found = await answer(tmp_path, name, Accept_Encoding="br, gzip")
        assert "content-encoding" not in found.headers
        assert found.content == (tmp_path / name).read_bytes()
        part = await answer(tmp_path, name, Range="bytes=0-9")
        assert (part.status_code, len(part.content)) == (206, 10)


async def test_an_empty_text_and_a_question_for_the_headers_alone_are_answered(tmp_path: Path) -> None:
    (tmp_path / "empty.css").write_bytes(b"")
    assert (await answer(tmp_path, "empty.css", Accept_Encoding="br")).text == ""
    assert (await answer(STATIC, SCRIPT, "HEAD")).status_code == 200
    assert (await answer(STATIC, "styles.css", "POST")).status_code == 405
