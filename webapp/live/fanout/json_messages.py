"""The same changes as data, for bots and apps: the JSON texts of the subprotocol `binding.json`.

Their form is that of Django Channels' bindings, which is also how what is asked for comes in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from webapp.live.binding import Binding

SUBPROTOCOL = "binding.json"
"""The WebSocket subprotocol that a client of these asks for, or the query of the URL for one that can ask for none."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a run of changes made of one row. action: create, update or delete, whose row is None.

    since: the seq of the first of them. fields: those that may be new.
    """

    binding: Binding[Any]
    action: str
    pk: str
    since: int
    row: Any
    fields: Sequence[str]


def of_moves(moves: Sequence[Move], seq: int, is_placed: bool) -> list[str]:
    """A text for each; who has received some of them, and then none, has all up to the last one's seq.

    seq: of the run's last change. is_placed: the texts say a seq; who has not resumed yet may lack what came before it.
    """
    told = [move for move in moves if move.action != "update" or move.fields]
    ordered = sorted(told, key=lambda move: move.since)
    # Not the row's own last place: what the rows after it went through before that is still to come.
    places = [*(move.since - 1 for move in ordered[1:]), seq]
    return [_text(move, place if is_placed else None) for move, place in zip(ordered, places, strict=False)]


def of_lists(lists: Sequence[tuple[Binding[Any], Sequence[Any]]], is_placed: bool) -> list[str]:
    """All that there is, stream by stream, for who cannot be told what has changed: forget the rest."""
    texts = []
    # A seq before everything: who loses the connection in the middle asks for all of it again.
    seq = 0 if is_placed else None
    for binding, rows in lists:
        texts.append(encoded(_frame(binding, "reset", None, {}, seq)))
        texts += [_text(Move(binding, "create", str(row.pk), 0, row, binding.fields), seq) for row in rows]
    return texts


def resumed(seq: int, is_placed: bool) -> list[str]:
    """That the client has been told of everything up to `seq`; nothing for who has not asked yet."""
    return [encoded({"resumed": True, "seq": seq})] if is_placed else []


def encoded(value: Mapping[str, Any]) -> str:
    """`value` as JSON: times in ISO 8601, decimals as text."""
    return to_json(value, inf_nan_mode="null").decode()


def _text(move: Move, seq: int | None) -> str:
    data = move.binding.serialize(move.row, move.fields) if move.row is not None else {}
    # What stood in the log's place for a key need not be one.
    key = move.row.pk if move.row is not None else move.binding.rows.key_of(move.pk)
    pk = move.pk if key is None else key
    return encoded(_frame(move.binding, move.action, pk, data, seq))


def _frame(binding: Binding[Any], action: str, pk: Any, data: Mapping[str, Any], seq: int | None) -> dict[str, Any]:
    payload = {"action": action, "pk": pk, "data": data, "model": binding.label}
    frame = {"stream": binding.stream, "payload": payload}
    return frame if seq is None else {**frame, "seq": seq}
