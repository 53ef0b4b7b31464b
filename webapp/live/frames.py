"""What one socket send carries: the fragments that bring a page from one place in the log to a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from websockets.frames import Frame as WebSocketFrame
from websockets.frames import Opcode

from webapp.live.binding import Binding, Render
from webapp.live.changes import Change
from webapp.live.contexts import Cursor, FrameChanges, Resumed, StreamChanges


class Frame:
    """A rendered frame, shared by all that it is sent to. It covers its group's changes after `after`, up to `seq`."""

    __slots__ = ("_cursor", "_encoded", "_html", "after", "seq")

    def __init__(self, html: str, cursor: str, after: int, seq: int) -> None:
        self.after = after
        self.seq = seq
        self._html = html
        self._cursor = cursor
        self._encoded: dict[bool, bytes] = {}

    def text(self, resumed: bool) -> str:
        """The HTML. A page that has not resumed yet gets no cursor: it may still miss what came before."""
        return self._html + self._cursor if resumed else self._html

    def encoded(self, resumed: bool) -> bytes:
        """The same as the bytes of a WebSocket frame, encoded once for everybody."""
        encoded = self._encoded.get(resumed)
        if encoded is None:
            frame = WebSocketFrame(Opcode.TEXT, self.text(resumed).encode())
            encoded = self._encoded[resumed] = frame.serialize(mask=False)
        return encoded


class FrameRenderer:
    """Makes frames from changes, by the bindings' templates."""

    def __init__(self, bindings: Mapping[str, Binding[Any]], render: Render) -> None:
        self._bindings = bindings
        self._render = render

    async def changed(self, group: str, changes: Sequence[Change], after: int, newest: dict[str, int]) -> Frame | None:
        """The frame for a run of changes: each row once, as it is now; None when the list has to be shown afresh.

        `newest` is the caller's, per group: the highest primary key of each windowed stream that was shown so far.
        """
        seq = changes[-1].seq
        streams = []
        for stream, pks in _collapse(changes).items():
            binding = self._bindings.get(stream)
            if binding is None:
                continue
            rows = await binding.load(group, pks)
            created = [pk for pk, is_new in pks.items() if is_new and pk in rows]
            if binding.window and await _enters_below(binding, group, created, newest):
                return None
            streams.append(self._stream(binding, pks, rows))
        html = self._render("live/_frame.html", FrameChanges(streams)) if streams else ""
        return Frame(html, self._cursor(seq), after, seq)

    async def highest(self, group: str) -> dict[str, int]:
        """The highest primary key that `group` has now in each windowed stream."""
        return {
            stream: await binding.highest(group)
            for stream, binding in self._bindings.items()
            if binding.window and binding.scope(group) is not None
        }

    async def afresh(self, group: str, after: int, seq: int) -> Frame:
        """The frame that shows a group's lists anew."""
        parts = [
            await binding.afresh(group, self._render)
            for binding in self._bindings.values()
            if binding.scope(group) is not None
        ]
        return Frame("".join(parts), self._cursor(seq), after, seq)

    def resumed(self, frame: Frame | None, after: int, seq: int) -> Frame:
        """The frame that ends a catch-up: what was missed, if anything, and the sign that the page is live again."""
        missed = frame.text(resumed=False) if frame else ""
        return Frame(missed + self._render("live/_resumed.html", Resumed()), self._cursor(seq), after, seq)

    def _stream(self, binding: Binding[Any], pks: Mapping[str, bool], rows: Mapping[str, Any]) -> StreamChanges:
        # Autoescaped by the template, as all that is rendered.
        html = {pk: Markup(self._render(binding.template, binding.context(row))) for pk, row in rows.items()}  # noqa: S704
        return StreamChanges(
            target=binding.target,
            created=[html[pk] for pk, is_new in pks.items() if is_new and pk in html],
            updated=[(binding.element_id(pk), html[pk]) for pk, is_new in pks.items() if not is_new and pk in html],
            deleted=[binding.element_id(pk) for pk in pks if pk not in html],
        )

    def _cursor(self, seq: int) -> str:
        return self._render("live/_cursor.html", Cursor(str(seq)))


def _collapse(changes: Sequence[Change]) -> dict[str, dict[str, bool]]:
    """Stream → primary key → whether the row was created in this run; in the order of the first change."""
    streams: dict[str, dict[str, bool]] = {}
    for change in changes:
        pks = streams.setdefault(change.stream, {})
        pks[change.pk] = pks.get(change.pk, False) or change.action == "create"
    return streams


async def _enters_below(binding: Binding[Any], group: str, created: Sequence[str], newest: dict[str, int]) -> bool:
    # A row may enter below what open pages show (it moved here, or its id was drawn long before its commit):
    # inserted into their list it would stand out of order with the history above, so the list is shown anew.
    if not created:
        return False
    pks = sorted(int(pk) for pk in created)
    known = newest.get(binding.stream)
    newest[binding.stream] = max(pks[-1], known or 0)
    if known is not None and pks[0] > known:
        return False
    return await binding.outside_window(group, pks[0], pks)
