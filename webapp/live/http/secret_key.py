"""The secret key, which signs the cookies that name visitors."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from webapp.live.database import PRIVATE_FILE, UnusableURL, close_to_others, is_postgres, private_folder, sqlite_path

_PLACEHOLDER = re.compile(
    r"(django-insecure|change|replace|insert|your|my|the|this|is|a|not|very|so|secure|insecure|secret|super|key|token"
    r"|password|passwd|here|please|me|it|to|in|production|prod|dev|development|test|testing|example|default|random"
    r"|string|text|value|long|some|none|null|undefined|todo|fixme|xxx+|app|flask|django|web|base|[\W_]|\d)*",
    re.IGNORECASE,
)


def is_weak(key: str) -> bool:
    """Return whether `key` is short, monotonous, or made of words that examples of settings use."""
    return len(key) < 16 or len(set(key)) < 8 or _PLACEHOLDER.fullmatch(key) is not None


def keys_of(secret_key: str) -> Sequence[str]:
    """Return the keys in `secret_key`, the newest first: it signs, and the others are accepted for a while longer.

    Args:
        secret_key: One key, or several with commas between them. A text with a part that is weak is one key, since keys
            may have commas.
    """
    parts = [part.strip() for part in secret_key.split(",")]
    if len(parts) == 1 or any(is_weak(part) for part in parts):
        return [secret_key]
    # Before keys were split, such a text was one key, and cookies may be signed with it.
    return [*parts, secret_key]


def kept_secret(database_url: str) -> str:
    """Return the key of an app on SQLite. Its file is beside the database file, and is made at the first start.

    Args:
        database_url: The URL of the database.

    Raises:
        UnusableURL: The database is a PostgreSQL, which other machines use too, or the key cannot be kept.
    """
    if is_postgres(database_url):
        raise UnusableURL("a PostgreSQL is shared by several processes: give Live a secret_key, the same in all.")
    file = sqlite_path(database_url)
    path = file.with_name(f"{file.name}.secret_key")
    try:
        if key := read_secret(path):
            return key
        raise ValueError("it is empty")  # noqa: TRY301
    except (OSError, ValueError) as error:
        raise UnusableURL(f"a key cannot be kept in {path} ({error!r}): give Live a secret_key.") from error


def read_secret(path: Path) -> str:
    """Return the key in the file `path`; make the file first if there is none.

    If a restart made another key, the server would not recognise any visitor, so the file keeps the key.

    Raises:
        OSError: The file cannot be read or made.
        ValueError: The file is no ASCII text.
    """
    if not path.exists():
        _make_secret(path)
    close_to_others(path, PRIVATE_FILE)
    return path.read_text(encoding="ascii").strip()


def _make_secret(path: Path) -> None:
    if not path.parent.exists():
        private_folder(path.parent)
    with NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32))
        file.flush()
        # If two first starts wrote the file itself, one could read half a key. A link appears whole or not at all, and
        # the second one fails, so both read the same key.
        with suppress(FileExistsError):
            path.hardlink_to(file.name)
