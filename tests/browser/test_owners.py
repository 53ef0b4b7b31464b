"""An owner in one window, a visitor in another, at two processes: each act of the owner shows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, message, open_message, say, take_name
from tests.support.app_server import AppServer
from tests.support.window import Window

SIZE: ViewportSize = {"width": 360, "height": 740}
PHONE = {"viewport": SIZE}
DOOR = "the server responded with a status of 403"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[AppServer]]:
    """Two processes on one database."""
    folder = tmp_path_factory.mktemp("owners")
    with AppServer(folder / "a") as first, AppServer(folder / "b", database=first.database) as second:
        yield [first, second]
    for each in (first, second):
        each.check()


@pytest.fixture
def owner(servers: Sequence[AppServer], window: Callable[..., Window], room: str) -> Page:
    """The window of whoever made the room, at the first process."""
    page = window().page
    page.goto(f"{servers[0].url}/{room}/", wait_until="networkidle")
    take_name(page, "Olga")
    return page


@pytest.fixture
def guest(servers: Sequence[AppServer], window: Callable[..., Window], owner: Page, room: str) -> Page:
    """A phone at the second process."""
    opened = window(**PHONE)
    opened.allow(DOOR)
    opened.page.goto(f"{servers[1].url}/{room}/", wait_until="networkidle")
    take_name(opened.page, "Gus")
    return opened.page


def settings(owner: Page) -> None:
    owner.get_by_role("link", name="Settings").click()
    expect(owner.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_passphrase_shuts_a_window_at_another_process_and_lets_it_in_again(owner: Page, guest: Page) -> None:
    say(owner, "before the door")
    expect(message(guest, "before the door")).to_be_visible()
    settings(owner)
    owner.get_by_label("A passphrase.").fill("open sesame")
    owner.get_by_role("button", name="Set the passphrase").click()
    expect(guest.get_by_text("You may not follow this page any more.")).to_be_visible()
    expect(guest.locator("#log li")).to_have_count(0)
    expect(box(guest)).to_have_count(0)
    guest.get_by_role("link", name="Reload").click()
    expect(guest.get_by_role("heading", name="This room is closed")).to_be_visible()
    assert "before the door" not in guest.content()
    guest.get_by_label("Passphrase").fill("open sesami")
    guest.get_by_label("Passphrase").press("Enter")
    expect(guest.get_by_text("That is not the passphrase.")).to_be_visible()
    assert violations(guest) == []
    guest.get_by_label("Passphrase").fill("open sesame")
    guest.get_by_label("Passphrase").press("Enter")
    expect(message(guest, "before the door")).to_be_visible()
    say(guest, "I am in")
    owner.get_by_role("link", name="Back to the room").click()
    expect(message(owner, "I am in")).to_be_visible()


def test_whoever_knocks_is_let_in_from_the_bar_of_the_room(owner: Page, guest: Page) -> None:
    settings(owner)
    owner.get_by_label("People knock").check()
    owner.locator("form", has=owner.get_by_label("People knock")).get_by_role("button", name="Save").click()
    owner.get_by_role("link", name="Back to the room").click()
    expect(guest.get_by_text("You may not follow this page any more.")).to_be_visible()
    guest.get_by_role("link", name="Reload").click()
    guest.get_by_label("Your name").fill("Gus at the door")
    guest.get_by_role("button", name="Ask to come in").click()
    expect(guest.get_by_role("heading", name="You have knocked")).to_be_visible()
    expect(owner.locator("#knocks")).to_contain_text("Gus at the door")
    # What the owner is typing stays.
    box(owner).fill("half a sen")
    owner.get_by_role("button", name="Let in: Gus at the door").click()
    # The door opens by itself.
    expect(box(guest)).to_be_visible()
    expect(owner.locator("#knocks li")).to_have_count(0)
    expect(box(owner)).to_have_value("half a sen")
    say(guest, "thank you")
    expect(message(owner, "thank you")).to_be_visible()


def test_a_locked_room_takes_the_composer_away_from_visitors_alone(owner: Page, guest: Page) -> None:
    settings(owner)
    owner.get_by_label("Topic").fill("The boat")
    owner.locator("form", has=owner.get_by_label("Topic")).get_by_role("button", name="Save").click()
    expect(guest.locator("#policy")).to_contain_text("The boat")
    owner.get_by_label("Locked:").check()
    owner.locator("form", has=owner.get_by_label("Locked:")).get_by_role("button", name="Save").click()
    expect(guest.locator("#policy")).to_contain_text("Locked")
    expect(box(guest)).to_be_hidden()
    assert violations(guest) == []
    owner.get_by_role("link", name="Back to the room").click()
    say(owner, "an announcement")
    expect(message(guest, "an announcement")).to_be_visible()


def test_a_visitor_changes_a_message_and_the_owner_deletes_it_and_keeps_the_visitor_out(
    owner: Page, guest: Page
) -> None:
    say(guest, "something rood")
    open_message(guest, guest.locator("#chat li > a[href^=messages]").last)
    guest.get_by_label("Change it").fill("something rude")
    guest.get_by_role("button", name="Save").click()
    expect(message(owner, "something rude ✎")).to_be_visible()
    expect(message(guest, "something rude ✎")).to_be_visible()
    owner.locator("#chat li").last.hover()
    open_message(owner, owner.locator("#chat li > a[href^=messages]").last)
    expect(owner.get_by_label("Change it")).to_have_count(0)
    assert violations(owner) == []
    owner.get_by_label("And delete everything").check()
    owner.get_by_role("button", name="Keep out").click()
    expect(guest.get_by_text("You may not follow this page any more.")).to_be_visible()
    expect(owner.locator("#chat li")).to_have_count(0)
    guest.get_by_role("link", name="Reload").click()
    expect(guest.get_by_role("heading", name="You cannot come in here")).to_be_visible()


def test_settings_work_without_scripts_and_no_screen_is_wider_than_a_phone(
    servers: Sequence[AppServer], window: Callable[..., Window], room: str
) -> None:
    opened = window(java_script_enabled=False, **PHONE)
    page = opened.page
    page.goto(f"{servers[0].url}/{room}/")
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.get_by_label("Copy it now.")).to_have_value(f"{servers[0].url}/{room}/own?key=" + _key(page))
    page.get_by_label("Yes, with everything").check()
    page.get_by_role("button", name="Delete the room").click()
    expect(page).to_have_url(f"{servers[0].url}/")


def _key(page: Page) -> str:
    return page.get_by_label("Copy it now.").input_value().partition("?key=")[2]


def test_the_settings_have_no_barriers_on_a_phone(owner: Page) -> None:
    owner.set_viewport_size(SIZE)
    settings(owner)
    assert violations(owner) == []
    assert owner.evaluate("document.documentElement.scrollWidth") <= 360
