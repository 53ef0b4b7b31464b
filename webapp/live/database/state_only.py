"""An operation of migrations that changes Tortoise's description of the models, and nothing in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tortoise.migrations.operations import TortoiseOperation


class StateOnly(TortoiseOperation):
    """Applies `operations` to the description of the models only.

    The tables may then have constraints that the models lack. On SQLite, every other way to remove a constraint would
    rebuild the table.

    Args:
        operations: The operations that the database does not see.
    """

    def __init__(self, operations: Sequence[TortoiseOperation]) -> None:
        self.operations = operations

    def state_forward(self, app_label: str, state: Any) -> None:
        """Change the description of the models."""
        for operation in self.operations:
            operation.state_forward(app_label, state)

    async def database_forward(self, *args: Any, **options: Any) -> None:
        """Change nothing."""

    async def database_backward(self, *args: Any, **options: Any) -> None:
        """Change nothing."""
