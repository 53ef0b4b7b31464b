"""A page of another site tries everything that a page can, and reads, says and makes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.rooms import fill_room
from tests.support.app_server import AppServer
from tests.support.database_shell import messages, shell

SECRET_WORDS = "what strangers must not read"

TRIES = """async ([app, room, made]) => {
    const told = {};
    const attempt = async (name, body) => {
        try { told[name] = await body(); } catch (error) { told[name] = "failed: " + error.name; }
    };
    const address = `${app}/${room}/`;
    const form = new URLSearchParams({handle: "Mallory", message: "from elsewhere", act: "delete", sure: "on"});
    const post = async (mode, to) =>
        (await fetch(to, {method: "POST", mode, credentials: "include", body: form})).text();
    for (const mode of ["cors", "no-cors"]) {
        for (const path of ["", "messages?before=1000", "settings", "work"]) {
            await attempt(`${mode} GET ${path}`, async () =>
                (await (await fetch(address + path, {mode, credentials: "include"})).text()));
        }
        for (const path of ["", "settings", "door", "messages/1", "draft"]) {
            await attempt(`${mode} POST ${path}`, () => post(mode, address + path));
        }
        for (const path of [made, "new/", "me/", "me/move", "me/forget", "values/", "admin/"]) {
            await attempt(`${mode} POST /${path}`, () => post(mode, `${app}/${path}`));
        }
    }
    await attempt("json", async () => (await (await fetch(address, {
        method: "POST", credentials: "include", headers: {"Content-Type": "application/json"}, body: "{}",
    })).text()));
    await attempt("beacon", async () => String(navigator.sendBeacon(address, form)));
    await attempt("socket", () => new Promise(resolve => {
        const socket = new WebSocket(address.replace("http", "ws") + "live");
        const heard = [];
        socket.onopen = () => socket.send(JSON.stringify({stream: "chat", action: "create", message: "by a socket"}));
        socket.onmessage = event => heard.push(event.data);
        socket.onclose = event => resolve(`closed ${event.code} ${heard.join()}`);
    }));
    for (const [tag, attribute] of [["img", "src"], ["script", "src"], ["iframe", "src"], ["embed", "src"]]) {
        await attempt(tag, () => new Promise(resolve => {
            const element = document.createElement(tag);
            element[attribute] = `${app}/${made}-${tag}/`;
            element.onload = () => {
                let text = "loaded";
                try { text += element.contentDocument.body.textContent; } catch { }
                resolve(text);
            };
            element.onerror = () => resolve("refused");
            document.body.append(element);
            setTimeout(() => resolve("nothing came"), 5000);
        }));
    }
    await attempt("sheet", () => new Promise(resolve => {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.href = address;
        link.onload = () => resolve("loaded " + [...document.styleSheets].map(sheet => {
            try { return [...sheet.cssRules].map(rule => rule.cssText).join(); } catch { return ""; }
        }).join());
        link.onerror = () => resolve("refused");
        document.head.append(link);
    }));
    await attempt("window", async () => {
        const other = window.open(address);
        await new Promise(resolve => setTimeout(resolve, 1500));
        return other === null ? "blocked" : `closed ${other.closed}, ${other.document?.body?.textContent}`;
    });
    return told;
}"""

SUBMIT = """([address, fields]) => {
    const form = document.createElement("form");
    Object.assign(form, {method: "post", action: address});
    for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement("input");
        Object.assign(input, {name, value});
        form.append(input);
    }
    document.body.append(form);
    form.submit();
}"""


class _Blank(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>elsewhere</title><body>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of an empty page on another site: to a browser, localhost is another one than 127.0.0.1."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Blank) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://localhost:{running.server_port}/"
        running.shutdown()


@pytest.fixture
def victim(server: AppServer, room: str, browser: Browser) -> Iterator[Page]:
    """A browser whose visitor owns the room, in which something was said."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{server.url}/{room}/")
        fill_room(server.database, room, [("Ann", SECRET_WORDS)])
        yield context.new_page()


def rooms(server: AppServer) -> list[str]:
    return [label for (label,) in shell(server.database, "SELECT label FROM room ORDER BY id")]


def test_a_page_of_another_site_reads_says_and_makes_nothing(
    server: AppServer, room: str, victim: Page, elsewhere: str
) -> None:
    before, known = messages(server.database, room), rooms(server)
    victim.goto(elsewhere)
    told = victim.evaluate(TRIES, [server.url, room, "made-by-mallory"])
    assert len(told) > 30
    assert not [name for name, text in told.items() if SECRET_WORDS in text]
    assert told["socket"].startswith("closed 4403 ")
    assert messages(server.database, room) == before
    assert rooms(server) == known


@pytest.mark.parametrize("path", ["", "settings", "messages/1", "/new/", "/me/forget", "/me/here", "/values/"])
def test_a_form_of_another_site_is_refused_though_the_browser_shows_the_answer(
    server: AppServer, room: str, victim: Page, elsewhere: str, path: str
) -> None:
    before, known = messages(server.database, room), rooms(server)
    values = shell(server.database, "SELECT count(*) FROM integervalue")
    address = server.url + (path if path.startswith("/") else f"/{room}/{path}")
    victim.goto(elsewhere)
    fields = {"handle": "Mallory", "message": "from elsewhere", "act": "delete", "sure": "on", "action": "create"}
    with victim.expect_response(address) as answer:
        victim.evaluate(SUBMIT, [address, fields])
    assert answer.value.status == 403
    assert messages(server.database, room) == before
    assert rooms(server) == known
    assert shell(server.database, "SELECT count(*) FROM integervalue") == values
    page = victim.context.new_page()
    page.goto(f"{server.url}/{room}/settings")
    assert page.locator("h2").first.inner_text() == "Settings"
