"""All writing of a process, in one task.

In: rows to insert, and functions to run inside a transaction. Out: commits of many writes at once, then an answer to
each sender, and a ring for each group that a commit changed.

- `writer`: Writer, the group commit.
- `write_probe`: WriteProbe, which tells readiness checks whether the database takes writes.
"""

from webapp.live.writing.write_probe import WriteProbe
from webapp.live.writing.writer import BUSY, Writer, WriterBusy

__all__ = ["BUSY", "WriteProbe", "Writer", "WriterBusy"]
