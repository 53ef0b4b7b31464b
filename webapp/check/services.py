"""Checks that ask the database and the relay."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from webapp.app import bindings
from webapp.check.finding import Finding
from webapp.db import connected, is_current
from webapp.live.changelog.log import ChangeLog
from webapp.live.database import postgres_connect
from webapp.live.database.database_errors import DATABASE_AWAY
from webapp.live.database.postgres_connect import Pooling
from webapp.live.database.postgres_url import PostgresURL, is_postgres
from webapp.live.database.service_urls import RELAYS, UnusableURL, sqlite_path
from webapp.live.database.sqlite_file import prepare_file
from webapp.settings import Settings

logger = logging.getLogger(__name__)

SKEW = 5.0
"""Seconds by which the clocks of this machine and of the database may differ."""

RELAY_TIMEOUT = 5.0
"""Seconds that the relay may take to answer."""


async def check_database(settings: Settings, release: bool) -> list[Finding]:
    """Find out whether the database is up to date, takes writes and has the same time.

    Args:
        settings: Say where it is.
        release: `migrate` runs next, so that what is missing is no error.
    """
    url = settings.database_url
    if not is_postgres(url):
        if not sqlite_path(url).exists():
            return []  # the first start makes it
        prepare_file(sqlite_path(url))
    current = await is_current(url, bindings())
    async with connected(url, pool=1) as log:
        findings = await (check_writes(log) if current else check_tables())
        return [*findings, *check_migrations(url, current, release), *(await check_clock(url))]


def check_migrations(url: str, current: bool, release: bool) -> Sequence[Finding]:
    """Refuse a PostgreSQL that is not up to date, unless `migrate` runs next; `serve` mends an SQLite file itself."""
    if current or release or not is_postgres(url):
        return []
    return [Finding("The database lacks tables or triggers of this release: run `python -m webapp migrate`.")]


async def check_writes(log: ChangeLog) -> list[Finding]:
    """Make a write of next to nothing, which a full disk, a quota or a read-only server refuses."""
    try:
        await log.probe()
    except DATABASE_AWAY as error:
        return [Finding(f"No write to the database can succeed: {line(error)}")]
    return []


class _UndoError(Exception):
    """Ends a transaction without a trace."""


async def check_tables() -> list[Finding]:
    """Make a table and take it back: `migrate` could not do without that right."""
    try:
        async with in_transaction() as connection:
            await connection.execute_script("CREATE TABLE webapp_check (id INTEGER)")
            raise _UndoError  # noqa: TRY301
    except _UndoError:
        return []
    except DATABASE_AWAY as error:
        return [Finding(f"No table can be made in the database, so it cannot be migrated: {line(error)}")]


async def check_clock(url: str) -> list[Finding]:
    """Compare the clock of a PostgreSQL, whose times stand in the rows, with this machine's, which renders them."""
    if not is_postgres(url):
        return []
    before = time.time()
    rows = await get_connection("default").execute_query_dict(
        "SELECT extract(epoch FROM clock_timestamp())::float8 AS now"
    )
    return clock_findings(before, rows[0]["now"], time.time())


def clock_findings(before: float, theirs: float, after: float) -> list[Finding]:
    """Judge what the database's clock said between two looks at our own, all in seconds."""
    skew = max(before - theirs, theirs - after, 0.0)
    if skew <= SKEW:
        return []
    way = "ahead of" if theirs > after else "behind"
    text = f"The clock of the database is {skew:.0f} s {way} this machine's: times on the pages will be wrong."
    return [Finding(f"{text} Set both by NTP.", fatal=False)]


async def check_relay(settings: Settings) -> list[Finding]:
    """Find out whether rings can travel between the processes; without a relay they show each other's changes late."""
    url = settings.broadcast_url
    if is_postgres(url):
        return await _check_postgres_relay(settings)
    return [] if url == "memory://" else await _check_redis(url)


async def _check_postgres_relay(settings: Settings) -> list[Finding]:
    try:
        await require_relay(settings)
    except UnusableURL as error:
        return [Finding(str(error))]
    return []


async def _check_redis(url: str) -> list[Finding]:
    client: Any = redis.asyncio.from_url(url, socket_connect_timeout=RELAY_TIMEOUT, socket_timeout=RELAY_TIMEOUT)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error).upper().replace(" ", "_"):
            return [
                Finding(
                    "The certificate of the Redis was signed by nobody this machine knows. If that is your platform's"
                    " own, set REDIS_TLS_VERIFY=off."
                )
            ]
        told = f"The Redis cannot be reached ({line(error)}). Until it can, changes show up to a second later."
        return [Finding(told, fatal=False)]
    finally:
        await client.aclose()
    return []


async def require_relay(settings: Settings) -> None:
    """Find out whether the processes can ring each other. Raises UnusableURL when they need to and cannot."""
    if not is_postgres(settings.broadcast_url):
        return
    url = PostgresURL.parse(settings.broadcast_url)
    try:
        found = await postgres_connect.pooling(url, postgres_connect.STARTING)
    except DATABASE_AWAY:
        # The relay tries again for as long as the app runs; the database itself is asked next.
        return
    if found is Pooling.TRANSACTION:
        told = f"PostgreSQL is reached through a pooler in transaction mode, where LISTEN hears nothing: {RELAYS}."
        if settings.workers > 1:
            raise UnusableURL(f"WEB_CONCURRENCY={settings.workers}, and {told}")
        logger.warning("%s Until then other machines' changes show a second later.", told)


def line(error: BaseException) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())[:300] or repr(error)
