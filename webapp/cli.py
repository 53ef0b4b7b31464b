"""python -m webapp serve | migrate | check | work | tasks | rooms | backup | restore | export | new | theme."""

from __future__ import annotations

import argparse
import asyncio
import logging
import logging.config
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from webapp import server
from webapp.app import bindings, create_app
from webapp.backup import CopyError
from webapp.check import check_all, check_libraries, check_theme
from webapp.check.services import require_relay
from webapp.copies import NotFoundError, export, make_backup, restore_backup
from webapp.db import connected, is_current, migrate
from webapp.environment import log_as_json, shown
from webapp.live.database import (
    DATABASE_AWAY,
    UnusableURL,
    is_postgres,
    keep_private,
    postgres_connect,
    sqlite_path,
    wait_longer,
    without_effect,
)
from webapp.log_lines import logging_config
from webapp.protocols import Limits
from webapp.rooms_command import NoSuchRoomError, add_rooms_parser, run_rooms_command
from webapp.scaffold.blueprint import Unusable
from webapp.scaffold.command import new
from webapp.scaffold.kinds import KINDS
from webapp.settings import DATA, Settings, SettingsError
from webapp.tasks import hurry, listing, rows
from webapp.themes import ThemeError
from webapp.themes.command import add_theme_parser, run_theme_command
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
    try:
        if options.command not in ("new", "theme"):
            _configure_log(options.command)
        return _COMMANDS[options.command](options)
    except (SettingsError, ThemeError, UnusableURL) as error:
        return _fail(str(error), UNUSABLE)
    except (CopyError, NotFoundError, NoSuchRoomError) as error:
        return _fail(str(error), 1)
    except _NO_DATABASE as error:
        return _fail(f"the database cannot be used: {error!r}", 1)


def _configure_log(command: str) -> None:
    # Programs read the standard output of the other commands, which is their result, so the log of those goes to
    # standard error.
    stream = "stdout" if command in ("serve", "work") else "stderr"
    try:
        as_json = log_as_json(os.environ)
    except SettingsError:
        # `check` reports a wrong LOG_FORMAT itself, beside what else is wrong.
        if command != "check":
            raise
        as_json = False
    logging.config.dictConfig(logging_config(as_json, stream))


def _run(options: argparse.Namespace) -> int:
    """Run `serve`, `work` or `migrate`."""
    given = {"HOST": "host", "PORT": "port", "WEB_CONCURRENCY": "workers", "DEVELOPMENT": "dev"}
    # Worker processes read the environment, so options go there; otherwise workers would use other settings.
    if options.command == "serve" and options.port and "PORT" not in os.environ:
        os.environ.setdefault("HOST", "127.0.0.1")
    os.environ.update({name: value for name, key in given.items() if (value := getattr(options, key, None))})
    serving = options.command in ("serve", "work")
    settings = Settings.from_env(os.environ, serving=serving)
    # With templates that are read again, what is wrong shows on the pages and goes away when it is mended.
    if serving and not settings.reload_templates and (found := check_theme(settings)):
        return _fail(found[0].text, UNUSABLE)
    if ignored := without_effect(settings.database_url):
        logger.warning("DATABASE_URL: ignoring what has no effect here: %s", ascii(", ".join(ignored))[1:-1][:500])
    if not asyncio.run(_prepare(settings, serving)):
        return _fail("the database is not up to date: run `python -m webapp migrate` first.", 1)
    return {"serve": _serve, "work": _work, "migrate": _done}[options.command](settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the app (on SQLite after migrating)")
    serve.add_argument("--host", help="address to listen on, instead of HOST")
    serve.add_argument("--port", help="port to listen on, 0 for any free one, instead of PORT")
    serve.add_argument("--workers", help="processes, instead of WEB_CONCURRENCY")
    serve.add_argument(
        "--dev",
        action="store_const",
        const="on",
        help="show what is saved in the pages that are open, as DEVELOPMENT=on does",
    )
    commands.add_parser("migrate", help="create the database, or bring it up to date")
    commands.add_parser("work", help="run the background tasks in this process, and serve nobody")
    tasks = commands.add_parser("tasks", help="list the background tasks: when each is due, and how it went")
    tasks.add_argument("--now", metavar="NAME", help="first make this task due now, even if it was given up")
    tasks.add_argument("--key", help="with --now: only the row that is about KEY, as the list shows it")
    add_rooms_parser(commands)
    for name, does in (("backup", "copy the database to FILE"), ("restore", "put such a copy in its place")):
        commands.add_parser(name, help=f"{does}; the app may go on serving").add_argument("file", type=Path)
    exporting = commands.add_parser("export", help="write a room's messages to standard output, as lines of JSON")
    exporting.add_argument("label", help="of the room, as in its address")
    exporting.add_argument("--html", action="store_true", help="as one page to keep and read, in place of JSON")
    check = commands.add_parser("check", help="say what would keep a deployment from working")
    check.add_argument("what", nargs="?", choices=["templates"], help="templates and style sheets alone")
    check.add_argument("--release", action="store_true", help="migrate runs next: missing tables are no error")
    check.add_argument("--strict", action="store_true", help="of templates: fail at warnings too")
    check.add_argument("--json", action="store_true", help="of templates: findings for an editor")
    check.add_argument("--rules", action="store_true", help="of templates: the page about all rules, and no check")
    scaffold = commands.add_parser("new", help="write a feature into this checkout: a live list with its page")
    scaffold.add_argument("name", help="of one row, such as todo: the page is then at /todos/")
    scaffold.add_argument("fields", nargs="+", metavar="field:type", help=f"types: {', '.join(KINDS)}")
    scaffold.add_argument(
        "--by", metavar="column:type", help="one page for each value: with list:int, /todos/7/ and so on"
    )
    scaffold.add_argument("--dry-run", action="store_true", help="name the files, and write none")
    add_theme_parser(commands)
    return parser


def _new(options: argparse.Namespace) -> int:
    try:
        written = new(options.name, options.fields, options.by, dry_run=options.dry_run)
    except Unusable as error:
        return _fail(str(error), UNUSABLE)
    print("\n".join(written))
    return 0


def _check(options: argparse.Namespace) -> int:
    if options.what == "templates":
        return _check_templates(options)
    findings = asyncio.run(check_all(os.environ, options.release))
    print("\n".join(map(str, findings)) or "Everything is in order.")
    return 1 if any(found.fatal for found in findings) else 0


def _check_templates(options: argparse.Namespace) -> int:
    # If this were imported at the top, every process of a deployment would load what reads templates and colours.
    from webapp.design.rules import as_json, as_lines, check_templates, document, fails

    if options.rules:
        print(document(), end="")
        return 0
    findings = check_templates()
    print(as_json(findings) if options.json else as_lines(findings, colored=sys.stdout.isatty()))
    return 1 if fails(findings, options.strict) else 0


def _copy(options: argparse.Namespace) -> int:
    settings = Settings.from_env(os.environ, serving=False)
    if options.command == "export":
        asyncio.run(export(settings, options.label, options.html))
    else:
        copy = make_backup if options.command == "backup" else restore_backup
        print(copy(settings, options.file))
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
        await require_relay(settings)
        return await is_current(settings.database_url, bindings())
    await migrate(settings.database_url, bindings())
    if not is_postgres(settings.database_url):
        keep_private(sqlite_path(settings.database_url), DATA)
    return True


def _serve(settings: Settings) -> int:
    for missing in check_libraries():
        return _fail(missing.text, 1)
    if settings.dev and find_spec("watchfiles") is None:
        return _fail("--dev needs watchfiles: pip install watchfiles, or in a checkout bin/dev.", 1)
    # RATE_LIMIT=off switches off every limit by address, so the cap on connections goes too.
    per_address = settings.max_connections_per_address if settings.rate_limit else 0
    limits = Limits(settings.max_connections, per_address)
    return server.run(
        "webapp.app:app_from_environment",
        settings.host,
        settings.port,
        settings.workers,
        limits,
        log_as_json=settings.log_as_json,
        with_metrics=bool(settings.metrics_token),
    )


def _done(settings: Settings) -> int:
    return 0


def _work(settings: Settings) -> int:
    if settings.tasks == "off":
        return _fail("TASKS=off: no process may run background tasks. Set TASKS=worker.", UNUSABLE)
    # It serves nobody, so one connection is enough, and the web processes may have the others. Nobody could read its
    # numbers, so it does not count; those of its tasks are in the database.
    worker = replace(settings, tasks="web", database_pool=1, metrics_token="")
    asyncio.run(run_until_stopped(create_app(worker)))
    return 0


def _tasks(options: argparse.Namespace) -> int:
    if options.key is not None and options.now is None:
        return _fail("--key says which row of a task: name the task with --now.", UNUSABLE)
    return asyncio.run(_list_tasks(Settings.from_env(os.environ, serving=False), options.now, options.key))


async def _list_tasks(settings: Settings, now: str | None, key: str | None) -> int:
    async with connected(settings.database_url, pool=1):
        if now is not None and not await hurry(now, key):
            asked = now if key is None else f"{now} {key}"
            told = f"there is no task {shown(asked)}: `python -m webapp tasks` lists those that there are."
            return _fail(told, UNUSABLE)
        print(listing(await rows()))
    return 0


def _rooms(options: argparse.Namespace) -> int:
    print(asyncio.run(run_rooms_command(options, Settings.from_env(os.environ, serving=False))))
    return 0


_COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "serve": _run,
    "migrate": _run,
    "work": _run,
    "tasks": _tasks,
    "rooms": _rooms,
    "check": _check,
    "backup": _copy,
    "restore": _copy,
    "export": _copy,
    "new": _new,
    "theme": run_theme_command,
}


def _fail(reason: str, status: int) -> int:
    print(f"webapp: {reason}", file=sys.stderr)
    return status
