"""A migration that changes what Tortoise knows of the models, and nothing in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.migrations.operations import TortoiseOperation


class StateOnly(TortoiseOperation):
    """Takes `operations` for done.

    The models may then say less than the tables, which keep their constraints: on SQLite each other way to take one
    away would rebuild the table.
    """

    def __init__(self, operations: Sequence[TortoiseOperation]) -> None:
        self.operations = operations

    def state_forward(self, app_label: str, state: Any) -> None:
        """Change the state of the models."""
        for operation in self.operations:
            operation.state_forward(app_label, state)

    async def database_forward(self, *args: Any, **options: Any) -> None:
        """Change nothing."""

    async def database_backward(self, *args: Any, **options: Any) -> None:
        """Change nothing."""
