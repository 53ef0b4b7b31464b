"""uvicorn's WebSocket protocol: it keeps little per socket, can write a prepared frame, and bounds what comes in.

Names of uvicorn's that are relied on beside its slots: handle_connect, start_keepalive, handle_parser_exception.
"""

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

from webapp.live.fanout.subscriber import WRITE_EXTENSION
from webapp.protocols import limits
from webapp.protocols.frames import FrameParser
from webapp.protocols.inbox import Gate, Inbox
from webapp.protocols.log import CollapsedLog
from webapp.protocols.owner import Owner
from webapp.protocols.table import ConnectionTable

logger = logging.getLogger(__name__)
log = CollapsedLog(logger)


class LeanWebSocketProtocol(WebSocketsSansIOProtocol):
    """Per idle socket about half of the stock protocol's memory: see docs/benchmarks.md.

    The slots are the attributes that the base class sets; one that a newer uvicorn adds goes into __dict__ as ever.
    """

    __slots__ = (
        *("access_logger", "app", "app_state", "asgi_version", "client", "close_sent", "close_timeout", "close_timer"),
        *("config", "conn", "connections", "curr_msg_data_type", "default_headers", "disconnected", "frames"),
        *("handshake_complete", "handshake_initiated", "initial_response", "last_ping_rtt", "logger", "loop"),
        *("pending_ping_payload", "ping_interval", "ping_sent_at", "ping_timeout", "ping_timer", "pong_timer"),
        *("queue", "read_paused", "request", "response", "root_path", "scheme", "scope", "server", "server_state"),
        *("tasks", "transport", "writable"),
        *("_connection", "_early", "_held", "_is_choked", "_table", "_thrown_away"),
    )

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any]) -> None:
        super().__init__(config, server_state, app_state)
        # It would be garbage that only the collector finds: its parser refers to it.
        self.conn.parser.close()
        self.conn = FrameParser(max_size=config.ws_max_size, logger=self.logger)
        self.queue = Inbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]
        # Until the handshake is over: a socket that refers to its connection would be garbage for the collector.
        self._connection: Owner | None = None
        self._table: ConnectionTable
        self._early = b""
        self._held = 0
        self._is_choked = False
        self._thrown_away: int | None = None

    def open(self, transport: asyncio.Transport, request: Request, early: bytes, connection: Owner) -> None:
        """Begin the handshake that `request` asks for. Nothing is read before the app has accepted it.

        Args:
            transport: The TCP connection.
            request: What the client sent.
            early: What came together with it, from a client that does not wait for the answer.
            connection: What has the transport.
        """
        self._early = early
        self._connection, self._table = connection, connection.table
        self.connection_made(transport)
        connection.wait(limits.HANDSHAKE_SECONDS)
        self.read_paused = True
        transport.pause_reading()
        self.handle_connect(request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what the socket held, without waiting for the garbage collector."""
        self._hold(0)
        self._connection = None
        self.frames = []
        self.conn.parser.close()
        super().connection_lost(exc)

    @property
    def can_read(self) -> bool:
        """Whether more data is of use now."""
        return not self.read_paused and not self._is_choked

    def data_received(self, data: bytes) -> None:
        """Take up to READ_SIZE bytes."""
        if self._thrown_away is not None:
            self._thrown_away += len(data)
            if self._thrown_away > limits.LINGER_LIMIT:
                self.transport.abort()
            return
        super().data_received(data)
        # The part of a frame that has come, and the frames of the message before it.
        unfinished = len(self.conn.reader.buffer) + (self.conn.current_size or 0)
        if self._held or unfinished > limits.HELD_FREE:
            self._hold(max(0, unfinished - limits.HELD_FREE))

    def handle_connect(self, event: Request) -> None:
        """Offer the app the way to write a prepared frame."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[WRITE_EXTENSION] = self.write_prepared

    def start_keepalive(self) -> None:
        """The handshake is over: its headers have been read, or nobody will."""
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
        """Answer a ping. A client that reads no answers gets no more of its pings read."""
        super().handle_ping()
        if not self.writable.is_set():
            self._is_choked = True
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if self._is_choked:
            self._is_choked = False
            self._resume_reading()

    def send_receive_event_to_app(self) -> None:
        """Give the app a whole message, or close the socket when that is no text."""
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            # If it were queued, reading would pause, and the answer to the close frame would never be read.
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
        """End the socket once its client has had the time to read why.

        The base class closes the connection at once. If the client has sent more than was read, the kernel resets
        it, and the client may lose the close frame with its code.
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
        self._thrown_away = 0
        self.read_paused = self._is_choked = False
        self.transport.resume_reading()
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(limits.LINGER_SECONDS, self.transport.abort)

    async def receive(self) -> ASGIReceiveEvent:
        """Give the app the next event; when that was the last one, read on."""
        message: ASGIReceiveEvent = await self.queue.get()
        if self.read_paused and self.queue.empty() and self.handshake_complete:
            self.read_paused = False
            self._resume_reading()
        return message

    async def send(self, message: ASGISendEvent) -> None:
        """Send an event; one that ends a refusal ends the handshake, which uvicorn otherwise takes for an error."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def write_prepared(self, frame: bytes) -> bool:
        """Write an encoded frame; False, and nothing written, when that would have to wait or cannot be."""
        if self.close_sent or self.disconnected or not self.handshake_complete or not self.writable.is_set():
            return False
        self.transport.write(frame)
        return True

    def expire(self) -> None:
        """The app has neither accepted nor refused the handshake in time."""
        log.warning("a handshake got no answer in %d seconds", limits.HANDSHAKE_SECONDS)
        self._end_handshake()

    def shutdown(self) -> None:
        """Say goodbye with 1012, after which pages reconnect."""
        try:
            if self.handshake_complete:
                super().shutdown()
            else:
                self._end_handshake()
        except Exception:
            # If it reached the server, no other connection would be told, and the app would not shut down.
            logger.warning("a socket could not be shut down in order", exc_info=True)
            self.transport.abort()
        self.loop.call_later(limits.SHUTDOWN_SECONDS, self.transport.abort)

    def _end_handshake(self) -> None:
        """Answer in the place of the app, to which the client is gone."""
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

    def _hold(self, count: int) -> None:
        """Count `count` bytes of unfinished messages, and close the socket when all sockets hold too much."""
        more, self._held = count - self._held, count
        if more and not self._table.hold(more):
            self._fail(CloseCode.MESSAGE_TOO_BIG, "too much unfinished")

    def _fail(self, code: CloseCode, reason: str) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.fail(code, reason)
        self.handle_parser_exception()
