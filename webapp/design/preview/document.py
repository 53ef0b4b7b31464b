"""The changes that an HTML document needs in development: more in its text, and marks for the morph.

htmx morphs an open page into the page as it is now. What visitors and frames have put into the page must stay:

- typed texts: the page sends them along, and the new page gets them as its values,
- what frames filled in: an element that was rendered empty, and is so again, keeps its children,
- `<details>` that are open: `open` is no difference.
"""

from __future__ import annotations

import html as markup
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

KEEPS = "data-preview-keeps"
"""The attribute of an element whose children a morph leaves as they are."""

_ATTRIBUTES = r"(?:\s+[^\s\"'<>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*"
_EMPTY = re.compile(r"<([a-z][\w-]*)(?P<attributes>[^<]*)>(?=\s*</\1>)")
_ID = re.compile(r"\sid=[\"']?([^\s\"'>]+)")
_NAME = re.compile(r"\sname=[\"']?([^\s\"'>]+)")
_TYPE = re.compile(r"\stype=[\"']?([\w-]+)")
_VALUE = re.compile(r"\svalue=(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_INPUT = re.compile(rf"<input(?P<attributes>{_ATTRIBUTES})\s*(?P<end>/?>)")
_TEXTAREA = re.compile(rf"(?P<start><textarea(?P<attributes>{_ATTRIBUTES})\s*>)(?P<text>.*?)(?=</textarea>)", re.DOTALL)
_CONFIG = re.compile(r"(?P<start><meta name=\"htmx-config\"\s+content=\")(?P<config>[^\"]*)(?=\")")
_NOSCRIPT = re.compile(r"(?P<start><noscript\b[^>]*>).*?(?P<end></noscript>)", re.DOTALL)
_HEAD = re.compile(r"<head(?:\s[^>]*)?>(?P<head>.*?)</head>", re.DOTALL)
_BODY = re.compile(rf"<body(?P<attributes>{_ATTRIBUTES})\s*>(?P<body>.*)</body>", re.DOTALL)
_PLAIN_SHEET = re.compile(r"(?P<start><link rel=\"stylesheet\" href=\")/static/(?P<path>[^\"?]+\.css)(?=\")")
_SOCKET = re.compile(rf"<[a-z][\w-]*(?=\s){_ATTRIBUTES}?\s+(?:data-)?hx-ws:connect=")

_NOT_TYPED = ("hidden", "checkbox", "radio", "file", "submit", "button", "image", "reset", "password")

CONFIG = {"extensions": "ws, upsert, preload", "history": False, "includeIndicatorCSS": False}
"""htmx's configuration on a page that has none of its own."""


class Document(NamedTuple):
    """A page in parts: what is in its head, the attributes of its body, and what is in its body."""

    head: str
    attributes: str
    body: str


def parts_of(html: str) -> Document | None:
    """Return the parts of a page; None: it is no whole page."""
    head, body = _HEAD.search(html), _BODY.search(html)
    return Document(head["head"], body["attributes"], body["body"]) if head and body else None


def is_page(html: str) -> bool:
    """Return whether `html` is a whole page, rather than a fragment."""
    return "</body>" in html and "</head>" in html


def without_noscript(html: str) -> str:
    """Empty the elements for browsers without scripts.

    htmx parses what it gets as a browser without scripts does. A refresh in such an element would reload the page.
    """
    return _NOSCRIPT.sub(r"\g<start>\g<end>", html)


def has_socket(html: str) -> bool:
    """Return whether an element of the page opens a socket."""
    return _SOCKET.search(html) is not None


def empty_ids(html: str) -> Sequence[str]:
    """Return the ids of the elements without content."""
    return [found[1] for each in _EMPTY.finditer(html) if (found := _ID.search(each["attributes"]))]


def with_kept(html: str, ids: Collection[str]) -> str:
    """Mark the empty elements with one of `ids`, so that a morph leaves their children as they are."""

    def mark(found: re.Match[str]) -> str:
        id_of = _ID.search(found["attributes"])
        return f"{found[0][:-1]} {KEEPS}>" if id_of and id_of[1] in ids else found[0]

    return _EMPTY.sub(mark, html)


def with_element(html: str, element: str) -> str:
    """Put `element` at the end of the body."""
    before, end, after = html.rpartition("</body>")
    return f"{before}{element}{end}{after}"


def with_versions(html: str, url: Callable[[str], str]) -> str:
    """Give plain links to style sheets the URL that changes with the sheet."""
    return _PLAIN_SHEET.sub(lambda found: f"{found['start']}{markup.escape(url(found['path']))}", html)


def with_config(html: str) -> str:
    """Have htmx keep what is open and what frames filled in when it morphs the page."""
    if _CONFIG.search(html):
        return _CONFIG.sub(lambda found: f"{found['start']}{_config(markup.unescape(found['config']))}", html)
    meta = f'<meta name="htmx-config" content="{_config(json.dumps(CONFIG))}">'
    return html.replace("</head>", f"{meta}</head>", 1)


def with_typed(html: str, typed: Mapping[str, Sequence[str]]) -> str:
    """Give the fields that one types in the texts `typed`, by their names, in the order of the page."""
    left = {name: list(texts) for name, texts in typed.items()}

    def text_for(attributes: str) -> str | None:
        name = _NAME.search(attributes)
        texts = left.get(markup.unescape(name[1])) if name else None
        return texts.pop(0) if texts else None

    def field(found: re.Match[str]) -> str:
        kind = _TYPE.search(found["attributes"])
        text = None if kind and kind[1].lower() in _NOT_TYPED else text_for(found["attributes"])
        if text is None:
            return found[0]
        attributes = _VALUE.sub("", found["attributes"])
        return f'<input{attributes} value="{markup.escape(text)}"{found["end"]}'

    def area(found: re.Match[str]) -> str:
        text = text_for(found["attributes"])
        # The parser drops a line break right after the tag.
        return found[0] if text is None else f"{found['start']}\n{markup.escape(text, quote=False)}"

    return _TEXTAREA.sub(area, _INPUT.sub(field, html))


def _config(text: str) -> str:
    config: dict[str, Any] = json.loads(text)
    config["morphIgnore"] = [*config.get("morphIgnore", ["data-htmx-powered"]), "open"]
    config["morphSkipChildren"] = f"{config.get('morphSkipChildren', '[hx-morph-skip-children]')}, [{KEEPS}]"
    config.setdefault("noSwap", [204, 304, "4xx", "5xx"])
    return markup.escape(json.dumps(config))
