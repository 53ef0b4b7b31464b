"""Makes frames from changes, by the bindings' templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from webapp.live.fanout.json_messages import Move

MANY = 10
"""Rows in one catch-up from which on it is worth a query to find out which row they follow."""
_NOTHING = Markup()


@dataclass(slots=True)
class _Touched:
    """What a run of changes did to a row. since: the seq of the first. columns: that updates changed, if known."""

    is_new: bool
    since: int
    columns: frozenset[str] | None


class FrameRenderer:
    """Makes frames from changes, by the bindings' templates."""

    def __init__(self, bindings: Mapping[str, Binding[Any]], render: Render) -> None:
        self._bindings = bindings
        self._render = render
        self._loaders = {stream: BatchLoader(binding.rows.load) for stream, binding in bindings.items()}

    async def changed(self, group: str, changes: Sequence[Change], after: int, newest: dict[str, int]) -> Frame | None:
        """The frame for a run of changes: each row once, as it is now; None when the list has to be shown afresh.

        `newest` is the caller's, per group: the highest primary key of each windowed stream that was shown so far.
        """
        streams = []
        moves: list[Move] = []
        for stream, touched in _collapse(changes).items():
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
                moves += [_move(binding, pk, one, told.get(pk)) for pk, one in touched.items()]
        html = self._render("live/_frame.html", FrameChanges(streams)) if streams else ""
        return Frame(
            html, self._cursor, after, changes[-1].seq, partial(json_messages.of_moves, moves, changes[-1].seq)
        )

    async def highest(self, group: str) -> dict[str, int]:
        """The highest primary key that `group` has now in each windowed stream."""
        return {binding.stream: await binding.rows.highest(group) for binding in self.of(group) if binding.window}

    async def reset(self, group: str, after: int, seq: int) -> Frame:
        """The frame that shows a group's lists anew."""
        html = [await self._list(binding, group) for binding in self.of(group)]
        lists = []
        for binding in self.of(group):
            rows = await binding.rows.shown(group)
            told = await self._told(binding, group, {str(row.pk): row for row in rows})
            lists.append((binding, list(told.values())))
        return Frame("".join(html), self._cursor, after, seq, partial(json_messages.of_lists, lists))

    def resumed(self, frame: Frame | None, after: int, seq: int) -> Frame:
        """The frame that ends a catch-up: what was missed, if anything, and the sign that the page is live again."""
        html = self._render("live/_resumed.html", Resumed())
        return Frame(
            frame.html + html if frame else html,
            self._cursor,
            after,
            seq,
            lambda is_placed: [*(frame.messages(is_placed) if frame else ()), *json_messages.resumed(seq, is_placed)],
        )

    def of(self, group: str) -> list[Binding[Any]]:
        """The bindings whose rows the frames of `group` show, to everybody in it."""
        return [binding for binding in self._bindings.values() if binding.scope(group) is not None]

    async def _shown(
        self, binding: Binding[Any], group: str, touched: Mapping[str, _Touched]
    ) -> tuple[dict[str, Any], list[tuple[Move, Markup]]]:
        """The rows that can be shown, by primary key, and each move with what it shows."""
        rows = await self._loaders[binding.stream].load((group, touched))

        def show(row: Any, like: str = "") -> Markup:
            pk = like or str(row.pk)
            return self._html(_move(binding, pk, touched[pk], row))

        shown, failures = tried(show, rows.values())
        if failures:
            # Another row is shown in the same way: what an update changes of it may have a template of its own.
            another = partial(show, like=next(iter(failures)))
            is_new = await leave_out(binding, group, another, failures, bool(shown) and not binding.update_template)
            if is_new:
                rows = await self._loaders[binding.stream].load((group, touched))
                shown, failures = tried(show, rows.values())
            say_why(binding, failures)
            rows = {pk: row for pk, row in rows.items() if pk in shown}
        return rows, [(_move(binding, pk, one, rows.get(pk)), shown.get(pk, _NOTHING)) for pk, one in touched.items()]

    async def _told(self, binding: Binding[Any], group: str, rows: Mapping[str, Any]) -> Mapping[str, Any]:
        """Those of `rows` that can be given as data; of fields alone all can, for they have been checked."""
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
            # It fails for every row, which is nothing to those who read pages: whoever reads data is told so.
            return rows
        say_why(binding, failures)
        return {pk: row for pk, row in rows.items() if pk in told}

    async def _list(self, binding: Binding[Any], group: str) -> str:
        try:
            return await binding.reset(group, self._render)
        except Exception:
            # A binding's own list leaves out by itself what cannot be rendered.
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
            changes.created.append(html)
        elif binding.update_template is None:
            changes.replaced.append((binding.element_id(move.pk), html))
        else:
            changes.updated.append(html)
    return changes


def _move(binding: Binding[Any], pk: str, touched: _Touched, row: Any) -> Move:
    if row is None:
        return Move(binding, "delete", pk, touched.since, None, ())
    if touched.is_new:
        return Move(binding, "create", pk, touched.since, row, binding.fields)
    columns = binding.model._meta.fields_db_projection
    changed = touched.columns
    fields = [name for name in binding.fields if changed is None or columns.get(name, name) in changed]
    return Move(binding, "update", pk, touched.since, row, fields)


def _collapse(changes: Sequence[Change]) -> dict[str, dict[str, _Touched]]:
    """Stream → primary key → what was done to it in this run; in the order of the first change."""
    streams: dict[str, dict[str, _Touched]] = {}
    for change in changes:
        touched = streams.setdefault(change.stream, {}).setdefault(change.pk, _Touched(False, change.seq, frozenset()))
        touched.is_new = touched.is_new or change.action == "create"
        if change.action == "update":
            touched.columns = _both(touched.columns, change.fields)
    return streams


def _both(some: frozenset[str] | None, more: frozenset[str] | None) -> frozenset[str] | None:
    return None if some is None or more is None else some | more


async def _last(binding: Binding[Any], group: str, created: Sequence[str], newest: Mapping[str, int]) -> int | None:
    """The primary key of the row after which the rows `created` are appended; None: each looks for its place."""
    known = newest.get(binding.stream)
    if known is None and binding.window and len(created) >= MANY:
        known = await binding.rows.highest(group, below=min(int(pk) for pk in created))
    return known


def _appended(binding: Binding[Any], moves: Sequence[Move], last: int | None) -> list[str]:
    if last is None:
        return []
    created = (int(move.pk) for move in moves if move.action == "create" and move.row is not None)
    return [binding.element_id(pk) for pk in sorted(created) if pk > last]


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
    return await binding.rows.outside_window(group, pks[0], pks, known)
