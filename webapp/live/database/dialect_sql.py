"""An operation of migrations: SQL that each database needs in its own dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.migrations.operations import TortoiseOperation


class DialectSQL(TortoiseOperation):
    """Runs statements that Tortoise has no operation for, such as those that create triggers.

    Args:
        sqlite: The statements for SQLite.
        postgres: The statements for PostgreSQL.
    """

    def __init__(self, *, sqlite: Sequence[str], postgres: Sequence[str]) -> None:
        self.statements = {"sqlite": sqlite, "postgres": postgres}

    def state_forward(self, app_label: str, state: Any) -> None:
        """Change nothing: Tortoise's description of the models has no triggers."""

    async def database_forward(self, app_label: str, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Run the statements of the database's dialect."""
        if state_editor is not None:
            for statement in self.statements[state_editor.client.capabilities.dialect]:
                await state_editor.client.execute_query(statement)

    async def database_backward(self, *args: Any, **options: Any) -> None:
        """Change nothing: migrations only go forward here."""
