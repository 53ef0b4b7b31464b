"""What a first visit to a page takes over the wire: the page, its styles, scripts and icon, with their headers."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.support.app_server import AppServer

LIMIT = 40 * 1024
"""Bytes of all answers, as they are sent, bodies and headers."""

NAMED = re.compile(r'(?:src|href)="(/static/[^"]+)"')


def cost(answer: httpx.Response) -> int:
    """The bytes of an answer as they came."""
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return head + answer.num_bytes_downloaded


@pytest.mark.parametrize("path", ["/", "/cost/", "/values/"])
def test_the_first_visit_to_a_page_takes_at_most_40_kb(server: AppServer, path: str) -> None:
    # What Chromium says that it takes, over https or to its own machine.
    with httpx.Client(base_url=server.url, headers={"Accept-Encoding": "gzip, deflate, br, zstd"}) as http:
        page = http.get(path)
        files = {url: http.get(url) for url in NAMED.findall(page.text)}
    assert [each.status_code for each in files.values()] == [200] * len(files)
    assert len([url for url in files if ".css" in url]) == 1
    costs = {path: cost(page)} | {url: cost(answer) for url, answer in files.items()}
    assert sum(costs.values()) <= LIMIT, costs


def test_every_text_that_a_page_names_comes_compressed_and_is_kept_for_ever(server: AppServer) -> None:
    with httpx.Client(base_url=server.url, headers={"Accept-Encoding": "br"}) as http:
        for url in set(NAMED.findall(http.get("/cost/").text)):
            answer = http.get(url)
            assert answer.headers["content-encoding"] == "br", url
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_error_page_has_its_styles_under_a_plain_address(server: AppServer) -> None:
    page = httpx.get(f"{server.url}/no such page/")
    assert page.status_code == 404
    (url,) = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
    styles = httpx.get(f"{server.url}{url}")
    assert (styles.status_code, styles.headers["cache-control"]) == (200, "no-cache")
    assert ".prose__status" in styles.text
