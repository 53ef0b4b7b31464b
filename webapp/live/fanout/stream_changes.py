"""The changes of one stream in a frame: each row that moved, with its HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from webapp.live.binding import Binding, Render
from webapp.live.contexts import StreamChanges
from webapp.live.fanout.moves import Move

NOTHING = Markup()
"""The HTML of a row that there is no longer."""


class Shown(NamedTuple):
    """The moves of one stream, each with its HTML.

    Attributes:
        binding: The stream's binding.
        moves: The moves, each with its HTML.
        last: As in StreamChanges.
    """

    binding: Binding[Any]
    moves: Sequence[tuple[Move, Markup]]
    last: int | None

    @property
    def templates(self) -> Iterator[str]:
        """The templates that render the rows."""
        for move, _ in self.moves:
            if move.row is not None:
                yield _template(move)

    def rendered(self, render: Render) -> Shown:
        """Return the same moves with their HTML in another language."""
        moves = [(move, NOTHING if move.row is None else html_of(move, render)) for move, _ in self.moves]
        return self._replace(moves=moves)


def html_of(move: Move, render: Render) -> Markup:
    """Return the HTML of a move whose row there is."""
    if _is_partial(move):
        return move.binding.fragments.partials(move.row, move.fields, render)
    if _is_arrival(move):
        return move.binding.fragments.arrival(move.row, render)
    return move.binding.fragments.element(move.row, render)


def stream_of(shown: Shown) -> StreamChanges:
    """Return the changes of one stream on a page."""
    binding, moves, last = shown
    appended = _appended(binding, [move for move, _ in moves], last)
    changes = StreamChanges(binding.target, last, appended, [], [], [], [])
    for move, html in moves:
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


def _is_partial(move: Move) -> bool:
    return move.action == "update" and move.binding.update_template is not None


def _is_arrival(move: Move) -> bool:
    return move.action == "create" and move.binding.create_template is not None


def _template(move: Move) -> str:
    if _is_partial(move):
        return move.binding.update_template or ""
    return (move.binding.create_template or "") if _is_arrival(move) else move.binding.template


def _appended(binding: Binding[Any], moves: Sequence[Move], last: int | None) -> list[str]:
    if last is None or binding.create_template is not None:
        return []
    created = (int(move.pk) for move in moves if move.action == "create" and move.row is not None)
    return [binding.element_id(pk) for pk in sorted(created) if pk > last]
