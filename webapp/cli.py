"""python -m webapp serve | migrate."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sqlite3
import sys
from collections.abc import Sequence

import uvicorn
from tortoise.exceptions import BaseORMException

from webapp import server
from webapp.app import bindings, create_app
from webapp.db import migrate
from webapp.settings import ROOT, Settings, SettingsError

UNUSABLE = 2
"""Exit status for an option or a setting that cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 done, 1 failed, 2 a wrong option or setting."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    given = {"HOST": "host", "PORT": "port", "WEB_CONCURRENCY": "workers"}
    environ = os.environ | {name: value for name, key in given.items() if (value := getattr(options, key, None))}
    try:
        settings = Settings.from_env(environ)
    except SettingsError as error:
        return _fail(str(error), UNUSABLE)
    try:
        asyncio.run(migrate(settings.database_url, bindings()))
    except (BaseORMException, sqlite3.Error, OSError) as error:
        return _fail(f"the database cannot be brought up to date ({settings.database_url}): {error}", 1)
    return _serve(settings) if options.command == "serve" else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m webapp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve the app (on SQLite after migrating)")
    serve.add_argument("--host", help="address to listen on, instead of HOST")
    serve.add_argument("--port", help="port to listen on, 0 for any free one, instead of PORT")
    serve.add_argument("--workers", help="processes, instead of WEB_CONCURRENCY")
    commands.add_parser("migrate", help="create the database, or bring it up to date")
    return parser


def _serve(settings: Settings) -> int:
    if not (ROOT / "static" / "vendor").is_dir():
        return _fail("static/vendor is missing: run `python hatch_build.py` to fetch the browser libraries.", 1)
    config = server.config(create_app(settings), settings.host, settings.port)
    instance = uvicorn.Server(config)
    instance.run(sockets=[server.listen(config)])
    return 0 if instance.started else 1


def _fail(reason: str, status: int) -> int:
    print(f"webapp: {reason}", file=sys.stderr)
    return status
