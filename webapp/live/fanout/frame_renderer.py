"""Makes frames from changes, by the bindings' templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from webapp.live.binding import Binding, Render
from webapp.live.changelog import Change
from webapp.live.contexts import Cursor, FrameChanges, Resumed, StreamChanges
from webapp.live.database import BatchLoader
from webapp.live.fanout import json_messages
from webapp.live.fanout.broken_rows import leave_out, say_why, tried, without_broken
from webapp.live.fanout.frames import Frame
from webapp.live.fanout.moves import Move, Touched, collapse, move_of

MANY = 10
"""New rows in one catch-up from which on one query finds the row that they follow, instead of each page."""

_NOTHING = Markup()


class FrameRenderer:
    """Makes frames from changes, by the bindings' templates.

    Args:
        bindings: The bindings by stream.
        render: Renders a template with a context.
    """

    def __init__(self, bindings: Mapping[str, Binding[Any]], render: Render) -> None:
        self._bindings = bindings
        self._render = render
        self._loaders = {stream: BatchLoader(binding.rows.load) for stream, binding in bindings.items()}

    async def changed(self, group: str, changes: Sequence[Change], after: int, newest: dict[str, int]) -> Frame | None:
        """Return the frame for a run of changes, with each row once, as it is now.

        Args:
            group: The group's name.
            changes: The run: changes of the group without a gap, at least one.
            after: The sequence number before the first of them.
            newest: The highest primary key that pages show so far, for each windowed stream. The caller keeps it for
                the group; this method updates it.

        Returns:
            The frame; None: the group needs a reset instead.
        """
        streams = []
        moves: list[Move] = []
        for stream, touched in collapse(changes).items():
            binding = self._bindings.get(stream)
            if binding is None:
                continue
            rows, shown = await self._shown(binding, group, touched)
            created = [pk for pk, one in touched.items() if one.is_new and pk in rows]
            last = await _last(binding, group, created, newest)
            if binding.window and await _enters_below(binding, group, created, newest):
                return None
            streams.append(_stream(binding, shown, last))
            told = await self._told(binding, group, rows)
            if told is rows:
                moves += [move for move, _ in shown]
            else:
                moves += [move_of(binding, pk, one, told.get(pk)) for pk, one in touched.items()]
        html = self._render("live/_frame.html", FrameChanges(streams)) if streams else ""
        return Frame(
            html, self._cursor, after, changes[-1].seq, partial(json_messages.of_moves, moves, changes[-1].seq)
        )

    async def highest(self, group: str) -> dict[str, int]:
        """Return the highest primary key that `group` has now in each windowed stream."""
        return {binding.stream: await binding.rows.highest(group) for binding in self.of(group) if binding.window}

    async def reset(self, group: str, after: int, seq: int) -> Frame:
        """Return the frame that resets a group's lists.

        Args:
            group: The group's name.
            after: The sequence number from which a client needs the whole frame, if it cannot take it now.
            seq: The group's head, read before this call.
        """
        html = [await self._list(binding, group) for binding in self.of(group)]
        lists = []
        for binding in self.of(group):
            rows = await binding.rows.shown(group)
            told = await self._told(binding, group, {str(row.pk): row for row in rows})
            lists.append((binding, list(told.values())))
        return Frame("".join(html), self._cursor, after, seq, partial(json_messages.of_lists, lists))

    def resumed(self, frame: Frame | None, after: int, seq: int) -> Frame:
        """Return the frame that ends a catch-up: the missed changes, and the sign that the client is up to date.

        Args:
            frame: The missed changes, or a reset; None: the client missed nothing.
            after: The sequence number before the first missed change.
            seq: The sequence number that the client reaches.
        """
        html = self._render("live/_resumed.html", Resumed())
        return Frame(
            frame.html + html if frame else html,
            self._cursor,
            after,
            seq,
            lambda with_seq: [*(frame.messages(with_seq) if frame else ()), *json_messages.resumed(seq, with_seq)],
        )

    def of(self, group: str) -> list[Binding[Any]]:
        """Return the bindings whose rows the frames of `group` show."""
        return [binding for binding in self._bindings.values() if binding.scope(group) is not None]

    async def _shown(
        self, binding: Binding[Any], group: str, touched: Mapping[str, Touched]
    ) -> tuple[dict[str, Any], list[tuple[Move, Markup]]]:
        """Return the rows that can be rendered, by primary key, and each move with its HTML."""
        rows = await self._loaders[binding.stream].load((group, touched))

        def show(row: Any, like: str = "") -> Markup:
            pk = like or str(row.pk)
            return self._html(move_of(binding, pk, touched[pk], row))

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
        return rows, [(move_of(binding, pk, one, rows.get(pk)), shown.get(pk, _NOTHING)) for pk, one in touched.items()]

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

    async def _list(self, binding: Binding[Any], group: str) -> str:
        try:
            return await binding.reset(group, self._render)
        except Exception:
            # If a binding renders its list itself, nothing here knows how to leave rows out of it, so the error is
            # raised.
            if type(binding).reset is not Binding.reset:
                raise
            return await without_broken(
                binding,
                group,
                await binding.rows.shown(group),
                self._render,
                lambda rows: binding.fragments.whole_list(rows, self._render),
            )

    def _html(self, move: Move) -> Markup:
        if move.action == "update" and move.binding.update_template is not None:
            return move.binding.fragments.partials(move.row, move.fields, self._render)
        if move.action == "create" and move.binding.create_template is not None:
            return move.binding.fragments.arrival(move.row, self._render)
        return move.binding.fragments.element(move.row, self._render)

    def _cursor(self, cursor: str) -> str:
        return self._render("live/_cursor.html", Cursor(cursor))


def _stream(binding: Binding[Any], shown: Sequence[tuple[Move, Markup]], last: int | None) -> StreamChanges:
    appended = _appended(binding, [move for move, _ in shown], last)
    changes = StreamChanges(binding.target, last, appended, [], [], [], [])
    for move, html in shown:
        if move.row is None:
            changes.deleted.append(binding.element_id(move.pk))
        elif move.action == "create":
            # The partials of a create template say themselves where the element goes.
            (changes.created if binding.create_template is None else changes.updated).append(html)
        elif binding.update_template is None:
            changes.replaced.append((binding.element_id(move.pk), html))
        else:
            changes.updated.append(html)
    return changes


async def _last(binding: Binding[Any], group: str, created: Sequence[str], newest: Mapping[str, int]) -> int | None:
    """Return the primary key of the row that the rows `created` follow; None: the page finds each one's position."""
    known = newest.get(binding.stream)
    if known is None and binding.window and len(created) >= MANY:
        known = await binding.rows.highest(group, below=min(int(pk) for pk in created))
    return known


def _appended(binding: Binding[Any], moves: Sequence[Move], last: int | None) -> list[str]:
    if last is None or binding.create_template is not None:
        return []
    created = (int(move.pk) for move in moves if move.action == "create" and move.row is not None)
    return [binding.element_id(pk) for pk in sorted(created) if pk > last]


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
