"""The gallery over HTTP: in development only, from what stands in the folders of templates at that moment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from lxml import html as lxml_html

from tests.design.folders import write
from tests.support.app_server import AppServer
from webapp.design.fixtures import load
from webapp.live.templating import TEMPLATES

LISTED = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
SHIPPED = load([TEMPLATES])


@pytest.fixture(scope="module")
def theme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A theme's folder of templates, which tests may write to."""
    folder: Path = tmp_path_factory.mktemp("theme") / "templates"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def gallery(theme: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server in development, with that theme."""
    env = {"DEVELOPMENT": "on", "THEME": str(theme.parent)}
    with AppServer(tmp_path_factory.mktemp("gallery"), env) as server, httpx.Client(base_url=server.url) as client:
        yield client
    server.check()


def page(client: httpx.Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.text


@pytest.mark.parametrize("path", ["/design/", "/design/templates/about.html", "/design/frame/about.html?state=plain"])
def test_a_deployment_has_no_gallery_and_no_room_of_that_name(server: AppServer, path: str) -> None:
    assert httpx.get(server.url + path).status_code == 404
    assert httpx.post(f"{server.url}/design/", data={"message": "x"}).status_code in (404, 405)


def test_the_list_names_every_template_and_every_state(gallery: httpx.Client) -> None:
    found = page(gallery, "/design/")
    links = {unescape(each) for each in re.findall(r'href="(/design/templates/[^"]+)"', found)}
    assert {f"/design/templates/{name}" for name in LISTED} <= links
    states = {f"/design/templates/{each.template}#{each.state}" for each in SHIPPED.entries}
    assert states <= links


def test_a_link_narrows_the_list_to_a_folder(gallery: httpx.Client) -> None:
    found = page(gallery, "/design/?folder=room_values")
    named = set(re.findall(r'<a href="/design/templates/([^"#]+)"', found))
    assert named == {name for name in LISTED if name.startswith("room_values/")}
    assert '<a href="/design/templates/about.html"' in page(gallery, "/design/?folder=")


@pytest.mark.parametrize("template", LISTED)
def test_a_template_has_a_page_with_each_of_its_states(gallery: httpx.Client, template: str) -> None:
    found = page(gallery, f"/design/templates/{template}")
    states = list(SHIPPED.of(template))
    assert re.findall(r'<h3 id="([^"]+)"', found) == [each.state for each in states]
    assert "This cannot be shown" not in re.sub(r"<details>.*?</details>", "", found, flags=re.DOTALL)
    for variable in SHIPPED.contexts[template].variables:
        assert f"<code>{variable.name}</code>" in found


def frames(found: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<iframe src="([^"]+)"', found)]


def test_each_state_is_shown_at_two_widths_and_in_two_schemes(gallery: httpx.Client) -> None:
    found = page(gallery, "/design/templates/chat/_message.html")
    assert len(frames(found)) == 4 * len(list(SHIPPED.of("chat/_message.html")))
    assert found.count('loading="lazy"') == len(frames(found))
    narrowed = page(gallery, "/design/templates/chat/_message.html?width=phone&scheme=dark")
    assert len(frames(narrowed)) == len(frames(found)) / 4
    assert all("scheme=dark" in each for each in frames(narrowed))


def test_a_frame_may_stand_in_pages_of_the_app_alone_and_runs_nothing(gallery: httpx.Client) -> None:
    answer = gallery.get(frames(page(gallery, "/design/templates/chat/room.html"))[0])
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy
    assert "script-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "<script" not in answer.text
    assert "autofocus" not in answer.text


@pytest.mark.parametrize("path", ["/", "/design/", "/design/templates/about.html", "/somewhere/"])
def test_no_other_page_may_stand_in_a_frame(gallery: httpx.Client, path: str) -> None:
    answer = gallery.get(path)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_frame_has_the_scheme_that_is_asked_for(gallery: httpx.Client, scheme: str) -> None:
    for entry in ("error.html?state=away", "chat/room.html?state=one", "chat/_message.html?state=one"):
        document = page(gallery, f"/design/frame/{entry}&scheme={scheme}")
        assert re.search(rf'<link rel="stylesheet" href="/static/css/design/{scheme}\.css\?v=\w+"></head>', document)


def test_what_pages_are_sent_is_shown_as_what_it_does_to_one(gallery: httpx.Client) -> None:
    document = lxml_html.fromstring(page(gallery, "/design/frame/live/_typing.html?state=one"))
    assert document.xpath("//h1")[0].text == "quiet-meadow-4071"
    assert "".join(document.xpath("//*[@id='typing']")[0].itertext()) == "Ben is typing…"


def test_a_page_shows_what_has_come_to_it(gallery: httpx.Client) -> None:
    document = lxml_html.fromstring(page(gallery, "/design/frame/chat/room.html?state=reconnecting"))
    assert "Reconnecting" in "".join(document.xpath("//*[@id='banner']")[0].itertext())
    assert len(document.xpath("//*[@id='people-list']/li")) == 5


def test_a_room_of_5000_messages_is_there(gallery: httpx.Client) -> None:
    assert page(gallery, "/design/frame/chat/room.html?state=five-thousand").count("<li id=") == 5000


@pytest.mark.parametrize(
    "path",
    [
        "/design/nothing",
        "/design/templates/none.html",
        "/design/templates/../README.md",
        "/design/source/fixtures.toml",
        "/design/frame/about.html",
        "/design/frame/about.html?state=none",
        "/design/frame/none.html?state=one",
    ],
)
def test_anything_else_is_not_there(gallery: httpx.Client, path: str) -> None:
    assert gallery.get(path).status_code == 404


def test_the_text_of_a_template_is_one_link_away(gallery: httpx.Client) -> None:
    found = page(gallery, "/design/templates/chat/_message.html")
    assert 'href="/design/source/chat/_message.html"' in found
    answer = gallery.get("/design/source/chat/_message.html")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == (TEMPLATES / "chat" / "_message.html").read_text(encoding="utf-8")


def test_a_new_partial_is_there_at_once_and_says_that_it_has_no_sample_data(gallery: httpx.Client, theme: Path) -> None:
    write(theme, avatar="<p>{{ message.handle }} {{ picture }}</p>")
    assert "No sample data yet" in page(gallery, "/design/?folder=own")
    found = page(gallery, "/design/templates/own/_avatar.html")
    assert "This template has no sample data yet" in found
    assert '["own/_avatar.html".one]' in unescape(found)
    assert 'picture = "text: What it is."' in unescape(found)
    assert "Ann Sample picture" in page(gallery, frames(found)[0])


def test_a_saved_fixture_shows_at_the_next_request(gallery: httpx.Client, theme: Path) -> None:
    write(theme, '["own/_saved.html".one]\nname = "Zoe"\n', saved="<p>{{ name }}</p>")
    before = frames(page(gallery, "/design/templates/own/_saved.html"))[0]
    assert "Zoe" in page(gallery, before)
    write(theme, '["own/_saved.html".one]\nname = "Yan"\n')
    after = frames(page(gallery, "/design/templates/own/_saved.html"))[0]
    assert before != after, "the address of a frame changes with what it shows"
    assert "Yan" in page(gallery, after)


def test_a_mistake_in_the_sample_data_is_told_on_the_pages(gallery: httpx.Client, theme: Path) -> None:
    write(theme, '["own/_saved.html".one]\nnme = "Zoe"\n', saved="<p>{{ name }}</p>")
    for path in ("/design/", "/design/templates/own/_saved.html"):
        found = unescape(page(gallery, path))
        assert "fixtures.toml:2</code>" in found
        assert "has no “nme”. Did you mean “name”?" in found
    write(theme, '["own/_saved.html".one]\nname = "Zoe"\n')
    assert "nme" not in page(gallery, "/design/")


def test_a_template_that_cannot_be_rendered_is_told_and_the_others_are_there(
    gallery: httpx.Client, theme: Path
) -> None:
    write(theme, broken="{{ message.handle.nothing.at.all }}", half="{% if %}")
    for name in ("broken", "half"):
        assert "This cannot be shown" in page(gallery, f"/design/templates/own/_{name}.html")
    assert "own/_broken.html" in page(gallery, "/design/")
    for name in ("broken", "half"):
        (theme / "own" / f"_{name}.html").unlink()
