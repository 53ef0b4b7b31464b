"""What is logged stays one line, whatever a client puts into it."""

from __future__ import annotations

import logging

from hypothesis import example, given
from hypothesis import strategies as st

from webapp.log_lines import LineFormatter


@given(st.text())
@example("\x1b[2J\r\n2026-01-01 CRITICAL forged\u2028\u202e\x9b31m")
def test_a_message_is_one_line_of_harmless_characters(text: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "file", 1, "said: %s", (text,), None)
    line = LineFormatter("%(levelname)s %(message)s").format(record)
    assert len(line.splitlines()) == 1
    assert line.startswith("INFO said: ")
    assert not any(
        character < " " or "\x7f" <= character <= "\x9f" or "\u202a" <= character <= "\u202e" for character in line
    )


def test_a_traceback_keeps_its_lines() -> None:
    cause = ValueError("why")
    record = logging.LogRecord("x", logging.ERROR, "file", 1, "failed", (), (ValueError, cause, None))
    lines = LineFormatter("%(message)s").format(record).splitlines()
    assert lines == ["failed", "ValueError: why"]
