"""uvicorn's WebSocket protocol, with little memory per socket, prepared frames, and bounds on inbound frames."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn import Config
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode
from websockets.http11 import Request

from webapp.live.fanout import WRITE_EXTENSION
from webapp.protocols import limits
from webapp.protocols.frames import FrameParser
from webapp.protocols.inbox import Gate, Inbox
from webapp.protocols.log import CollapsedLog
from webapp.protocols.owner import Owner
from webapp.protocols.slots import UVICORN_SLOTS
from webapp.protocols.table import ConnectionTable

logger = logging.getLogger(__name__)
log = CollapsedLog(logger)


class LeanWebSocketProtocol(WebSocketsSansIOProtocol):
    """An idle socket takes about half of the stock protocol's memory: see docs/benchmarks.md.

    Args:
        config: uvicorn's.
        server_state: uvicorn's state of the server.
        app_state: The lifespan's state.
    """

    __slots__ = (
        *UVICORN_SLOTS,
        *("_connection", "_discarded", "_early", "_is_choked", "_table", "_unfinished"),
    )

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        # If this parser, which refers to its protocol, were not closed, only the garbage collector would find both.
        self.conn.parser.close()
        self.conn = FrameParser(max_size=config.ws_max_size, logger=self.logger)
        self.queue = Inbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]
        # Set until the handshake is over. If an open socket and its connection referred to each other, only the garbage
        # collector would find them.
        self._connection: Owner | None = None
        self._table: ConnectionTable
        self._early = b""
        self._unfinished = 0
        self._is_choked = False
        self._discarded: int | None = None

    def open(self, transport: asyncio.Transport, request: Request, early: bytes, connection: Owner) -> None:
        """Begin a handshake. The server reads nothing more until the app has accepted it.

        Args:
            transport: The transport of the connection.
            request: The client's request.
            early: Bytes that came after it, from a client that does not wait for the answer.
            connection: The TCP connection.
        """
        self._early = early
        self._connection, self._table = connection, connection.table
        self.connection_made(transport)
        connection.wait(limits.HANDSHAKE_SECONDS)
        self.read_paused = True
        transport.pause_reading()
        self.handle_connect(request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the memory of the socket without waiting for the garbage collector."""
        self._count_unfinished(0)
        self._connection = None
        self.frames = []
        self.conn.parser.close()
        super().connection_lost(exc)

    @property
    def can_read(self) -> bool:
        """Whether the protocol can use more bytes now."""
        return not self.read_paused and not self._is_choked

    def data_received(self, data: bytes) -> None:
        """Parse up to READ_SIZE bytes, or discard them after a refusal."""
        if self._discarded is not None:
            self._discarded += len(data)
            if self._discarded > limits.LINGER_LIMIT:
                self.transport.abort()
            return
        super().data_received(data)
        # The bytes of a frame that is not complete, and of the message's frames before it.
        unfinished = len(self.conn.reader.buffer) + (self.conn.current_size or 0)
        if self._unfinished or unfinished > limits.HELD_FREE:
            self._count_unfinished(max(0, unfinished - limits.HELD_FREE))

    def handle_connect(self, event: Request) -> None:
        """Begin the handshake, and offer the app the extension that writes a prepared frame."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[WRITE_EXTENSION] = self.write_prepared

    def start_keepalive(self) -> None:
        """End the handshake, free the memory of its headers, and read on."""
        self.request.headers.clear()
        self.response.headers.clear()
        del self.request, self.response
        self.scope["headers"] = []
        if self._connection is not None:
            self._connection.serve()
            self._connection = None
        self.read_paused = False
        super().start_keepalive()
        if self._early:
            early, self._early = self._early, b""
            self.data_received(early)
        self._resume_reading()

    def handle_ping(self) -> None:
        """Answer a ping. If the client does not read the answers, stop reading its pings."""
        super().handle_ping()
        if not self.writable.is_set():
            self._is_choked = True
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on, since the client has read."""
        super().resume_writing()
        if self._is_choked:
            self._is_choked = False
            self._resume_reading()

    def send_receive_event_to_app(self) -> None:
        """Give the app a whole message, or close the socket if the message is no text."""
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            # If the message were queued, reading would pause, and the client's close frame would never be read.
            return
        if self.curr_msg_data_type == "bytes":
            self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        else:
            try:
                self.queue.put_nowait({"type": "websocket.receive", "text": data.decode()})
            except UnicodeDecodeError:
                log.warning("closed a socket of %s, whose text is not UTF-8", self.client and self.client[0])
                self._fail(CloseCode.INVALID_DATA, "not UTF-8")
                return
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def handle_parser_exception(self) -> None:
        """End the socket, and leave the connection open for LINGER_SECONDS, so that the client can read the code.

        The base class closes the connection at once. If the client has sent more than was read, the kernel resets the
        connection, and the client may lose the close frame with its code.
        """
        close = self.conn.close_sent
        code, reason = (close.code, close.reason) if close else (CloseCode.ABNORMAL_CLOSURE, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.stop_keepalive()
        self.close_sent = self.disconnected = True
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self._discarded = 0
        self.read_paused = self._is_choked = False
        self.transport.resume_reading()
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(limits.LINGER_SECONDS, self.transport.abort)

    async def receive(self) -> ASGIReceiveEvent:
        """Return the next event for the app, and read on if there is no other."""
        message: ASGIReceiveEvent = await self.queue.get()
        if self.read_paused and self.queue.empty() and self.handshake_complete:
            self.read_paused = False
            self._resume_reading()
        return message

    async def send(self, message: ASGISendEvent) -> None:
        """Send an event. If it ends a refusal, end the handshake, which uvicorn would otherwise take for an error."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def write_prepared(self, frame: bytes) -> bool:
        """Write an encoded frame if the client can take it now, and return whether it was written."""
        if self.close_sent or self.disconnected or not self.handshake_complete or not self.writable.is_set():
            return False
        if self.conn.close_sent is not None:
            return False
        self.transport.write(frame)
        return True

    def expire(self) -> None:
        """End the handshake, since the app has neither accepted nor refused it in time."""
        log.warning("a handshake got no answer in %d seconds", limits.HANDSHAKE_SECONDS)
        self._end_handshake()

    def shutdown(self) -> None:
        """Close the socket with 1012, after which pages reconnect."""
        try:
            if self.handshake_complete:
                super().shutdown()
            else:
                self._end_handshake()
        except Exception:
            # If this error reached the server, it would not close the other connections, nor shut down the app.
            logger.warning("a socket could not be shut down in order", exc_info=True)
            self.transport.abort()
        self.loop.call_later(limits.SHUTDOWN_SECONDS, self.transport.abort)

    def _end_handshake(self) -> None:
        """Answer the handshake with 503, and tell the app that the client is gone."""
        if self.handshake_complete or self.transport.is_closing():
            self.transport.close()
            return
        self.conn.send_response(self.conn.reject(503, "Service Unavailable"))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.handshake_complete = self.close_sent = self.disconnected = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.transport.close()

    def _resume_reading(self) -> None:
        if self.can_read:
            self.transport.resume_reading()

    def _count_unfinished(self, count: int) -> None:
        """Count the `count` bytes of this socket's unfinished message, and close it if the process has too many."""
        more, self._unfinished = count - self._unfinished, count
        if more and not self._table.hold(more):
            self._fail(CloseCode.MESSAGE_TOO_BIG, "too much unfinished")

    def _fail(self, code: CloseCode, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.fail(code, reason)
        self.handle_parser_exception()
