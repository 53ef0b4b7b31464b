"""python -m webapp serve | migrate | check | backup | restore | export | new."""

from __future__ import annotations

import argparse
import asyncio
import logging
import logging.config
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from webapp import server
from webapp.app import bindings
from webapp.backup import CopyError
from webapp.check import check_all
from webapp.check.services import require_relay
from webapp.copies import NotFoundError, export, make_backup, restore_backup
from webapp.db import is_current, migrate
from webapp.live.database import postgres_connect
from webapp.live.database.database_errors import DATABASE_AWAY
from webapp.live.database.postgres_pool import wait_longer
from webapp.live.database.postgres_url import is_postgres
from webapp.live.database.service_urls import UnusableURL, sqlite_path, without_effect
from webapp.live.database.sqlite_file import keep_private
from webapp.live.templating.folders import STATIC
from webapp.protocols.limits import Limits
from webapp.scaffold.blueprint import Unusable
from webapp.scaffold.command import new
from webapp.scaffold.kinds import KINDS
from webapp.settings import DATA, Settings, SettingsError

logger = logging.getLogger(__name__)

UNUSABLE = 2
"""Exit status for an option or a setting that cannot be used."""

_NO_DATABASE: tuple[type[Exception], ...] = (sqlite3.Error, *DATABASE_AWAY)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 done, 1 failed, 2 a wrong option or setting."""
    options = _parser().parse_args(arguments)
    if options.command == "new":
        return _new(options)
    logging.config.dictConfig(server.LOGGING)
    return _COMMANDS.get(options.command, _run)(options)


def _run(options: argparse.Namespace) -> int:
    """`serve` and `migrate`."""
    given = {"HOST": "host", "PORT": "port", "WEB_CONCURRENCY": "workers"}
    # Into the environment itself, where worker processes read it.
    if options.command == "serve" and options.port and "PORT" not in os.environ:
        os.environ.setdefault("HOST", "127.0.0.1")
    os.environ.update({name: value for name, key in given.items() if (value := getattr(options, key, None))})
    serving = options.command == "serve"
    try:
        settings = Settings.from_env(os.environ, serving=serving)
        if ignored := without_effect(settings.database_url):
            logger.warning("DATABASE_URL: ignoring what has no effect here: %s", ascii(", ".join(ignored))[1:-1][:500])
        ready = asyncio.run(_prepare(settings, serving))
    except (SettingsError, UnusableURL) as error:
        return _fail(str(error), UNUSABLE)
    except _NO_DATABASE as error:
        return _fail(f"the database cannot be used: {error!r}", 1)
    if not ready:
        return _fail("the database is not up to date: run `python -m webapp migrate` first.", 1)
    return _serve(settings) if serving else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the app (on SQLite after migrating)")
    serve.add_argument("--host", help="address to listen on, instead of HOST")
    serve.add_argument("--port", help="port to listen on, 0 for any free one, instead of PORT")
    serve.add_argument("--workers", help="processes, instead of WEB_CONCURRENCY")
    commands.add_parser("migrate", help="create the database, or bring it up to date")
    for name, does in (("backup", "copy the database to FILE"), ("restore", "put such a copy in its place")):
        commands.add_parser(name, help=f"{does}; the app may go on serving").add_argument("file", type=Path)
    exporting = commands.add_parser("export", help="write a room's messages to standard output, as lines of JSON")
    exporting.add_argument("label", help="of the room, as in its address")
    exporting.add_argument("--html", action="store_true", help="as one page to keep and read, in place of JSON")
    check = commands.add_parser("check", help="say what would keep a deployment from working")
    check.add_argument("--release", action="store_true", help="migrate runs next: missing tables are no error")
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


def _check(options: argparse.Namespace) -> int:
    findings = asyncio.run(check_all(os.environ, options.release))
    print("\n".join(map(str, findings)) or "Everything is in order.")
    return 1 if any(found.fatal for found in findings) else 0


def _copy(options: argparse.Namespace) -> int:
    try:
        settings = Settings.from_env(os.environ, serving=False)
        if options.command == "export":
            asyncio.run(export(settings, options.label, options.html))
        else:
            copy = make_backup if options.command == "backup" else restore_backup
            print(copy(settings, options.file))
    except SettingsError as error:
        return _fail(str(error), UNUSABLE)
    except (CopyError, NotFoundError) as error:
        return _fail(str(error), 1)
    except _NO_DATABASE as error:
        return _fail(f"the database cannot be used: {error!r}", 1)
    return 0


async def _prepare(settings: Settings, serving: bool) -> bool:
    """Bring the database up to date, or find out whether it is, where that is the deployment's to decide."""
    # Where a platform replaces processes, the old ones keep their connections until the new ones answer.
    wait_longer(postgres_connect.STARTING)
    if serving and is_postgres(settings.database_url):
        await require_relay(settings)
        return await is_current(settings.database_url, bindings())
    await migrate(settings.database_url, bindings())
    if not is_postgres(settings.database_url):
        keep_private(sqlite_path(settings.database_url), DATA)
    return True


def _serve(settings: Settings) -> int:
    if not (STATIC / "vendor").is_dir():
        return _fail("static/vendor is missing: run `python hatch_build.py` to fetch the browser libraries.", 1)
    # RATE_LIMIT=off means no limit by address of any kind.
    per_address = settings.max_connections_per_address if settings.rate_limit else 0
    limits = Limits(settings.max_connections, per_address)
    return server.run("webapp.app:app_from_environment", settings.host, settings.port, settings.workers, limits)


_COMMANDS = {"check": _check, "backup": _copy, "restore": _copy, "export": _copy}


def _fail(reason: str, status: int) -> int:
    print(f"webapp: {reason}", file=sys.stderr)
    return status
