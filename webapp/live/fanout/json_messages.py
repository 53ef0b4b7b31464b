"""Changes as JSON texts of the subprotocol `binding.json`, for bots and apps.

The texts, and the requests of JSON clients, have the form of Django Channels' bindings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from webapp.live.binding import Binding
from webapp.live.fanout.moves import Move

SUBPROTOCOL = "binding.json"
"""The WebSocket subprotocol of JSON clients. A client that cannot name a subprotocol puts it into the URL's query."""


def of_moves(moves: Sequence[Move], seq: int, with_seq: bool) -> list[str]:
    """Return a text for each move. A client that has received the texts up to a `seq` lacks no change up to it.

    Args:
        moves: The moves of one run.
        seq: The sequence number of the run's last change.
        with_seq: Put a sequence number into each text. A client that has not resumed may lack earlier changes, so it
            gets none.
    """
    told = [move for move in moves if move.action != "update" or move.fields]
    ordered = sorted(told, key=lambda move: move.since)
    # If a text carried the sequence number of its own row's last change, a client that lost the connection after it
    # would miss earlier changes of the rows that follow, so each text goes only up to the next row's first change.
    reached = [*(move.since - 1 for move in ordered[1:]), seq]
    return [_text(move, each if with_seq else None) for move, each in zip(ordered, reached, strict=False)]


def of_lists(lists: Sequence[tuple[Binding[Any], Sequence[Any]]], with_seq: bool) -> list[str]:
    """Return a reset: for each stream, a text that empties the client's list, and a text for each row.

    Args:
        lists: The bindings, each with the rows of its list.
        with_seq: Put sequence number 0 into each text; see `of_moves`.
    """
    texts = []
    # If the texts carried the head, a client that lost the connection in the middle would lack the rest, so they carry
    # 0, which asks for a whole reset.
    seq = 0 if with_seq else None
    for binding, rows in lists:
        texts.append(encoded(_frame(binding, "reset", None, {}, seq)))
        texts += [_text(Move(binding, "create", str(row.pk), 0, row, binding.fields), seq) for row in rows]
    return texts


def resumed(seq: int, with_seq: bool) -> list[str]:
    """Return the text that ends a catch-up to `seq`; none for a client that has not resumed."""
    return [encoded({"resumed": True, "seq": seq})] if with_seq else []


def encoded(value: Mapping[str, Any]) -> str:
    """Return `value` as JSON, with times in ISO 8601 and decimals as text."""
    return to_json(value, inf_nan_mode="null").decode()


def _text(move: Move, seq: int | None) -> str:
    data = move.binding.serialize(move.row, move.fields) if move.row is not None else {}
    # Another program may have written something else than a key into the log; the text is sent as it is then.
    key = move.row.pk if move.row is not None else move.binding.rows.key_of(move.pk)
    pk = move.pk if key is None else key
    return encoded(_frame(move.binding, move.action, pk, data, seq))


def _frame(binding: Binding[Any], action: str, pk: Any, data: Mapping[str, Any], seq: int | None) -> dict[str, Any]:
    payload = {"action": action, "pk": pk, "data": data, "model": binding.label}
    frame = {"stream": binding.stream, "payload": payload}
    return frame if seq is None else {**frame, "seq": seq}
