"""The rows that say which background work is to be done."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class BackgroundTask(Model):
    """Work that is to be done once `due_at` has come. All times are milliseconds since 1970 by the database's clock.

    Attributes:
        name: The task's.
        key: What a deferred run is about; empty for a periodic one. There is one row for each name and key.
        due_at: None: it was given up.
        asked: How often the work was asked for. By it, a run that ends sees that it was asked for once more meanwhile.
        lease: Names the run that is under way, or that was until its process died.
        lease_until: From then on another process may take the row.
        attempts: Runs that began since the last one that succeeded.
        started_at: When the last run began.
        took: Milliseconds that the last finished run took.
        error: Why the last finished run failed; None when it succeeded.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64)
    key = fields.CharField(max_length=200, db_default="")
    due_at = fields.BigIntField(null=True)
    asked = fields.BigIntField(db_default=1)
    lease = fields.CharField(max_length=32, null=True)
    lease_until = fields.BigIntField(null=True)
    attempts = fields.IntField(db_default=0)
    started_at = fields.BigIntField(null=True)
    took = fields.BigIntField(null=True)
    error = fields.TextField(null=True)

    class Meta:
        table = "background_task"
        table_description = "background work that is to be done"
        unique_together = (("name", "key"),)
        indexes = (("due_at",),)


class BackgroundTaskTotal(Model):
    """How runs of a task have ended so far, in all processes. It outlives the rows of deferred tasks.

    Attributes:
        name: The task's.
        outcome: How these runs ended; webapp/tasks/totals.py has the words.
        runs: How many.
        milliseconds: How long they took together.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64)
    outcome = fields.CharField(max_length=16)
    runs = fields.BigIntField(db_default=0)
    milliseconds = fields.BigIntField(db_default=0)

    class Meta:
        table = "background_task_total"
        table_description = "how background work has ended so far"
        unique_together = (("name", "outcome"),)
