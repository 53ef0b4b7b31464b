"""Changes that no page needs any more are forgotten, of every group, watched or not."""

from __future__ import annotations

from tests.support.databases import Database
from webapp.live.changelog.log import KEPT, KEPT_DAYS, PRUNED

BEHIND = PRUNED + 10


async def fill(database: Database, room: int, count: int, days_ago: int = 0) -> None:
    """Have a group log that many changes."""
    postgres = database.kind == "postgres"
    numbers = (
        f"SELECT i FROM generate_series(1, {count}) AS n (i)"
        if postgres
        else f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n"
    )
    await database.one.run(
        f"INSERT INTO message (room_id, handle, message) SELECT {room}, 'a', 'm' FROM ({numbers}) AS numbers"
    )
    at = f"now() - interval '{days_ago} days'" if postgres else f"datetime('now', '-{days_ago} days')"
    if days_ago:
        await database.one.run(f"UPDATE live_change SET at = {at} WHERE group_name = 'room:{room}'")


async def prune(database: Database) -> dict[str, int]:
    """Forget all that may be forgotten; how many changes of each group."""
    pruned: dict[str, int] = {}
    after = ""
    while groups := await database.log.prunable(after):
        for name, last in groups:
            while count := await database.log.prune_to(name, last):
                assert count <= PRUNED
                pruned[name] = pruned.get(name, 0) + count
        after = groups[-1][0]
    return pruned


async def test_each_group_keeps_its_newest_changes(database: Database) -> None:
    await database.empty()
    await fill(database, 1, KEPT + BEHIND)
    await fill(database, 2, KEPT)
    assert await prune(database) == {"room:1": BEHIND}
    changes = await database.changes(1)
    assert len(changes) == KEPT
    assert changes[-1].seq == await database.log.head("room:1")
    assert len(await database.changes(2)) == KEPT
    assert await prune(database) == {}


async def test_old_changes_go_and_the_head_stays(database: Database) -> None:
    await database.empty()
    await fill(database, 1, 3, KEPT_DAYS + 1)
    await fill(database, 2, 3, KEPT_DAYS - 1)
    head = await database.log.head("room:1")
    await fill(database, 1, 1)
    assert await prune(database) == {"room:1": 3}
    assert [change.seq for change in await database.changes(1)] == [head + 1]
    assert len(await database.changes(2)) == 3
