"""uvicorn's HTTP protocol, with one request at a time and a limit on each part of it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import httptools
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from webapp.protocols import limits
from webapp.protocols.flow import Flow
from webapp.protocols.log import CollapsedLog
from webapp.protocols.owner import Owner
from webapp.protocols.pieces import end_of_piece, handshake_of
from webapp.protocols.refusal import Farewell, RefusedRequest, answer_of
from webapp.protocols.size import RequestSize
from webapp.protocols.websocket import LeanWebSocketProtocol

log = CollapsedLog(logging.getLogger(__name__))


class BoundedHttpProtocol(HttpToolsProtocol):
    """Parses one request, has it answered, and only then parses the next.

    The base class parses all bytes that arrive, keeps every header and every pipelined request, and waits for ever.
    """

    flow: Flow

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], connection: Owner) -> None:
        super().__init__(config, server_state, app_state)
        self._connection = connection
        self._unparsed = b""
        self._size = RequestSize(connection)
        self._farewell = Farewell()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self.flow = Flow(transport)
        self._connection.wait(limits.FIRST_BYTE_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the memory that is counted for the connection."""
        self._size.free_memory()
        super().connection_lost(exc)

    @property
    def can_read(self) -> bool:
        """Whether the protocol can use more bytes now."""
        return not self.flow.read_paused

    def data_received(self, data: bytes) -> None:
        """Parse up to READ_SIZE bytes, or keep them until the present request is answered."""
        self._unset_keepalive_if_required()
        if self._farewell.has_begun:
            self._farewell.discard(len(data), self.transport)
        elif self._unparsed or self._is_busy:
            self._unparsed += data
            self.flow.pause()
        else:
            self._feed(data)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._connection.wait(limits.HEAD_SECONDS)

    def on_url(self, url: bytes) -> None:
        """Take a piece of the URL."""
        super().on_url(url)
        if len(self.url) > limits.URL_LIMIT:
            raise RefusedRequest(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, and drop a trailer. The app has the headers already, and would see them change."""
        if not self._size.in_body:
            super().on_header(name, value)
            if len(self.headers) > limits.HEADERS_LIMIT:
                raise RefusedRequest(431)

    def on_headers_complete(self) -> None:
        """End the head of a request, and refuse a body that is too long before the app sees any of it."""
        has_body = self._size.expect_body(self.headers)
        if has_body and self.parser.should_upgrade() and self._should_upgrade():
            raise RefusedRequest(400)
        super().on_headers_complete()
        self._size.begin_body()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._size.body_left = max(0, self._size.body_left - len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request. From now on the client waits for the server."""
        self._size.end()
        self._connection.serve()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """End the answer, and parse the bytes that have arrived meanwhile."""
        super().on_response_complete()
        if self._unparsed:
            self.loop.call_soon(self._parse_on)
        elif not self._size.in_body and not self.flow.write_paused:
            self._connection.wait(self.timeout_keep_alive + limits.LINGER_SECONDS)

    def pause_writing(self) -> None:
        """Wait until the client has read, before more is written."""
        super().pause_writing()
        if not self._farewell.has_begun:
            self._connection.wait(limits.UNREAD_SECONDS)

    def resume_writing(self) -> None:
        """Go on, since the client has read."""
        super().resume_writing()
        if self._unparsed:
            self.loop.call_soon(self._parse_on)
        if self._is_busy:
            self._connection.serve()
        elif not self._farewell.has_begun:
            self._connection.wait(limits.BODY_SECONDS)

    def handle_websocket_upgrade(self, early: bytes = b"") -> None:
        """Give the connection, the request, and the `early` bytes after it to the WebSocket protocol.

        Raises:
            ValueError: The request cannot be a handshake.
        """
        request = handshake_of(self.url, self.headers, self.scope)
        if not self._connection.table.add_socket():
            self.refuse(503)
            return
        self.connections.discard(self)
        # If the parser and this protocol kept referring to each other, only the garbage collector would find them.
        self.parser = None  # type: ignore[assignment]
        protocol = LeanWebSocketProtocol(self.config, self.server_state, self.app_state)
        self._connection.switch_to(protocol)
        protocol.open(self.transport, request, early, self._connection)

    def expire(self) -> None:
        """End the connection, or the request, because the client is too slow."""
        if self._farewell.has_begun or self.flow.write_paused:
            self.transport.abort()
        elif self.flow.read_paused:
            # The app has not read the body yet, so the client is not to blame.
            self._connection.wait(limits.BODY_SECONDS)
        elif self._size.received or self._size.in_body:
            self._connection.table.note_refusal(408)
            self.refuse(408)
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Finish the present request if it is complete, and end the connection after SHUTDOWN_SECONDS anyway."""
        try:
            if self._farewell.has_begun:
                self.transport.abort()
            elif self._size.in_body:
                self.refuse(503)
            else:
                super().shutdown()
        except Exception:
            logging.getLogger(__name__).warning("a connection could not be shut down in order", exc_info=True)
            self.transport.abort()
        self.loop.call_later(limits.SHUTDOWN_SECONDS, self.transport.abort)

    def refuse(self, status: int, linger: bool = True) -> None:
        """Answer with `status` and end the connection.

        Args:
            status: The HTTP status.
            linger: Let the client read the answer first. If it was closed with unread bytes, a reset could lose it.
        """
        if self._farewell.has_begun:
            return
        cycle = self._cycle
        is_answered = self._size.in_body
        if cycle is not None and not cycle.response_complete:
            is_answered = cycle.response_started
            # If the app were not told that the client is gone, it would wait for the rest of the body.
            cycle.disconnected = True
            cycle.message_event.set()
        self._unparsed = b""
        self._size.free_memory()
        if self._farewell.begin(self.transport, b"" if is_answered else answer_of(status), linger):
            self.flow.resume()
            self._connection.wait(limits.LINGER_SECONDS)

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        """The last request with its answer; uvicorn's type does not say that there may be none."""
        return cast("RequestResponseCycle | None", self.cycle)

    @property
    def _is_busy(self) -> bool:
        """Whether a whole request waits for its answer, or the client has not read the answer before."""
        cycle = self._cycle
        if cycle is not None and not cycle.response_complete:
            return not cycle.more_body
        return self.flow.write_paused and not self._size.in_body

    def _feed(self, data: bytes) -> None:
        start = 0
        while start < len(data) and self._connection.belongs_to(self) and not self._farewell.has_begun:
            if self._is_busy:
                self._unparsed = data[start:]
                self.flow.pause()
                return
            end = end_of_piece(data, start, self._size.body_left)
            self._parse(data[start:end], data[end:])
            start = end

    def _parse(self, piece: bytes, after: bytes) -> None:
        try:
            self._size.add(len(piece))
            self.parser.feed_data(piece)
        except RefusedRequest as refused:
            self._refuse_request(refused.status)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(piece[upgrade.args[0] :] + after)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse_request(cause.status if isinstance(cause, RefusedRequest) else 400)

    def _upgrade(self, after: bytes) -> None:
        if not self._should_upgrade():
            log.warning("a client asks for an upgrade to something that is no WebSocket")
            return  # it is answered like any other request
        try:
            self.handle_websocket_upgrade(after)
        except ValueError:
            self._refuse_request(400)

    def _refuse_request(self, status: int) -> None:
        log.warning("refused a request of %s with %d", self.client and self.client[0], status)
        self._connection.table.note_refusal(status)
        self.refuse(status)

    def _parse_on(self) -> None:
        data, self._unparsed = self._unparsed, b""
        if data and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._feed(data)
        if not self._unparsed:
            self.flow.resume()
