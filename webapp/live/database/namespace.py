"""Derives the names in the database from one word, so that several apps can share a database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.database.sql import fill, quoted

LIVE = "live"
"""The namespace of an app that names none; its names are those of databases made before there were namespaces."""

LIMIT = 13
"""Characters of a namespace, at most: PostgreSQL cuts off names at 63 bytes, and the longest name of ours is that of
a trigger, such as `todo$` + a stream of 40 characters + `_truncate`."""

TABLES = ("schema", "group", "change", "pending", "replaced", "source", "unreadable", "probe")
"""The tables of a namespace, without it. No name has a `_`, so no two namespaces derive the same table."""

# `sqlite_…` are SQLite's own tables, and `plpgsql.…` are settings of PostgreSQL's language.
_TAKEN = ("sqlite", "plpgsql")

# In no stream's name and in no namespace: `live` + `app_chat` and `live_app` + `chat` have to differ.
_MARK = "$"


@dataclass(frozen=True)
class Namespace:
    """The names of one app's change log in its database, and of its channel on the relay.

    Raises:
        ValueError: `name` is not `[a-z][a-z0-9_]*`, is longer than LIMIT, or begins with a name of the database's own.
    """

    name: str = LIVE

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise ValueError(f'namespace = "{self.name}": write a name of a-z, 0-9 and _, such as "todo"')
        if len(self.name) > LIMIT:
            raise ValueError(f'namespace = "{self.name}": write at most {LIMIT} characters')
        if self.name.split("_")[0] in _TAKEN:
            raise ValueError(f'namespace = "{self.name}": the database keeps this name for itself; write another')

    @property
    def channel(self) -> str:
        """The relay's channel."""
        return self.name

    @property
    def noted(self) -> str:
        """PostgreSQL's setting that says whether the transaction under way has changes to count."""
        return f"{self.name}.noted"

    @property
    def _prefix(self) -> str:
        return f"{LIVE}_" if self.name == LIVE else f"{self.name}{_MARK}"

    def own(self, name: str) -> str:
        """The name of a trigger or function of this namespace, for instance of `chat_insert`."""
        return self._prefix + name

    def owns(self, trigger: str) -> bool:
        """Whether a trigger is this namespace's, of whichever version of the app."""
        return trigger.startswith(self._prefix) and _MARK not in trigger.removeprefix(self._prefix)

    def sql(self, template: str, **parts: str) -> str:
        """`template` as SQL. `{live_change}` is this namespace's table, and other `{names}` are those of `parts`."""
        return fill(template, {**self._names, **parts})

    @cached_property
    def _names(self) -> dict[str, str]:
        tables = {f"{LIVE}_{table}": f"{self.name}_{table}" for table in TABLES}
        functions = {f"{LIVE}_{name}": quoted(self.own(name)) for name in ("commit", "note")}
        return {**tables, **functions, "noted": f"'{self.noted}'"}


def namespace_of(connection: BaseDBAsyncClient) -> Namespace | None:
    """The namespace that the connection's credentials say; None for a client of Tortoise's own, which has none."""
    found = getattr(connection, "namespace", None)
    return found if isinstance(found, Namespace) else None
