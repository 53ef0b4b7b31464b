"""Background work: each due task runs once, however many processes there are, and again when its process was killed.

A row of the database says what is to be done and when, so nothing is lost with a process. A runner in each process
looks for due rows and takes one by a lease, which it renews while the task runs. A process that dies renews nothing, so
its lease runs out, and another runner takes the row.

    task.py          what a feature declares
    models.py        the rows
    table.py         in: what is declared. Out: leases, and what became of them, in SQL
    totals.py        in: the rows. Out: how runs have ended so far, and what waits, for metrics
    sql.py           runs a statement on either database
    runner.py        in: due rows. Out: runs, retries with backoff, one line of the log for each event
    listing.py       the rows as text, for `python -m webapp tasks`
    housekeeping.py  the tasks of the app itself: the change log, the SQLite file
"""

from webapp.tasks.listing import listing
from webapp.tasks.runner import TaskRunner
from webapp.tasks.table import TaskTable, hurry, rows, waiting
from webapp.tasks.task import DAY, FOR_EVER, HOUR, MINUTE, Postponed, Retention, Task, TaskContext
from webapp.tasks.totals import Totals, totals

__all__ = [
    "DAY",
    "FOR_EVER",
    "HOUR",
    "MINUTE",
    "Postponed",
    "Retention",
    "Task",
    "TaskContext",
    "TaskRunner",
    "TaskTable",
    "Totals",
    "hurry",
    "listing",
    "rows",
    "totals",
    "waiting",
]
