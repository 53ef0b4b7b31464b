"""python -m webapp serve | migrate."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Sequence

import uvicorn

from webapp import server
from webapp.app import bindings, create_app
from webapp.db import migrate
from webapp.settings import Settings, SettingsError

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status: 0 done, 1 failed, 2 a wrong option or setting."""
    parser = argparse.ArgumentParser(prog="python -m webapp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve_parser = commands.add_parser("serve", help="serve the app (on SQLite after migrating)")
    serve_parser.add_argument("--host", help="address to listen on")
    serve_parser.add_argument("--port", help="port to listen on, 0 for any free one")
    serve_parser.add_argument("--workers", help="processes")
    commands.add_parser("migrate", help="create the database, or bring it up to date")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    given = {"HOST": "host", "PORT": "port", "WEB_CONCURRENCY": "workers"}
    environ = os.environ | {name: value for name, key in given.items() if (value := getattr(options, key, None))}
    try:
        settings = Settings.from_env(environ)
    except SettingsError as error:
        print(f"webapp: {error}", file=sys.stderr)
        return 2
    asyncio.run(migrate(settings.database_url, bindings()))
    return _serve(settings) if options.command == "serve" else 0


def _serve(settings: Settings) -> int:
    config = server.config(create_app(settings), settings.host, settings.port)
    instance = uvicorn.Server(config)
    instance.run(sockets=[server.listen(config)])
    return 0 if instance.started else 1
