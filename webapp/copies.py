"""The commands that copy: `backup`, `restore` and `export`."""

from __future__ import annotations

import sys
from pathlib import Path

from webapp.backup import backup, restore
from webapp.chat.export import Export, find_room, line_of, messages_of
from webapp.db import connected
from webapp.live.database.postgres_url import is_postgres
from webapp.live.database.service_urls import sqlite_path
from webapp.live.templating.assets import Assets
from webapp.live.templating.folders import STATIC, TEMPLATES
from webapp.live.templating.templates import Templates
from webapp.settings import Settings


class NotFoundError(Exception):
    """What is to be exported is not there; the text says so."""


def make_backup(settings: Settings, file: Path) -> str:
    """Copy the database; what was done, in one line. Raises CopyError."""
    backup(settings.database_url, file)
    return f"The database is in {file} ({file.stat().st_size:,} bytes)."


def restore_backup(settings: Settings, file: Path) -> str:
    """Put a copy in place of the database; what was done, in one line. Raises CopyError."""
    restore(settings.database_url, file)
    return f"The database is again as it was when {file} was made."


async def export(settings: Settings, label: str, as_html: bool) -> None:
    """Write all messages of a room to standard output.

    Args:
        settings: Say where the database is, and which templates replace the built-in ones.
        label: The room's, as in its address.
        as_html: One page, in place of lines of JSON.

    Raises:
        NotFoundError: There is no such room.
    """
    url = settings.database_url
    if not is_postgres(url) and not sqlite_path(url).exists():
        raise NotFoundError(f"there is no database {str(sqlite_path(url))!r}.")
    async with connected(url, pool=1):
        room = await find_room(label)
        if room is None:
            raise NotFoundError(f"there is no room {ascii(label)[:100]}.")
        if as_html:
            templates = Templates([*settings.templates, TEMPLATES], Assets([*settings.static, STATIC]))
            messages = [message async for message in messages_of(room)]
            print(templates.render("chat/export.html", Export(room, messages)), file=sys.stdout)
        else:
            async for message in messages_of(room):
                print(line_of(message), file=sys.stdout)
