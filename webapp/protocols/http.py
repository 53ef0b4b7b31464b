"""uvicorn's HTTP protocol, for one request at a time and with a limit on each part of it."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import httptools
from uvicorn import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request

from webapp.protocols import limits
from webapp.protocols.log import CollapsedLog
from webapp.protocols.websocket import LeanWebSocketProtocol

if TYPE_CHECKING:
    from webapp.protocols.connection import Connection

log = CollapsedLog(logging.getLogger(__name__))

_BLANK_LINE = b"\r\n\r\n"


class RefusedRequest(Exception):
    """A request goes over a limit; raised inside the parser to stop it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BoundedHttpProtocol(HttpToolsProtocol):
    """Parses one request, has it answered, and only then parses the next.

    The base class parses all that arrives, keeps every header and every pipelined request, and waits for ever.
    """

    flow: _Flow

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], connection: Connection
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._connection = connection
        self._rest = b""
        self._in_body = False
        # Bytes of the present request's head, then of its body, as they came.
        self._received = 0
        self._body_left = 0
        self._body_until = 0.0
        self._held = 0
        self._thrown_away: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self.flow = _Flow(transport)
        self._connection.wait(limits.FIRST_BYTE_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what the connection held."""
        self._let_go()
        super().connection_lost(exc)

    @property
    def can_read(self) -> bool:
        """Whether more data is of use now."""
        return not self.flow.read_paused

    def data_received(self, data: bytes) -> None:
        """Take up to READ_SIZE bytes."""
        self._unset_keepalive_if_required()
        if self._thrown_away is not None:
            self._throw_away(len(data))
        elif self._rest or self._is_busy:
            self._keep(self._rest + data)
        else:
            self._feed(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._connection.wait(limits.HEAD_SECONDS)

    def on_url(self, url: bytes) -> None:
        """Take a piece of the URL."""
        super().on_url(url)
        if len(self.url) > limits.URL_LIMIT:
            raise RefusedRequest(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. A trailer is dropped: the app has the headers already, and would see them change."""
        if not self._in_body:
            super().on_header(name, value)
            if len(self.headers) > limits.HEADERS_LIMIT:
                raise RefusedRequest(431)

    def on_headers_complete(self) -> None:
        """The head is complete: refuse a body that is too long before the app sees anything of it."""
        sizes = [int(value) for name, value in self.headers if name == b"content-length"]
        is_chunked = any(name == b"transfer-encoding" for name, _ in self.headers)
        self._body_left = 0 if is_chunked else sum(sizes)
        if self._body_left > limits.BODY_LIMIT:
            raise RefusedRequest(413)
        if (self._body_left or is_chunked) and self.parser.should_upgrade() and self._should_upgrade():
            raise RefusedRequest(400)
        super().on_headers_complete()
        self._in_body, self._received = True, 0
        self._connection.wait(limits.BODY_SECONDS)
        self._body_until = self._connection.deadline

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._body_left = max(0, self._body_left - len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete, so from now on the client waits."""
        self._in_body, self._received = False, 0
        self._let_go()
        self._connection.serve()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with what has arrived meanwhile."""
        super().on_response_complete()
        if self._rest:
            self.loop.call_soon(self._go_on)
        elif not self._in_body and not self.flow.write_paused:
            self._connection.wait(self.timeout_keep_alive + limits.LINGER_SECONDS)

    def pause_writing(self) -> None:
        """The client has to read before more is written."""
        super().pause_writing()
        if self._thrown_away is None:
            self._connection.wait(limits.UNREAD_SECONDS)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if self._rest:
            self.loop.call_soon(self._go_on)
        if self._is_busy:
            self._connection.serve()
        elif self._thrown_away is None:
            self._connection.wait(limits.BODY_SECONDS)

    def handle_websocket_upgrade(self, early: bytes = b"") -> None:
        """Let the WebSocket protocol go on with the request that was read. Raises ValueError when it is none."""
        headers = Headers([(name.decode("ascii"), value.decode("latin-1")) for name, value in self.headers])
        version = f"HTTP/{self.scope['http_version']}"
        request = Request(self.url.decode("ascii"), headers, self.scope["method"], version)
        if not self._connection.table.add_socket():
            self.refuse(503)
            return
        self.connections.discard(self)
        # It refers to this protocol, and both would be garbage that only the collector finds.
        self.parser = None  # type: ignore[assignment]
        protocol = LeanWebSocketProtocol(self.config, self.server_state, self.app_state)
        self._connection.switch_to(protocol)
        protocol.open(self.transport, request, early, self._connection)

    def expire(self) -> None:
        """The client is too slow."""
        if self._thrown_away is not None or self.flow.write_paused:
            self.transport.abort()
        elif self.flow.read_paused:
            # It is the app that does not read the body.
            self._connection.wait(limits.BODY_SECONDS)
        elif self._received or self._in_body:
            self.refuse(408)
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Finish the request under way, if it is complete and its client takes the answer."""
        try:
            if self._thrown_away is not None:
                self.transport.abort()
            elif self._in_body:
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
            linger: End it once the client has had the time to read the answer. If a connection is closed while it
                has unread data, the kernel resets it, and the client may lose the answer with it.
        """
        if self._thrown_away is not None:
            return
        cycle = self._cycle
        is_open = cycle is not None and not cycle.response_complete
        is_answered = cycle.response_started if cycle is not None and is_open else self._in_body
        if cycle is not None and is_open:
            # To the app the client is gone.
            cycle.disconnected = True
            cycle.message_event.set()
        self._rest, self._thrown_away = b"", 0
        self._let_go()
        if self.transport.is_closing():
            return
        if not is_answered:
            self.transport.write(_answer(status))
        if not linger or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self.flow.release()
        self._connection.wait(limits.LINGER_SECONDS)

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        """The request that was read last, and its answer; uvicorn's type does not say that there may be none."""
        return cast("RequestResponseCycle | None", self.cycle)

    @property
    def _is_busy(self) -> bool:
        """Whether a whole request waits for its answer, or the client for the one before."""
        cycle = self._cycle
        if cycle is not None and not cycle.response_complete:
            return not cycle.more_body
        return self.flow.write_paused and not self._in_body

    def _feed(self, data: bytes) -> None:
        start = 0
        while start < len(data) and self._connection.belongs_to(self) and self._thrown_away is None:
            if self._is_busy:
                self._keep(data[start:])
                return
            end = self._end_of_piece(data, start)
            self._parse(data[start:end], data[end:])
            start = end

    def _end_of_piece(self, data: bytes, start: int) -> int:
        """Give the end of a piece in which at most one request ends."""
        if self._body_left:
            return start + self._body_left
        end = data.find(_BLANK_LINE, start)
        return len(data) if end < 0 else end + len(_BLANK_LINE)

    def _parse(self, piece: bytes, after: bytes) -> None:
        self._received += len(piece)
        try:
            self._check_size()
            self.parser.feed_data(piece)
        except RefusedRequest as refused:
            self._refuse_request(refused.status)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(piece[upgrade.args[0] :] + after)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse_request(cause.status if isinstance(cause, RefusedRequest) else 400)

    def _check_size(self) -> None:
        if not self._in_body:
            if self._received > limits.HEAD_LIMIT:
                raise RefusedRequest(431)
            return
        if self._received > limits.BODY_LIMIT:
            raise RefusedRequest(413)
        self._connection.deadline = self._body_until + self._received / limits.BODY_PACE
        more = max(0, self._received - limits.HELD_FREE) - self._held
        self._held += more
        if more and not self._connection.table.hold(more):
            raise RefusedRequest(503)

    def _upgrade(self, after: bytes) -> None:
        if not self._should_upgrade():
            # Answered like any other request.
            log.warning("a client asks for an upgrade to something that is no WebSocket")
            return
        try:
            self.handle_websocket_upgrade(after)
        except ValueError:
            self._refuse_request(400)

    def _refuse_request(self, status: int) -> None:
        log.warning("refused a request of %s with %d", self.client and self.client[0], status)
        self.refuse(status)

    def _keep(self, data: bytes) -> None:
        self._rest = data
        self.flow.hold()

    def _go_on(self) -> None:
        rest, self._rest = self._rest, b""
        if rest and not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self._feed(rest)
        if not self._rest:
            self.flow.release()

    def _let_go(self) -> None:
        if self._held:
            self._connection.table.hold(-self._held)
            self._held = 0

    def _throw_away(self, count: int) -> None:
        self._thrown_away = (self._thrown_away or 0) + count
        if self._thrown_away > limits.LINGER_LIMIT:
            self.transport.abort()


class _Flow(FlowControl):
    """Flow control that does not read on while there is data that waits to be parsed."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._is_held = False

    def hold(self) -> None:
        """Read no more until `release`."""
        self._is_held = True
        self.pause_reading()

    def release(self) -> None:
        """Read again."""
        self._is_held = False
        self.resume_reading()

    def resume_reading(self) -> None:
        """Read again, unless held."""
        if not self._is_held:
            super().resume_reading()


def _answer(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase
    lines = (
        f"HTTP/1.1 {status} {phrase}",
        "content-type: text/plain; charset=utf-8",
        f"content-length: {len(phrase)}",
        "connection: close",
    )
    return "\r\n".join([*lines, "", phrase]).encode()
