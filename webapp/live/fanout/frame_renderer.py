"""Makes frames from changes, by the bindings' templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from webapp.live.binding import Binding, Render
from webapp.live.changelog import Change
from webapp.live.contexts import Cursor, FrameChanges, Resumed
from webapp.live.database import BatchLoader
from webapp.live.fanout import json_messages
from webapp.live.fanout.broken_rows import leave_out, say_why, tried, without_broken
from webapp.live.fanout.frames import Frame
from webapp.live.fanout.moves import Move, Touched, collapse, move_of
from webapp.live.fanout.stream_changes import NOTHING, Shown, html_of, stream_of
from webapp.live.fanout.wording import EVERYBODY, Wording

MANY = 10
"""New rows in one catch-up from which on one query finds the row that they follow, instead of each page."""


class FrameRenderer:
    """Makes frames from changes, by the bindings' templates.

    Args:
        bindings: The bindings by stream.
        wording: Renders templates in the languages of the readers.
    """

    def __init__(self, bindings: Mapping[str, Binding[Any]], wording: Wording) -> None:
        self._bindings = bindings
        self._wording = wording
        self._loaders = {stream: BatchLoader(binding.rows.load) for stream, binding in bindings.items()}

    async def changed(
        self,
        group: str,
        changes: Sequence[Change],
        after: int,
        newest: dict[str, int],
        languages: Sequence[str] = (),
    ) -> Frame | None:
        """Return the frame for a run of changes, with each row once, as it is now.

        Args:
            group: The group's name.
            changes: The run: changes of the group without a gap, at least one.
            after: The sequence number before the first of them.
            newest: The highest primary key that pages show so far, for each windowed stream. The caller keeps it for
                the group; this method updates it.
            languages: The languages of the pages that follow the group.

        Returns:
            The frame; None: the group needs a reset instead.
        """
        render = self._wording.in_language(languages[0] if languages else EVERYBODY)
        streams: list[Shown] = []
        moves: list[Move] = []
        for stream, touched in collapse(changes).items():
            binding = self._bindings.get(stream)
            if binding is None:
                continue
            rows, shown = await self._shown(binding, group, touched, render)
            created = [pk for pk, one in touched.items() if one.is_new and pk in rows]
            last = await _last(binding, group, created, newest)
            if binding.window and await _enters_below(binding, group, created, newest):
                return None
            streams.append(Shown(binding, shown, last))
            told = await self._told(binding, group, rows)
            if told is rows:
                moves += [move for move, _ in shown]
            else:
                moves += [move_of(binding, pk, one, told.get(pk)) for pk, one in touched.items()]
        html = self._frames_of(streams, languages) if streams else {EVERYBODY: ""}
        return Frame(
            html, self._cursor, after, changes[-1].seq, partial(json_messages.of_moves, moves, changes[-1].seq)
        )

    def _frames_of(self, streams: Sequence[Shown], languages: Sequence[str]) -> Mapping[str, str]:
        """Return the HTML of a frame whose rows are rendered in the first of `languages`, by language."""
        first, *others = languages or (EVERYBODY,)
        html = self._frame_of(streams, self._wording.in_language(first))
        if not self._wording.speaks({"live/_frame.html", *(name for each in streams for name in each.templates)}):
            return {EVERYBODY: html}
        renders = {language: self._wording.in_language(language) for language in others}
        return {first: html} | {
            language: self._frame_of([each.rendered(render) for each in streams], render)
            for language, render in renders.items()
        }

    def _frame_of(self, streams: Sequence[Shown], render: Render) -> str:
        return render("live/_frame.html", FrameChanges([stream_of(each) for each in streams]))

    async def highest(self, group: str) -> dict[str, int]:
        """Return the highest primary key that `group` has now in each windowed stream."""
        return {binding.stream: await binding.rows.highest(group) for binding in self.of(group) if binding.window}

    async def reset(self, group: str, after: int, seq: int, languages: Sequence[str] = ()) -> Frame:
        """Return the frame that resets a group's lists.

        Args:
            group: The group's name.
            after: The sequence number from which a client needs the whole frame, if it cannot take it now.
            seq: The group's head, read before this call.
            languages: The languages of the pages that follow the group.
        """
        html = {}
        for language in languages or (EVERYBODY,):
            render = self._wording.in_language(language)
            html[language] = "".join([await self._list(binding, group, render) for binding in self.of(group)])
        lists = []
        for binding in self.of(group):
            rows = await binding.rows.shown(group)
            told = await self._told(binding, group, {str(row.pk): row for row in rows})
            lists.append((binding, list(told.values())))
        return Frame(html, self._cursor, after, seq, partial(json_messages.of_lists, lists))

    def resumed(self, frame: Frame | None, after: int, seq: int) -> Frame:
        """Return the frame that ends a catch-up: the missed changes, and the sign that the client is up to date.

        Args:
            frame: The missed changes, or a reset; None: the client missed nothing.
            after: The sequence number before the first missed change.
            seq: The sequence number that the client reaches.
        """
        missed = frame.html if frame else {EVERYBODY: ""}
        renders = {language: self._wording.in_language(language) for language in missed}
        return Frame(
            {
                language: missed[language] + render("live/_resumed.html", Resumed())
                for language, render in renders.items()
            },
            self._cursor,
            after,
            seq,
            lambda with_seq: [*(frame.messages(with_seq) if frame else ()), *json_messages.resumed(seq, with_seq)],
        )

    def of(self, group: str) -> list[Binding[Any]]:
        """Return the bindings whose rows the frames of `group` show."""
        return [binding for binding in self._bindings.values() if binding.scope(group) is not None]

    async def _shown(
        self, binding: Binding[Any], group: str, touched: Mapping[str, Touched], render: Render
    ) -> tuple[dict[str, Any], list[tuple[Move, Markup]]]:
        """Return the rows that can be rendered, by primary key, and each move with its HTML."""
        rows = await self._loaders[binding.stream].load((group, touched))

        def show(row: Any, like: str = "") -> Markup:
            pk = like or str(row.pk)
            return html_of(move_of(binding, pk, touched[pk], row), render)

        shown, failures = tried(show, rows.values())
        if failures:
            # If the other rows were rendered as new ones, a broken update template would look like a broken row, so
            # they are rendered with the move of the row that failed.
            another = partial(show, like=next(iter(failures)))
            is_new = await leave_out(binding, group, another, failures, bool(shown) and not binding.update_template)
            if is_new:
                rows = await self._loaders[binding.stream].load((group, touched))
                shown, failures = tried(show, rows.values())
            say_why(binding, failures)
            rows = {pk: row for pk, row in rows.items() if pk in shown}
        return rows, [(move_of(binding, pk, one, rows.get(pk)), shown.get(pk, NOTHING)) for pk, one in touched.items()]

    async def _told(self, binding: Binding[Any], group: str, rows: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the rows that can be serialized. Rows with plain fields always can, since reading checks them."""
        if not binding.may_fail_as_data:
            return rows

        def tell(row: Any) -> str:
            return json_messages.encoded(binding.serialize(row, binding.fields))

        told, failures = tried(tell, rows.values())
        if not failures:
            return rows
        try:
            if await leave_out(binding, group, tell, failures, bool(told)):
                rows = {**rows, **await binding.rows.read(failures)}
                told, failures = tried(tell, rows.values())
        except Exception:
            # Serializing fails for every row. If this raised, pages would get no frame either, so only JSON clients are
            # told of the failure, when they are sent the frame.
            return rows
        say_why(binding, failures)
        return {pk: row for pk, row in rows.items() if pk in told}

    async def _list(self, binding: Binding[Any], group: str, render: Render) -> str:
        try:
            return await binding.reset(group, render)
        except Exception:
            # If a binding renders its list itself, nothing here knows how to leave rows out of it, so the error is
            # raised.
            if type(binding).reset is not Binding.reset:
                raise
            return await without_broken(
                binding,
                group,
                await binding.rows.shown(group),
                render,
                lambda rows: binding.fragments.whole_list(rows, render),
            )

    def _cursor(self, cursor: str) -> str:
        return self._wording.render("live/_cursor.html", Cursor(cursor))


async def _last(binding: Binding[Any], group: str, created: Sequence[str], newest: Mapping[str, int]) -> int | None:
    """Return the primary key of the row that the rows `created` follow; None: the page finds each one's position."""
    known = newest.get(binding.stream)
    if known is None and binding.window and len(created) >= MANY:
        known = await binding.rows.highest(group, below=min(int(pk) for pk in created))
    return known


async def _enters_below(binding: Binding[Any], group: str, created: Sequence[str], newest: dict[str, int]) -> bool:
    # A row may come into the group with a key below the rows that open pages show: it moved here, or its key was drawn
    # long before its commit. If pages inserted it, it would be out of order with the history above, so they are reset.
    if not created:
        return False
    pks = sorted(int(pk) for pk in created)
    known = newest.get(binding.stream)
    newest[binding.stream] = max(pks[-1], known or 0)
    if known is not None and pks[0] > known:
        return False
    return await binding.rows.outside_window(group, pks[0], pks, known)
