"""Does to a page, on the server, as a partial does to an open page: the gallery's frames run no scripts.

htmx puts what stands in `<hx-partial hx-target="…">` at its target, and what stands in `<hx-upsert>` into a list. Here
the last id or class of its selector names the target, which is enough for one page in one state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from webapp.design.gallery.elements import Element, elements_of

_ID = re.compile(r"#([\w-]+)")
_CLASS = re.compile(r"\.([\w-]+)")


def put(page: str, html: str, inside: str = "") -> str:
    """Return a page after a partial has come.

    Args:
        page: The page's HTML.
        html: The partial's HTML.
        inside: Selector of the element that gets what stands in no `<hx-partial>`; empty: no element does.
    """
    parts = [each for each in elements_of(html) if each.depth == 0 and each.tag in ("hx-partial", "hx-upsert")]
    if inside.startswith("#"):
        page = _swapped(page, inside, "innerHTML", _without(html, parts))
    for part in parts:
        content, target = html[part.inner : part.inner_end], part.attributes.get("hx-target", "")
        if part.tag == "hx-upsert":
            page = _upserted(page, target, content)
        else:
            page = _swapped(page, target, part.attributes.get("hx-swap", "innerHTML"), content.strip("\n"))
    return page


def _without(html: str, parts: Sequence[Element]) -> str:
    for part in reversed(parts):
        html = html[: part.start] + html[part.end :]
    return html


def _swapped(page: str, selector: str, swap: str, content: str) -> str:
    target = _find(page, selector)
    if target is None:
        return page
    if swap == "delete":
        content, start, end = "", target.start, target.end
    elif swap.startswith("outer"):
        start, end = target.start, target.end
    elif swap == "beforeend":
        start = end = target.inner_end
    else:
        start, end = target.inner, target.inner_end
    return page[:start] + content + page[end:]


def _upserted(page: str, selector: str, content: str) -> str:
    """Return the page with each of the new elements in place of that with its id, or else at the end of the list."""
    for each in (each for each in elements_of(content) if each.depth == 0):
        html, own = content[each.start : each.end], f"#{each.attributes.get('id', '')}"
        if own != "#" and _find(page, own) is not None:
            page = _swapped(page, own, "outerHTML", html)
        else:
            page = _swapped(page, selector, "beforeend", html)
    return page


def _find(page: str, selector: str) -> Element | None:
    """Return the element that the first alternative of a selector means, or None."""
    last = _last_compound(next(_split(selector, ","), ""))
    if found := _ID.match(last):
        return next((each for each in elements_of(page) if each.attributes.get("id") == found[1]), None)
    if found := _CLASS.match(last):
        return next((each for each in elements_of(page) if found[1] in each.attributes.get("class", "").split()), None)
    return None


def _last_compound(selector: str) -> str:
    return [each for each in _split(selector.strip(), " >") if each][-1:][0] if selector.strip() else ""


def _split(selector: str, marks: str) -> Iterator[str]:
    """Yield the parts of a selector between some marks that stand in no brackets."""
    depth, part = 0, ""
    for each in selector:
        depth += (each in "([") - (each in ")]")
        if each in marks and depth == 0:
            yield part
            part = ""
        else:
            part += each
    yield part
