"""Finds messages by the index that the database keeps of them, whichever program writes them."""

from __future__ import annotations

from typing import Any, NamedTuple

from webapp.chat import Message, Room
from webapp.chat.models import PAGE, SHOWN
from webapp.live.database import fill
from webapp.search.asked import Asked
from webapp.search.matching import Matching, Value, on_postgres, on_sqlite


class Found(NamedTuple):
    """Messages that a search found.

    Attributes:
        messages: The messages, newest first, PAGE at most.
        before: The id of the last of them, with which to ask for older ones; None: there are none.
    """

    messages: list[Message]
    before: int | None


async def find_messages(room: Room, asked: Asked, before: int | None = None) -> Found:
    """Return the newest messages of a room that have what is asked for.

    Args:
        room: The room.
        asked: What they have.
        before: The id below which they are; None: the newest ones.
    """
    db = Message._meta.db
    dialect = db.capabilities.dialect
    values: list[Any] = []

    def value(each: Any) -> str:
        values.append(each)
        return f"{'?' if dialect == 'sqlite' else '$'}{len(values)}"

    matching = on_sqlite(room.id, asked, value) if dialect == "sqlite" else on_postgres(room.id, asked, value)
    rows = await db.execute_query_dict(_sql(matching, asked, before, value), values)
    ids = [row["id"] for row in rows]
    messages = await Message.filter(id__in=ids[:PAGE], room_id=room.id).only(*SHOWN).order_by("-id") if ids else []
    # Unreadable messages are left out. If they did not count, older ones could not be reached.
    return Found(list(messages), ids[PAGE - 1] if len(ids) > PAGE else None)


def _sql(matching: Matching, asked: Asked, before: int | None, value: Value) -> str:
    conditions = list(matching.conditions)
    # Pairs of letters say that each pair is there; a longer text may still stand nowhere.
    longer = [term.words[0] for term in asked.terms if term.is_unspaced and len(term.words[0]) > 2]
    conditions += [f"{matching.position}(message.message, {value(text)}) > 0" for text in longer]
    if asked.since is not None:
        conditions.append(f"message.timestamp >= {value(matching.moment(asked.since))}")
    if asked.until is not None:
        conditions.append(f"message.timestamp < {value(matching.moment(asked.until))}")
    if before is not None:
        conditions.append(f"message.id < {value(before)}")
    return fill(
        """
        SELECT message.id
        FROM {tables}
        WHERE {conditions}
        ORDER BY {order} DESC
        LIMIT {limit}
        """,
        {
            "tables": matching.tables,
            "conditions": "\nAND ".join(conditions),
            "order": matching.order,
            "limit": str(PAGE + 1),
        },
    )
