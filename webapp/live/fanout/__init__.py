"""Sends the changes of a group to every subscriber of it in this process.

In: rings that say which group moved, the change log, and subscribers with their cursors.
Out: frames, rendered once per change (once per language if they have words), and sent to all subscribers, as HTML or
as JSON.

    hub.py              the groups that have subscribers here
    feed.py             one group: reads the log and sends its frames in order
    audience.py         a feed's subscribers: which of them get a frame now
    late_clients.py     which clients are late, and the frames that were sent meanwhile
    catch_up.py         the frame for a cursor: the missed changes, or a snapshot
    subscriber.py       the outbound side of one socket: backpressure
    frame_renderer.py   changes to frames, by the bindings' templates
    stream_changes.py   the rows of one binding in a frame, each with its HTML
    wording.py          renders once for all readers, or once for each language in use
    moves.py            a run of changes, summed up for each row
    frames.py           a frame and its encodings
    json_messages.py    the texts of the JSON subprotocol
    broken_rows.py      leaves out rows that fail to render
    access_check.py     rechecks who may read a group
    poll.py             finds the changes of which no ring told
    database_health.py  logs once that the database is away
"""

from webapp.live.fanout.broken_rows import without_broken
from webapp.live.fanout.frame_renderer import FrameRenderer
from webapp.live.fanout.frames import Frame
from webapp.live.fanout.hub import Hub
from webapp.live.fanout.json_messages import SUBPROTOCOL, encoded
from webapp.live.fanout.poll import poll
from webapp.live.fanout.subscriber import STALL_LIMIT, WRITE_EXTENSION, Subscriber
from webapp.live.fanout.wording import EVERYBODY, Wording

__all__ = [
    "EVERYBODY",
    "STALL_LIMIT",
    "SUBPROTOCOL",
    "WRITE_EXTENSION",
    "Frame",
    "FrameRenderer",
    "Hub",
    "Subscriber",
    "Wording",
    "encoded",
    "poll",
    "without_broken",
]
