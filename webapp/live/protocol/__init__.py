"""Serves one socket: its frames in, the requests that they hold to a binding, and replies to the sender.

In: texts of a WebSocket, from a page (a form) or from a JSON client.
Out: requests, as the `Inbound` of a binding; replies as HTML or JSON; catch-up, from the feeds of the socket's groups.

    connection.py      one socket from its handshake to its end
    requests.py        parses inbound frames, in both forms
    replies.py         replies as JSON texts
    engine.py          the parts of the engine that a socket or a page needs
    socket_budget.py   bounds the frames of a socket that write nothing
    network_budget.py  bounds those of all sockets of a network
    token_bucket.py    a rate that a client may exceed for a while
"""

from webapp.live.protocol.connection import CLOSED, FORBIDDEN, LOST, Connection
from webapp.live.protocol.engine import Engine, Stream
from webapp.live.protocol.requests import Request, from_form
from webapp.live.protocol.token_bucket import Rate

__all__ = ["CLOSED", "FORBIDDEN", "LOST", "Connection", "Engine", "Rate", "Request", "Stream", "from_form"]
