"""Makes the tables and triggers of an app that has no migrations of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tortoise import Tortoise

from webapp.live.binding import Declaration
from webapp.live.changelog import ChangeLog
from webapp.live.database import connect, migrating


class NotMigrated(Exception):
    """The database lacks tables or triggers. The text names the command that makes them."""


class Declares(Protocol):
    """The part of `Live` that says what the database must have."""

    database_url: str
    namespace: str
    declarations: Sequence[Declaration[Any]]
    models: Sequence[str]


async def prepare(live: Declares, make: bool) -> None:
    """Make the tables and triggers that `live` needs, or check that they are there.

    Args:
        live: The declarations and the database.
        make: Whether to make missing tables and triggers. Existing tables stay as they are.

    Raises:
        NotMigrated: Tables or triggers are missing, and `make` is false.
        UnusableURL: The file of an SQLite database cannot be used.
    """
    config = connect.tortoise_config(live.database_url, live.models, pool=1, namespace=live.namespace)
    if make:
        async with migrating(live.database_url), connect.connected(config) as connection:
            await Tortoise.generate_schemas(safe=True)
            await ChangeLog(connection, live.namespace).install(live.declarations)
        return
    async with connect.connected(config) as connection:
        if not await ChangeLog(connection, live.namespace).is_installed(live.declarations):
            raise NotMigrated(
                "the database is not up to date: run `python -m webapp.live migrate MODULE:NAME`, such as app:live."
            )
