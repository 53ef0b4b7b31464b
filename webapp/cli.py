"""python -m webapp serve | migrate | new | work | tasks."""

from __future__ import annotations

import argparse
import asyncio
import logging
import logging.config
import os
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import replace

from webapp import server
from webapp.app import bindings, create_app
from webapp.db import connected, is_current, migrate
from webapp.environment import shown
from webapp.live.database import (
    DATABASE_AWAY,
    RELAYS,
    Pooling,
    PostgresURL,
    UnusableURL,
    is_postgres,
    keep_private,
    postgres_connect,
    sqlite_path,
    wait_longer,
    without_effect,
)
from webapp.live.templating import STATIC
from webapp.protocols import Limits
from webapp.scaffold.blueprint import Unusable
from webapp.scaffold.command import new
from webapp.scaffold.kinds import KINDS
from webapp.settings import DATA, Settings, SettingsError
from webapp.tasks import hurry, listing, rows
from webapp.worker import run_until_stopped

logger = logging.getLogger(__name__)

UNUSABLE = 2
"""Exit status for an option or a setting that cannot be used."""

_NO_DATABASE: tuple[type[Exception], ...] = (sqlite3.Error, *DATABASE_AWAY)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The command line without the program's name; None: the process's own.

    Returns:
        The exit status. 0: done; 1: failed; UNUSABLE: an option or a setting cannot be used.
    """
    options = _parser().parse_args(arguments)
    if options.command == "new":
        return _new(options)
    logging.config.dictConfig(server.LOGGING)
    given = {"HOST": "host", "PORT": "port", "WEB_CONCURRENCY": "workers"}
    # Worker processes read the environment, so options go there; otherwise workers would use other settings.
    if options.command == "serve" and options.port and "PORT" not in os.environ:
        os.environ.setdefault("HOST", "127.0.0.1")
    os.environ.update({name: value for name, key in given.items() if (value := getattr(options, key, None))})
    serving = options.command in ("serve", "work")
    try:
        settings = Settings.from_env(os.environ, serving=serving)
        if options.command == "tasks":
            return asyncio.run(_tasks(settings, options.now))
        if ignored := without_effect(settings.database_url):
            logger.warning("DATABASE_URL: ignoring what has no effect here: %s", ascii(", ".join(ignored))[1:-1][:500])
        ready = asyncio.run(_prepare(settings, serving))
    except (SettingsError, UnusableURL) as error:
        return _fail(str(error), UNUSABLE)
    except _NO_DATABASE as error:
        return _fail(f"the database cannot be used: {error!r}", 1)
    if not ready:
        return _fail("the database is not up to date: run `python -m webapp migrate` first.", 1)
    return {"serve": _serve, "work": _work, "migrate": _done}[options.command](settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the app (on SQLite after migrating)")
    serve.add_argument("--host", help="address to listen on, instead of HOST")
    serve.add_argument("--port", help="port to listen on, 0 for any free one, instead of PORT")
    serve.add_argument("--workers", help="processes, instead of WEB_CONCURRENCY")
    commands.add_parser("migrate", help="create the database, or bring it up to date")
    commands.add_parser("work", help="run the background tasks in this process, and serve nobody")
    tasks = commands.add_parser("tasks", help="list the background tasks: when each is due, and how it went")
    tasks.add_argument("--now", metavar="NAME", help="first make this task due now")
    scaffold = commands.add_parser("new", help="write a feature into this checkout: a live list with its page")
    scaffold.add_argument("name", help="of one row, such as todo: the page is then at /todos/")
    scaffold.add_argument("fields", nargs="+", metavar="field:type", help=f"types: {', '.join(KINDS)}")
    scaffold.add_argument(
        "--by", metavar="column:type", help="one page for each value: with list:int, /todos/7/ and so on"
    )
    scaffold.add_argument("--dry-run", action="store_true", help="name the files, and write none")
    return parser


def _new(options: argparse.Namespace) -> int:
    try:
        written = new(options.name, options.fields, options.by, dry_run=options.dry_run)
    except Unusable as error:
        return _fail(str(error), UNUSABLE)
    print("\n".join(written))
    return 0


async def _prepare(settings: Settings, serving: bool) -> bool:
    """Bring the database up to date. A PostgreSQL that is to be served is only checked; `migrate` changes it.

    Returns:
        Whether the database is up to date.

    Raises:
        UnusableURL: A URL in the settings cannot be used.
    """
    # A platform that replaces processes keeps the old ones, and their connections, until the new ones answer. If a new
    # process did not wait for a free connection, it could not start.
    wait_longer(postgres_connect.STARTING)
    if serving and is_postgres(settings.database_url):
        await _require_relay(settings)
        return await is_current(settings.database_url, bindings())
    await migrate(settings.database_url, bindings())
    if not is_postgres(settings.database_url):
        keep_private(sqlite_path(settings.database_url), DATA)
    return True


async def _require_relay(settings: Settings) -> None:
    """Check that the processes can ring each other.

    Raises:
        UnusableURL: There are several processes, and the PostgreSQL cannot carry rings.
    """
    if not is_postgres(settings.broadcast_url):
        return
    url = PostgresURL.parse(settings.broadcast_url)
    try:
        found = await postgres_connect.pooling(url, postgres_connect.STARTING)
    except _NO_DATABASE:
        # If an outage of the relay ended the command, the app could not start. The relay retries while the app runs.
        return
    if found is Pooling.TRANSACTION:
        told = f"PostgreSQL is reached through a pooler in transaction mode, where LISTEN hears nothing: {RELAYS}."
        if settings.workers > 1:
            raise UnusableURL(f"WEB_CONCURRENCY={settings.workers}, and {told}")
        logger.warning("%s Until then other machines' changes show a second later.", told)


def _serve(settings: Settings) -> int:
    if not (STATIC / "vendor").is_dir():
        return _fail("static/vendor is missing: run `python hatch_build.py` to fetch the browser libraries.", 1)
    # RATE_LIMIT=off switches off every limit by address, so the cap on connections goes too.
    per_address = settings.max_connections_per_address if settings.rate_limit else 0
    limits = Limits(settings.max_connections, per_address)
    return server.run("webapp.app:app_from_environment", settings.host, settings.port, settings.workers, limits)


def _done(settings: Settings) -> int:
    return 0


def _work(settings: Settings) -> int:
    if settings.tasks == "off":
        return _fail("TASKS=off: no process may run background tasks. Set TASKS=worker.", UNUSABLE)
    # It serves nobody, so one connection is enough, and the web processes may have the others.
    worker = replace(settings, tasks="web", database_pool=1)
    asyncio.run(run_until_stopped(create_app(worker)))
    return 0


async def _tasks(settings: Settings, now: str | None) -> int:
    async with connected(settings.database_url, pool=1):
        if now is not None and not await hurry(now):
            return _fail(
                f"there is no task {shown(now)}: `python -m webapp tasks` lists those that there are.", UNUSABLE
            )
        print(listing(await rows()))
    return 0


def _fail(reason: str, status: int) -> int:
    print(f"webapp: {reason}", file=sys.stderr)
    return status
