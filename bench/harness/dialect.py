"""How a client talks to one of the servers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bench.harness.frames import TOKEN


@dataclass(frozen=True)
class Dialect:
    """How a client of one server talks.

    path: of the socket. say: the text of the frame that says a message. opening: what a client sends once its
    socket is open. answer: what it sends upon a text. is_ready: whether a text shows that messages will
    arrive from now on; opens_ready: an open socket is enough. is_accepted: whether a text tells the sender that
    its message is kept. numbers: what finds the numbers of messages in texts.
    """

    path: str
    say: Callable[[str], str]
    opening: str | None = None
    answer: Callable[[bytes], str | None] = lambda _payload: None
    is_ready: Callable[[bytes], bool] = lambda _payload: False
    opens_ready: bool = False
    is_accepted: Callable[[bytes], bool] = lambda _payload: False
    numbers: re.Pattern[bytes] = TOKEN
