"""The writer goes on after its connection to PostgreSQL was lost, however often."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from tests.support.databases import Database
from tests.support.patience import PATIENCE
from webapp.chat.models import Message
from webapp.live.writing.writer import Writer

TIMES = 15
"""More than the pool has connections: one that is not given back each time is missed in the end."""


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
async def test_a_writer_whose_connection_is_ended_again_and_again_writes_each_time_after(database: Database) -> None:
    rung: list[str] = []

    def ring(groups: Iterable[str]) -> None:
        rung.extend(groups)

    writer = Writer(ring)
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND application_name = '' AND query NOT LIKE '%pg_terminate%' AND query <> ''"
    )
    async with writer.working():
        for number in range(TIMES):
            await database.one.run(others)
            await insist(writer, f"number {number}")
    assert [row.message for row in await Message.all().order_by("id")] == [f"number {n}" for n in range(TIMES)]
    assert len(rung) == TIMES


async def insist(writer: Writer, text: str) -> None:
    """Say it until it is written, as who is told that the server is busy does. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await writer.create(Message(room_id=1, handle="a", message=text, nonce=text), "room:1", True)
            except Exception:
                await asyncio.sleep(0.05)
            else:
                return
