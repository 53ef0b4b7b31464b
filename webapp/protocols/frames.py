"""websockets' parser for what comes after a handshake that httptools has read."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import DATA_OPCODES, CloseCode, Frame, Opcode
from websockets.protocol import CLOSING, Protocol
from websockets.server import ServerProtocol

from webapp.protocols.limits import EMPTY_FRAMES, SMALL_FRAGMENT


class FrameParser(ServerProtocol):
    """Frames in and out, with EMPTY_FRAMES for those that carry no message.

    Flow control never sees such frames: they end in the protocol. Without a budget one client keeps the event loop
    at parsing them.
    """

    __slots__ = ("_spent",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._spent = 0.0

    def parse(self) -> Generator[None]:
        """Parse frames only. The base class would read a request first, with limits of its own that it never tells."""
        yield from Protocol.parse(self)

    def recv_frame(self, frame: Frame) -> None:
        """Take a frame; one too many ends the parsing at once, in the middle of what was read."""
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
            # Nobody acts on any frame after the close frame was sent.
            return True
        if frame.fin and frame.opcode in DATA_OPCODES:
            return not frame.data
        return len(frame.data) < SMALL_FRAGMENT
