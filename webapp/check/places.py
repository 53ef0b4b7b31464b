"""Checks that ask nobody: the secret, and where the file of an SQLite database is kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from webapp.check.finding import Finding
from webapp.environment import is_loopback, text_of
from webapp.live.database.postgres_url import is_postgres
from webapp.live.database.service_urls import sqlite_path
from webapp.live.http.secret_key import is_weak
from webapp.settings import Settings, SettingsError

OWN_DISKS = (Path("/"), Path("/app"), Path("/tmp"))  # noqa: S108 (no file is made there)
"""Folders that a platform may mount into each process anew, and that end with it."""


def check_disk(
    settings: Settings, environ: Mapping[str, str], is_mount: Callable[[Path], bool] = os.path.ismount
) -> list[Finding]:
    """Refuse an SQLite file on a platform that throws the disk away with each release and each restart."""
    if is_postgres(settings.database_url):
        return []
    path = sqlite_path(settings.database_url)
    if is_on_mount(path, is_mount):
        return []
    if text_of(environ, "DYNO"):
        return [
            Finding(
                f"The database is the SQLite file {shown(path)}, and this platform (DYNO is set) throws its disk away"
                " at each restart. Attach a PostgreSQL, which sets DATABASE_URL: heroku addons:create"
                " heroku-postgresql:essential-0, or dokku postgres:link. On Dokku, a mounted folder does as well: dokku"
                " storage:mount."
            )
        ]
    if text_of(environ, "RENDER"):
        return [
            Finding(
                f"The database is the SQLite file {shown(path)}, and Render throws a service's disk away at each"
                " release. Attach a PostgreSQL and set DATABASE_URL to its address, or add a disk to the service and"
                " set DATABASE_URL to a file on it, such as sqlite:///var/data/webapp.sqlite3"
            )
        ]
    return []


def is_on_mount(path: Path, is_mount: Callable[[Path], bool] = os.path.ismount) -> bool:
    """Whether `path` is on a disk that was mounted, and that is none of OWN_DISKS."""
    return any(is_mount(folder) for folder in path.resolve().parents if folder not in OWN_DISKS)


def check_folder(settings: Settings) -> list[Finding]:
    """Find out whether SQLite could make its file, and the files that it keeps beside it."""
    if is_postgres(settings.database_url):
        return []
    path = sqlite_path(settings.database_url).absolute()
    nearest = next(folder for folder in path.parents if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return [
            Finding(
                f"The folder {shown(nearest)} cannot be written, and the database {shown(path)} has to be kept there."
            )
        ]
    return []


def check_secret(settings: Settings, environ: Mapping[str, str], data: Path) -> list[Finding]:
    """Refuse a secret that can be guessed where others than this machine reach the app."""
    try:
        Settings.from_env(environ, data)
    except SettingsError as error:
        return [Finding(str(error))]
    key = text_of(environ, "SECRET_KEY")
    if key and is_weak(key) and not is_loopback(settings.host):
        return [
            Finding(
                "SECRET_KEY can be guessed, and a client that knows it can pass for any visitor. Set it to a long"
                " random text, such as what `openssl rand -hex 32` prints."
            )
        ]
    return []


def shown(path: Path) -> str:
    """A path on one line, and shorter than a line of the log."""
    return ascii(str(path))[:200]
