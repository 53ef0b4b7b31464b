"""uvicorn's flow control, for a protocol that has more bytes than it may parse now."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.flow_control import FlowControl


class Flow(FlowControl):
    """Flow control that does not read on while arrived bytes wait to be parsed."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._is_paused = False

    def pause(self) -> None:
        """Stop reading until `resume`, even if uvicorn calls `resume_reading`."""
        self._is_paused = True
        self.pause_reading()

    def resume(self) -> None:
        """Read on."""
        self._is_paused = False
        self.resume_reading()

    def resume_reading(self) -> None:
        """Read on, unless paused."""
        if not self._is_paused:
            super().resume_reading()
