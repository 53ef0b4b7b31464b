"""uvicorn's protocols with a bound on what one client may cost.

In: TCP connections that uvicorn accepts, and `Limits` of the deployment.
Out: requests and sockets for the app, within the bounds. docs/security.md says what each bound is for. The app serves
the same pages under a stock ASGI server, without the bounds.

    connection.py   one TCP connection: small reads, and either protocol behind them
    table.py        all connections of a process: caps, deadlines, memory of unfinished requests
    http.py         uvicorn's httptools protocol with limits on a request, and one request at a time
    pieces.py       cuts the arrived bytes for httptools, and converts a request for websockets
    size.py         the size of the present request, and the memory that it takes
    refusal.py      the answer to a refused request, and the end of its connection
    flow.py         pauses reading while arrived bytes wait to be parsed
    websocket.py    uvicorn's WebSocket protocol: little memory per socket, prepared frames, bounded frames
    slots.py        the attributes of uvicorn's WebSocket protocol
    frames.py       websockets' parser with a budget for frames that carry no message
    inbox.py        the queue between the WebSocket protocol and the app
    owner.py        the part of a connection that its protocol uses
    limits.py       every number
    descriptors.py  how many connections fit into the file descriptors
    log.py          log lines that a client can cause at will
"""

from webapp.protocols.connection import Connection
from webapp.protocols.descriptors import backlog, raise_limit
from webapp.protocols.limits import SOCKET_MESSAGE_LIMIT, Limits
from webapp.protocols.websocket import LeanWebSocketProtocol

__all__ = ["SOCKET_MESSAGE_LIMIT", "Connection", "LeanWebSocketProtocol", "Limits", "backlog", "raise_limit"]
