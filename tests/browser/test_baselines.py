"""Pages look as they are meant to, at two widths and in two schemes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.looks import ALLOWED, FOLDER, SCREENS, Screen, difference, draw, file_of, kinds, photograph, share
from tests.support.app_server import AppServer

KINDS = list(kinds())


@pytest.fixture(scope="module")
def developing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """A server in development, with the gallery."""
    with AppServer(tmp_path_factory.mktemp("developing"), {"DEVELOPMENT": "on"}) as running:
        yield running
    running.check()


CHANGES: dict[str, tuple[str, str]] = {
    "a button is another colour": ("button:last-of-type", "element.style.background = '#7a3f6f'"),
    "a button is gone": ("#composer > button", "element.remove()"),
    "a button says something else": ("#composer > button", "element.textContent = 'Post'"),
    "a name is missing": ("#chat li:last-child b", "element.remove()"),
    "a line is higher": ("#chat li:last-child", "element.style.paddingBlockEnd = '4px'"),
    "another font": ("html", "element.style.setProperty('--font', 'Noto Serif', 'important')"),
}


@pytest.mark.parametrize(("entry", "screen", "scheme"), KINDS, ids=[file_of(*each).stem for each in KINDS])
def test_an_entry_looks_as_it_is_meant_to(
    browser: Browser, developing: AppServer, tmp_path: Path, entry: str, screen: Screen, scheme: str
) -> None:
    file = file_of(entry, screen, scheme)
    assert file.exists(), "there is no such picture: bin/baselines draws it"
    picture, meant = draw(browser, developing, entry, screen, scheme), Image.open(file)
    found = share(meant, picture)
    if found > ALLOWED:
        picture.save(tmp_path / "now.png")
        if meant.size == picture.size:
            difference(meant, picture).save(tmp_path / "difference.png")
        pytest.fail(
            f"{entry} differs from {file.name} in {found:.2%} of its pixels; {tmp_path} shows it."
            " If it is meant to look so, run bin/baselines and commit what that draws."
        )


def test_there_is_no_picture_that_nothing_is_compared_with() -> None:
    assert {each.name for each in FOLDER.glob("*.png")} == {file_of(*each).name for each in KINDS}


def test_all_pictures_together_are_small() -> None:
    assert sum(each.stat().st_size for each in FOLDER.glob("*.png")) < 1_500_000


@pytest.fixture
def room(browser: Browser, developing: AppServer) -> Page:
    """A full room on a phone."""
    context = browser.new_context(bypass_csp=True, viewport=SCREENS[0].viewport, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{developing.url}/design/frame/chat/room.html?state=many&scheme=light")
    return page


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_eyes_see_is_found(room: Page, change: str) -> None:
    before = photograph(room)
    assert share(before, photograph(room)) == 0
    selector, script = CHANGES[change]
    room.eval_on_selector(selector, f"element => {{ {script} }}")
    assert share(before, photograph(room)) > ALLOWED
    room.context.close()


@pytest.mark.parametrize("shade", ["rgb(0 0 0 / 1%)", "rgb(255 255 255 / 2%)"])
def test_a_shade_that_no_eye_sees_is_allowed(room: Page, shade: str) -> None:
    before = photograph(room)
    room.eval_on_selector("body", f"element => {{ element.style.boxShadow = 'inset 0 0 0 999px {shade}' }}")
    assert share(before, photograph(room)) <= ALLOWED
    room.context.close()
