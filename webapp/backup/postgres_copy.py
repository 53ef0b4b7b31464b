"""Copies of a PostgreSQL by its own programs, which have to be of the server's version or newer."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from webapp.backup.cursors import new_numbers
from webapp.backup.problem import CopyError
from webapp.live.database.postgres_url import PostgresURL

_TLS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
}


def backup(url: PostgresURL, file: Path) -> None:
    """Write what pg_dump makes to `file`. Raises CopyError."""
    with _folder_beside(file) as folder:
        whole = Path(folder) / "copy"
        _run(url, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={whole}")
        whole.chmod(0o600)
        whole.replace(file)


def restore(url: PostgresURL, file: Path) -> None:
    """Put the copy in `file` in place of the tables that it has. Raises CopyError."""
    if not file.is_file():
        raise CopyError(f"there is no file {str(file)!r}.")
    with TemporaryDirectory(prefix="webapp-restore-") as folder:
        script = Path(folder) / "restore.sql"
        # As a script, because the numbers have to move in the transaction that brings them.
        made = ("--clean", "--if-exists", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        _run(url, "pg_restore", *made)
        with script.open("a", encoding="utf-8") as text:
            text.write("\nRESET search_path;\n")
            text.writelines(f"{statement};\n" for statement in new_numbers())
        options = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={script}")
        _run(url, "psql", *options)


def _folder_beside(file: Path) -> TemporaryDirectory[str]:
    try:
        return TemporaryDirectory(prefix=f".{file.name}-", dir=file.absolute().parent)
    except OSError as error:
        raise CopyError(f"the copy {str(file)!r} cannot be made: {error}.") from error


def _run(url: PostgresURL, program: str, *options: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise CopyError(f"there is no {program}: install PostgreSQL's client programs, as new as the server.")
    done = subprocess.run(  # noqa: S603 (the programs are named above, and a shell sees none of this)
        [found, *options],
        env={**os.environ, **_environment(url)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = [text for text in done.stderr.splitlines() if "error" in text.lower()] or done.stderr.splitlines()
        raise CopyError(f"{program} ended with {done.returncode}: {(said or ['no reason given'])[0][:300]}")


def _environment(url: PostgresURL) -> dict[str, str]:
    """What tells libpq where the server is; other users see the arguments of a program, and not these."""
    place = url.connecting
    tls = dict(parse_qsl(urlsplit(place.get("dsn", "")).query))
    named = {
        "PGHOST": _joined(place.get("host")),
        "PGPORT": _joined(place.get("port")),
        "PGUSER": place.get("user"),
        "PGPASSWORD": place.get("password"),
        "PGDATABASE": place.get("database"),
        "PGTARGETSESSIONATTRS": place.get("target_session_attrs"),
        "PGOPTIONS": _search_path(place),
        **{variable: tls.get(option) for option, variable in _TLS.items()},
    }
    return {name: str(value) for name, value in named.items() if value}


def _search_path(place: Any) -> str:
    path = place.get("server_settings", {}).get("search_path")
    return f"-c search_path={path}" if path else ""


def _joined(values: Any) -> str:
    if isinstance(values, list | tuple):
        return ",".join(map(str, values))
    return "" if values is None else str(values)
