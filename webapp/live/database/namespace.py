"""Derives the names of an app's tables and triggers from one word, so that several apps can share a database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from tortoise.backends.base.client import BaseDBAsyncClient

from webapp.live.database.sql import fill, quoted

LIVE = "live"
"""The default namespace. Databases that are older than namespaces have its names."""

LIMIT = 13
"""Characters of a namespace, at most. PostgreSQL cuts off names at 63 bytes, and the longest name is that of a trigger,
such as `todo$` + a stream of 40 characters + `_truncate`."""

TABLES = ("schema", "group", "change", "pending", "replaced", "source", "unreadable", "probe")
"""The tables of a namespace, without its prefix. If a name had a `_`, two namespaces could derive the same table."""

# `sqlite_…` are SQLite's own tables, and `plpgsql.…` are settings of PostgreSQL's language. An app cannot have these.
_TAKEN = ("sqlite", "plpgsql")

# No stream and no namespace contains this mark. If the separator were `_`, the triggers of `live` + `app_chat` and of
# `live_app` + `chat` would have the same names.
_MARK = "$"


@dataclass(frozen=True)
class Namespace:
    """The names of one app's change log in its database, and of its channel on the relay.

    Attributes:
        name: The namespace, `[a-z][a-z0-9_]*`, at most LIMIT characters.

    Raises:
        ValueError: `name` has another form, is too long, or begins with a name that the database keeps for itself.
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
        """The channel of the relay."""
        return self.name

    @property
    def noted(self) -> str:
        """The setting of PostgreSQL that tells whether the transaction under way has changes to count."""
        return f"{self.name}.noted"

    @property
    def _prefix(self) -> str:
        return f"{LIVE}_" if self.name == LIVE else f"{self.name}{_MARK}"

    def own(self, name: str) -> str:
        """Return the full name of a trigger or function, such as `chat_insert`, in this namespace."""
        return self._prefix + name

    def owns(self, trigger: str) -> bool:
        """Return whether a trigger belongs to this namespace, in any version of the app."""
        return trigger.startswith(self._prefix) and _MARK not in trigger.removeprefix(self._prefix)

    def sql(self, template: str, **parts: str) -> str:
        """Return a template as SQL.

        Args:
            template: SQL with `{names}`. `{live_change}` becomes this namespace's table.
            parts: SQL for the other names.
        """
        return fill(template, {**self._names, **parts})

    @cached_property
    def _names(self) -> dict[str, str]:
        tables = {f"{LIVE}_{table}": f"{self.name}_{table}" for table in TABLES}
        functions = {f"{LIVE}_{name}": quoted(self.own(name)) for name in ("commit", "note")}
        return {**tables, **functions, "noted": f"'{self.noted}'"}


def namespace_of(connection: BaseDBAsyncClient) -> Namespace | None:
    """Return the namespace in the connection's credentials; None for a client of Tortoise's own, which has none."""
    found = getattr(connection, "namespace", None)
    return found if isinstance(found, Namespace) else None
