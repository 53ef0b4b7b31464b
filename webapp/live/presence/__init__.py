"""Shows which visitors are in a group, and who of them types.

In: sockets that open and close, signs of typing, and notes of other processes through the relay.
Out: ephemeral frames for the group's feed, and notes for the other processes. Nothing is logged or stored.

    presence.py   the rosters of this process: sends frames and notes when they change
    roster.py     the people of one group, and the times after which they are away, gone or silent
"""

from webapp.live.presence.presence import Presence, key_of

__all__ = ["Presence", "key_of"]
