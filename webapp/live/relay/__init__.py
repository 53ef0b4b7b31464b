"""The doorbell between processes: it carries rings and ephemeral notes, and may lose both.

In: the groups that a commit of this process changed, and notes such as "ann types". Out: the same, to the feeds and
the presence of all other processes.

- `relay`: Relay, which publishes, listens, and watches whether its own messages come back.
- `backends`: the backends of the broadcaster library for Redis and PostgreSQL, with their faults repaired.
- `packing`: many small items in messages of a limited size.
"""

from webapp.live.relay.packing import packed
from webapp.live.relay.relay import Relay

__all__ = ["Relay", "packed"]
