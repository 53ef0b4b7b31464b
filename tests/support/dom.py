"""What htmx 4 does to a document with the frames of a socket, in Python, as far as this app's frames go.

Whatever is not modelled raises `NotModelled`, so that a new kind of frame is noticed rather than passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement, HTMLParser, document_fromstring, fragment_fromstring

KEY = "data-key"
SELECTOR = re.compile(
    r"#([\w-]+)(:placeholder-shown|\.htmx-request|:has\(> \[data-key=\"\d+\"\]:last-child\)|:has\(#[\w-]+\))?"
)

Key = tuple[tuple[int, int | str], ...]
"""What a list's children are sorted by."""


class NotModelled(AssertionError):
    """A frame or a selector holds something that this model has no rule for."""


class DuplicateId(AssertionError):
    """Two elements of the document have the same id, so swaps would reach only the first."""


@dataclass(frozen=True)
class _Swap:
    """One step of a frame. htmx finds all partials' targets before its first step, an upsert's at its own."""

    part: HtmlElement
    target: HtmlElement | None


class Document:
    """A parsed page that frames change. Elements are found by id alone, and an id may stand in it once."""

    def __init__(self, html: str) -> None:
        self.root = document_fromstring(html, parser=_parser())
        self._ids: dict[str, HtmlElement] = {}
        # By a list's id, a key that none of its children exceeds: what sorts after it can be appended unseen.
        self._bounds: dict[str, Key] = {}
        self._index(self.root)

    def by_id(self, name: str) -> HtmlElement | None:
        """The element with this id, or None."""
        return self._ids.get(name)

    def apply(self, frame: str) -> None:
        """Do to the document what a browser's page does with `frame`; raises NotModelled and DuplicateId."""
        if not frame.lstrip().startswith("<"):
            raise NotModelled(f"a frame that is no markup, which htmx may take for JSON: {frame[:80]!r}")
        for swap in [self._swap(part) for part in _parts(frame)]:
            if swap.part.tag == "hx-upsert":
                self._upsert(swap.part)
            elif swap.target is not None:
                self._replace(swap.target, swap.part)

    def _swap(self, part: HtmlElement) -> _Swap:
        return _Swap(part, self._find(part.get("hx-target") or "#" + part.get("id", "")))

    def _find(self, selector: str) -> HtmlElement | None:
        matches = [SELECTOR.fullmatch(each) for each in selector.split(", ")]
        if not all(matches):
            raise NotModelled(f"the selector {selector!r}")
        found = (self._match(match[1], match[2]) for match in matches if match is not None)
        return next((element for element in found if element is not None), None)

    def _match(self, name: str, state: str | None) -> HtmlElement | None:
        found = self.by_id(name)
        if found is None or state is None:
            return found
        if state.startswith(":has(#"):
            inner = self.by_id(state.removeprefix(":has(#").removesuffix(")"))
            return found if inner is not None and found in inner.iterancestors() else None
        if state.startswith(":has"):
            last = found[-1].get(KEY) if len(found) else None
            return found if last is not None and f'"{last}"' in state else None
        # Nothing is ever on its way to this page but frames, so no element waits for an answer (htmx-request).
        return found if state == ":placeholder-shown" and not (found.get("value") or found.text) else None

    def _upsert(self, part: HtmlElement) -> None:
        target = self._find(part.get("hx-target", ""))
        if target is None:
            return
        order = tuple(part.get(name) for name in ("key", "sort", "prepend"))
        # Without a key htmx compares ids: a message's preview (`aside`) and then its reactions (`footer`) come last.
        others = (child for child in target if child.tag not in ("aside", "footer"))
        is_plain = order == (None, None, None) and not any(child.get("id") for child in others)
        if order != (KEY, "", None) and not is_plain:
            raise NotModelled(f"an upsert that is not sorted upwards by {KEY}")
        for new in list(part):
            existing = self.by_id(new.get("id", ""))
            if existing is not None:
                self._take_out(existing, new)
            else:
                self._insert(target, new)

    def _insert(self, target: HtmlElement, new: HtmlElement) -> None:
        new.tail = None
        after = None
        if _key(new) and _key(new) < self._bound(target):
            after = next((child for child in target if _key(new) < _key(child)), None)
        if after is None:
            target.append(new)
        else:
            after.addprevious(new)
        self._index(new)
        self._stretch(target, new)

    def _bound(self, target: HtmlElement) -> Key:
        name = target.get("id", "")
        if name not in self._bounds:
            self._bounds[name] = max((_key(child) for child in target), default=())
        return self._bounds[name]

    def _stretch(self, parent: HtmlElement, *new: HtmlElement) -> None:
        name = parent.get("id", "")
        if name in self._bounds:
            self._bounds[name] = max(self._bounds[name], *(_key(each) for each in new), ())

    def _replace(self, target: HtmlElement, part: HtmlElement) -> None:
        style = part.get("hx-swap", "innerHTML")
        if style in ("innerHTML", "innerMorph"):  # in the end the same elements
            self._fill(target, part)
        elif style == "outerHTML":
            self._take_out(target, *part, text=part.text)
        elif style == "delete":
            self._take_out(target)
        elif style == "beforeend":
            self._append(target, *part)
        else:
            raise NotModelled(f"the swap style {style!r}")

    def _append(self, target: HtmlElement, *new: HtmlElement) -> None:
        target.extend(new)
        if self._attached(target):
            self._index(*new)
            self._stretch(target, *new)

    def _fill(self, target: HtmlElement, part: HtmlElement) -> None:
        attached = self._attached(target)
        for child in target:
            self._forget(child)
        self._bounds.pop(target.get("id", ""), None)
        text, children = part.text, list(part)
        target[:] = children
        target.text = text
        if attached:
            self._index(*children)

    def _take_out(self, old: HtmlElement, *new: HtmlElement, text: str | None = None) -> None:
        parent = old.getparent()
        if parent is None:
            return
        attached = self._attached(old)
        self._forget(old)
        _add_text_before(old, text)
        for element in new:
            old.addprevious(element)
        old.drop_tree()
        if attached:
            self._index(*new)
            self._stretch(parent, *new)

    def _attached(self, element: HtmlElement) -> bool:
        return element is self.root or self.root in element.iterancestors()

    def _index(self, *elements: HtmlElement) -> None:
        for name, element in _identified(*elements):
            if name in self._ids:
                raise DuplicateId(name)
            self._ids[name] = element

    def _forget(self, removed: HtmlElement) -> None:
        for name, element in _identified(removed):
            if self._ids.get(name) is element:
                del self._ids[name]
                self._bounds.pop(name, None)


def _parser() -> HTMLParser:
    return HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True, encoding="utf-8")


def _parts(frame: str) -> list[HtmlElement]:
    whole = fragment_fromstring(frame, create_parent="hx-frame", parser=_parser())
    loose = [whole.text, *(part.tail for part in whole)]
    if any(text and text.strip() for text in loose):
        raise NotModelled(f"a frame with text of its own: {frame[:80]!r}")
    for element in whole.iterdescendants():
        swaps = element.tag in ("hx-upsert", "hx-partial")
        if swaps is not (element.getparent() is whole) or element.get("hx-swap-oob") is not None:
            raise NotModelled(f"{element!r} where it stands in a frame: {frame[:80]!r}")
    return list(whole)


def _identified(*elements: HtmlElement) -> Iterator[tuple[str, HtmlElement]]:
    for element in elements:
        for each in element.iter():
            name = each.get("id")
            if name:
                yield name, each


def _add_text_before(element: HtmlElement, text: str | None) -> None:
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        previous.tail = (previous.tail or "") + (text or "")
    elif parent is not None:
        parent.text = (parent.text or "") + (text or "")


def _key(element: HtmlElement) -> Key:
    """What the browser's numeric comparison sorts by; empty, which sorts before everything, without a key."""
    words = re.findall(r"\d+|\D+", element.get(KEY) or element.get("id") or "")
    return tuple((0, int(word)) if word.isdecimal() else (1, word) for word in words)
