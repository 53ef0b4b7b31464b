"""`haiku-rooms serve` serves the whole product from the installed wheel, in whatever folder it is started."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.rooms import message, say, take_name
from tests.support.app_server import ROOT
from tests.support.window import Window
from tests.wheel.environment import Environment, InstalledServer


def serving(environment: Environment, folder: Path, **env: str) -> InstalledServer:
    """`haiku-rooms serve` in `folder`, to be started."""
    command = (environment.program("haiku-rooms"), "serve")
    return InstalledServer(folder.parent / "server", env, command=command, root=folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder."""
    made = tmp_path_factory.mktemp("product") / "empty"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def product(environment: Environment, folder: Path) -> Iterator[InstalledServer]:
    """The product, served in the empty folder."""
    with serving(environment, folder) as server:
        yield server
    server.check()


def test_what_one_says_in_a_room_another_reads(product: InstalledServer, window: Callable[..., Window]) -> None:
    ann, bob = window().page, window().page
    for page in (ann, bob):
        with page.expect_websocket():
            page.goto(f"{product.url}/silent-pond/")
    take_name(ann, "Ann")
    say(ann, "a frog jumps in")
    expect(message(bob, "a frog jumps in")).to_be_visible()


def test_every_static_file_that_a_page_names_is_there(product: InstalledServer) -> None:
    found = re.findall(r'(?:src|href)="(/static/[^"]+)"', httpx.get(f"{product.url}/silent-pond/").text)
    assert len(found) > 5
    assert {httpx.get(product.url + path.replace("&amp;", "&")).status_code for path in found} == {200}


def test_its_data_goes_into_that_folder_and_nothing_else_does(product: InstalledServer, folder: Path) -> None:
    assert product.url
    assert [path.name for path in folder.iterdir()] == ["data"]
    assert {"webapp.sqlite3", "secret_key"} <= {path.name for path in (folder / "data").iterdir()}


def test_a_theme_replaces_single_files(environment: Environment, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    for part in ("templates", "static"):
        (folder / "ours" / part).mkdir(parents=True)
    (folder / "ours" / "templates" / "about.html").write_text("<!DOCTYPE html><title>Our own rooms</title>")
    (folder / "ours" / "static" / "icon.svg").write_text("<svg/>")
    with serving(environment, folder, THEME="ours") as server, httpx.Client(base_url=server.url) as http:
        assert "Our own rooms" in http.get("/").text
        assert http.get("/static/icon.svg").text == "<svg/>"
        assert http.get("/static/css/tokens.css").text == (ROOT / "static" / "css" / "tokens.css").read_text(
            encoding="utf-8"
        )
        assert "Live values" in http.get("/values/").text
    server.check()


def test_a_shipped_theme_is_in_the_package_and_a_new_one_can_be_made(environment: Environment, tmp_path: Path) -> None:
    with serving(environment, tmp_path, THEME="terminal") as server:
        assert "/static/styles.css" in httpx.get(server.url).text
    done = environment.run("haiku-rooms", "theme", "new", "ocean", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    done = environment.run("haiku-rooms", "theme", "check", "--theme", "ocean", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "ocean is in order.\n")
    server.check()


def test_a_theme_that_has_nothing_to_replace_is_refused_in_words(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    for name, told in (("bare", "has neither templates/ nor static/"), ("nowhere", "there is no such theme")):
        done = environment.run("haiku-rooms", "serve", folder=tmp_path, env={"THEME": name})
        assert done.returncode == 2
        assert done.stdout.startswith(f"webapp: THEME={name}: ")
        assert told in done.stdout


def test_a_new_feature_needs_a_checkout(environment: Environment, tmp_path: Path) -> None:
    done = environment.run("haiku-rooms", "new", "todo", "title:str", folder=tmp_path)
    assert done.returncode == 2
    said = "`new` writes into a checkout of the project, and this is an installed package: run it in one"
    assert done.stdout == f"webapp: {said}\n"
    assert list(tmp_path.iterdir()) == []
