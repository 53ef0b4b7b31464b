"""Visitors in real windows go on on another device, take names that look alike, and have a computation done."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.axe import violations
from tests.browser.rooms import box, message, name_box, open_message, say
from tests.browser.screens import FITS
from tests.support.app_server import AppServer
from tests.support.window import Window

PHONE = ViewportSize(width=360, height=740)


def opened(window: Callable[..., Window], server: AppServer, room: str, **options: object) -> Page:
    page = window(**options).page
    page.goto(f"{server.url}/{room}/")
    expect(page.locator("#people-count")).not_to_be_empty()
    return page


def test_a_visitor_goes_on_on_a_phone_and_owns_the_room_there_too(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    laptop = opened(window, server, room)
    say(laptop, "from the laptop")
    laptop.locator(".people__button").click()
    laptop.get_by_role("link", name="You, and your other devices").click()
    laptop.get_by_role("button", name="Show the link").click()
    expect(laptop.get_by_role("img", name="QR code of the link")).to_be_visible()
    assert violations(laptop) == []
    link = laptop.locator(".settings__link a").get_attribute("href")
    assert link is not None
    phone = window(viewport=PHONE).page
    phone.goto(link)
    assert phone.evaluate(FITS)
    assert violations(phone) == []
    phone.get_by_role("button", name="Go on here").click()
    phone.wait_for_url(f"**/{room}/")
    expect(phone.get_by_role("link", name="Settings")).to_be_visible()
    open_message(phone, message(phone, "from the laptop").get_by_role("link"))
    phone.get_by_role("textbox", name="Change it").fill("changed on the phone")
    phone.get_by_role("button", name="Save").click()
    expect(phone.locator("#log li[id] p")).to_have_text("changed on the phone ✎")
    laptop.get_by_role("link", name="Back to the room").click()
    expect(laptop.locator("#log li[id] p")).to_have_text("changed on the phone ✎")


def test_a_name_like_another_one_is_marked_in_every_window(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    ann, mallory = opened(window, server, room), opened(window, server, room)
    name_box(ann).fill("Ann")
    say(ann, "it is me")
    expect(message(mallory, "it is me")).to_be_visible()
    name_box(mallory).fill("Аnn")
    say(mallory, "no, it is me")
    for page in (ann, mallory):
        sign = page.locator("#log li[id] b i")
        expect(sign).to_have_count(1)
        expect(sign).to_have_text("≈")
        expect(page.get_by_role("img", name="somebody else had a name like this here before")).to_be_visible()
        assert violations(page) == []


def test_a_browser_computes_what_a_room_asks_for_and_its_visitor_writes(
    server: AppServer, room: str, window: Callable[..., Window]
) -> None:
    owner = opened(window, server, room)
    owner.goto(f"{server.url}/{room}/settings")
    owner.get_by_label("Against programs").check()
    owner.locator("form", has=owner.get_by_label("Against programs")).get_by_role("button", name="Save").click()
    guest = opened(window, server, room, viewport=PHONE)
    box(guest).fill("half typed")
    box(guest).press("Enter")
    expect(guest.locator("#composer-error")).to_contain_text("small computation first")
    expect(box(guest)).to_have_value("half typed")
    guest.locator("#composer-error").get_by_role("link", name="Do it now").click()
    expect(guest.get_by_text("Done", exact=True)).to_be_visible()
    assert guest.evaluate(FITS)
    assert violations(guest) == []
    guest.get_by_role("button", name="Go on").click()
    guest.wait_for_url(f"**/{room}/")
    expect(guest.locator("#people-count")).not_to_be_empty()
    say(guest, "a person")
    owner.goto(f"{server.url}/{room}/")
    expect(message(owner, "a person")).to_be_visible()
