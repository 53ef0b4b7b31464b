"""A reader's choice of a language: by a plain form, remembered in a cookie, or carried by the page if there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http.cookiejar import DefaultCookiePolicy
from http.cookies import SimpleCookie

import httpx
import pytest
from lxml.html import document_fromstring

from tests.support.app_server import AppServer

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
async def http(server: AppServer) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a language, which follows no redirect by itself."""
    async with httpx.AsyncClient(base_url=server.url, headers=HTML) as client:
        yield client


def language(answer: httpx.Response) -> str:
    """The language of a page, which its header states too."""
    html = document_fromstring(answer.text)
    assert answer.headers["content-language"] == html.get("lang")
    assert html.get("dir") == ("rtl" if html.get("lang") == "ar" else "ltr")
    return html.get("lang") or ""


def choice(server: AppServer, path: str, code: str, **headers: str) -> tuple[str, dict[str, str]]:
    """The address that a button of the form posts to, and the headers of a page's own form."""
    joint = "&" if "?" in path else "?"
    return f"{path}{joint}choose-language={code}", {**HTML, "Origin": server.url, **headers}


@pytest.mark.parametrize("path", ["/", "/values/", "/no/such/page", "/{room}/", "/{room}/messages"])
async def test_every_page_is_in_the_language_that_the_browser_asks_for(
    http: httpx.AsyncClient, room: str, path: str
) -> None:
    await http.get(f"/{room}/")
    for code in ("en", "lt", "ar"):
        answer = await http.get(path.format(room=room), headers={"Accept-Language": f"fr, {code};q=0.9"})
        assert language(answer) == code
        assert "accept-language" in answer.headers["vary"].lower()
        assert "cookie" in answer.headers["vary"].lower()
        assert "public" not in answer.headers["cache-control"]


async def test_a_refused_request_is_answered_in_its_language(http: httpx.AsyncClient) -> None:
    answer = await http.get("/", headers={"Host": "elsewhere.example", "Accept-Language": "lt"})
    assert (answer.status_code, language(answer)) == (400, "lt")
    assert "Tai ne mūsų adresas" in answer.text
    answer = await http.post("/", headers={"Origin": "https://elsewhere.example", "Accept-Language": "ar"})
    assert (answer.status_code, language(answer)) == (403, "ar")


async def test_a_choice_is_remembered(server: AppServer, http: httpx.AsyncClient, room: str) -> None:
    address, headers = choice(server, f"/{room}/", "lt")
    answer = await http.post(address, headers=headers)
    cookie = SimpleCookie(answer.headers["set-cookie"])["language"]
    assert (answer.status_code, cookie.value, cookie["path"], cookie["domain"]) == (303, "lt", "/", "")
    assert (cookie["samesite"], bool(cookie["httponly"])) == ("lax", True)
    assert int(cookie["max-age"]) > 300 * 24 * 3600
    # The page's query says which, until the browser has shown that it keeps the cookie.
    assert answer.headers["location"] == f"/{room}/?language=lt"
    answer = await http.get(answer.headers["location"], headers={"Accept-Language": "ar"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{room}/")
    for path in (f"/{room}/", "/", "/values/"):
        assert language(await http.get(path, headers={"Accept-Language": "ar"})) == "lt"


async def test_over_https_the_cookie_is_kept_from_http(server: AppServer, http: httpx.AsyncClient) -> None:
    address, headers = choice(server, "/", "lt", **{"X-Forwarded-Proto": "https"})
    headers["Origin"] = headers["Origin"].replace("http:", "https:")
    answer = await http.post(address, headers=headers)
    assert answer.status_code == 303
    assert SimpleCookie(answer.headers["set-cookie"])["language"]["secure"]


async def test_without_cookies_the_page_hands_its_language_on(server: AppServer, room: str) -> None:
    async with httpx.AsyncClient(base_url=server.url, headers=HTML) as http:
        http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        address, headers = choice(server, f"/{room}/", "lt")
        answer = await http.post(address, headers=headers)
        page = f"{server.url}{answer.headers['location']}"
        assert language(await http.get(page)) == "lt"
        # A link from there.
        answer = await http.get("/values/?edit=1", headers={"Referer": page})
        assert answer.headers["location"] == "/values/?edit=1&language=lt"
        # A form from there, answered with a page, and a part of the page that htmx asks for.
        answer = await http.post(f"/{room}/", data={"message": " "}, headers={"Referer": page, "Origin": server.url})
        assert (answer.status_code, language(answer)) == (422, "lt")
        answer = await http.get(f"/{room}/messages", headers={"Referer": page, "HX-Request": "true"})
        assert answer.headers["content-language"] == "lt"
        # The socket.
        socket = document_fromstring((await http.get(page)).text).xpath('//*[@id="room"]')[0]
        assert "language=lt" in next(value for name, value in socket.items() if name == "hx-ws:connect")


async def test_another_sites_page_says_nothing_about_the_language(http: httpx.AsyncClient) -> None:
    answer = await http.get("/", headers={"Referer": "https://elsewhere.example/?language=lt"})
    assert (answer.status_code, language(answer)) == (200, "en")


@pytest.mark.parametrize(
    "path", ["//elsewhere.example/", "///elsewhere.example", "/%5Celsewhere.example/", "/%2F%2Felsewhere.example/"]
)
async def test_a_choice_leads_to_no_other_site(server: AppServer, http: httpx.AsyncClient, path: str) -> None:
    address, headers = choice(server, path, "lt")
    answer = await http.request("POST", f"{server.url}{address}", headers=headers)
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location.startswith("/")
    assert location[1] not in "/\\"


async def test_another_site_cannot_choose(http: httpx.AsyncClient) -> None:
    answer = await http.post("/?choose-language=lt", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("code", ["", "fr", "en-US", "lt%0d%0aSet-Cookie:x=1", "../lt", "lt,ar"])
async def test_a_language_that_is_not_offered_cannot_be_chosen(
    server: AppServer, http: httpx.AsyncClient, code: str
) -> None:
    address, headers = choice(server, "/values/", code)
    answer = await http.post(address, headers=headers)
    assert "language=" not in answer.headers.get("set-cookie", "")
    answer = await http.get(f"/?language={code}", headers={"Cookie": "language=nonsense"})
    assert language(answer) == "en"


async def test_a_form_of_a_page_with_a_language_in_its_query_is_no_choice(
    server: AppServer, http: httpx.AsyncClient
) -> None:
    answer = await http.post(
        "/values/?language=lt", data={"action": "create", "name": "", "value": "1"}, headers={"Origin": server.url}
    )
    assert (answer.status_code, language(answer)) == (422, "lt")
    assert "Laukas „pavadinimas“ neužpildytas." in answer.text


async def test_the_setting_says_which_languages_there_are(serve: Callable[..., AppServer]) -> None:
    server = serve(LANGUAGES="lt, ar")
    async with httpx.AsyncClient(base_url=server.url, headers=HTML) as http:
        assert language(await http.get("/")) == "lt"
        assert language(await http.get("/", headers={"Accept-Language": "en, ar;q=0.5"})) == "ar"
        names = [each.text for each in document_fromstring((await http.get("/")).text).xpath("//form/button[@lang]")]
        assert names == ["Lietuvių", "العربية"]


async def test_with_one_language_there_is_nothing_to_choose(serve: Callable[..., AppServer]) -> None:
    async with httpx.AsyncClient(base_url=serve(LANGUAGES="lt").url, headers=HTML) as http:
        answer = await http.get("/", headers={"Accept-Language": "en"})
        assert language(answer) == "lt"
        assert "choose-language" not in answer.text
