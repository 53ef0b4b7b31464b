"""`python -m webapp.live migrate MODULE:NAME`: makes the tables and triggers of an app that uses `Live`."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import sqlite3
import sys
from collections.abc import Sequence

from webapp.live.database import DATABASE_AWAY, UnusableURL
from webapp.live.live import Live
from webapp.live.tables import prepare

_NO_DATABASE: tuple[type[Exception], ...] = (UnusableURL, sqlite3.Error, *DATABASE_AWAY)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        The exit status: 0 for success, 1 for a database that cannot be used, 2 for a `Live` that cannot be found.
    """
    parser = argparse.ArgumentParser(prog="python -m webapp.live", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    migrate = commands.add_parser("migrate", help="make the tables and triggers, or bring them up to date")
    migrate.add_argument("live", help="where the Live is: MODULE:NAME, such as app:live")
    options = parser.parse_args(arguments)
    try:
        live = _found(options.live)
    except (ImportError, AttributeError, TypeError) as error:
        return _fail(f"{options.live}: {error}", 2)
    try:
        asyncio.run(prepare(live, make=True))
    except _NO_DATABASE as error:
        return _fail(f"the database cannot be used: {error}", 1)
    return 0


def _found(address: str) -> Live:
    module, _, name = address.partition(":")
    # If the current folder were missing here, the module of an app that is not installed would not be found.
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - a text, as all of sys.path
    found = getattr(importlib.import_module(module), name or "live")
    if not isinstance(found, Live):
        raise TypeError(f"it is a {type(found).__name__}: name the Live that the app is built with")
    return found


def _fail(reason: str, status: int) -> int:
    print(f"webapp.live: {reason}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
