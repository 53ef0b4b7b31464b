"""Moves the sequence numbers of a restored database past every cursor of the time before.

A page that was open keeps the cursor that it had reached. If the restored log went on from its own, lower number, it
would reach that cursor again with other changes, and the page would miss those that came in between. So each group goes
on from the present millisecond: numbers start at the millisecond of a group's first change and grow by one with each
change, so no cursor is as high. Such a cursor is too far behind for a catch-up, so its page gets the whole list.

The one change that is left for each group is of no row. A process that serves the group finds it, sees that it does
not follow what it has sent, and sends every open page the whole list.
"""

from __future__ import annotations

import time

from webapp.live.database.namespace import LIVE, Namespace


def new_numbers(namespace: str = LIVE) -> list[str]:
    """The statements that move the numbers; SQLite and PostgreSQL take the same."""
    names, now = Namespace(namespace), str(time.time_ns() // 1_000_000)
    return [
        names.sql("DELETE FROM {live_change}"),
        # A group that changed more often than once a millisecond for all its life is ahead of the clock.
        names.sql("UPDATE {live_group} SET head = CASE WHEN head < {now} THEN {now} ELSE head + 1000000 END", now=now),
        names.sql("""
            INSERT INTO {live_change} (group_name, seq, stream, pk, action)
            SELECT name, head, '', '', 'update'
            FROM {live_group}
        """),
    ]
