"""websockets' parser for the frames after a handshake that httptools has read."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import DATA_OPCODES, CloseCode, Frame, Opcode
from websockets.protocol import CLOSING, Protocol
from websockets.server import ServerProtocol

from webapp.protocols.limits import EMPTY_FRAMES, SMALL_FRAGMENT


class FrameParser(ServerProtocol):
    """Parses and writes frames, and bounds those without a message by EMPTY_FRAMES.

    Such frames never reach the app, so flow control does not see them. Without a budget, one client could block the
    event loop with their parsing.
    """

    __slots__ = ("_spent",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._spent = 0.0

    def parse(self) -> Generator[None]:
        """Parse frames only. The base class would read a request first, and apply limits that the app cannot see."""
        yield from Protocol.parse(self)

    def recv_frame(self, frame: Frame) -> None:
        """Take a frame.

        Raises:
            ProtocolError: The client sent too many frames without a message. The error ends the parsing at once,
                though more bytes were read.
        """
        if self._is_empty(frame):
            self._spent = EMPTY_FRAMES.spend(self._spent)
            if EMPTY_FRAMES.debt(self._spent):
                self.fail(CloseCode.POLICY_VIOLATION, "too many frames without a message")
                raise ProtocolError("too many frames without a message")
        super().recv_frame(frame)

    def _is_empty(self, frame: Frame) -> bool:
        if frame.opcode is Opcode.CLOSE:
            return False
        if self.state is CLOSING:
            # After the close frame, the app gets no frame any more, so each one counts.
            return True
        if frame.fin and frame.opcode in DATA_OPCODES:
            return not frame.data
        return len(frame.data) < SMALL_FRAGMENT
