"""The features of this app. A feature is a folder beside this module, and one line here."""

from __future__ import annotations

from webapp import board, chat, room_values

# A URL is answered by the first feature that has it. The chat comes last: every other first part of a path is a room.
FEATURES = [
    board.feature,
    chat.feature([room_values.extension]),
]
