"""The change log: every committed change of every watched row, in commit order per group.

In: declarations, from which it generates database triggers. The triggers log each write, whichever program wrote.
Out: the changes of a group after a sequence number.

- `log`: ChangeLog, which installs the triggers and reads the log.
- `watch`: the table, columns and group that the triggers of one declaration are about.
- `postgres_log`, `postgres_triggers`: the SQL for PostgreSQL.
- `sqlite_log`, `sqlite_triggers`, `sqlite_replacements`, `sqlite_parts`: the SQL for SQLite.
"""

from webapp.live.changelog.log import ACTIONS, BATCH, KEPT, Change, ChangeLog, unbroken
from webapp.live.changelog.watch import Declared, Watch, check_only

__all__ = ["ACTIONS", "BATCH", "KEPT", "Change", "ChangeLog", "Declared", "Watch", "check_only", "unbroken"]
