"""Chat rooms: a feature.

A visit makes the room, and whoever has the address is in it. What is said comes in by the room's socket (`bindings`)
or by a plain form (`pages`), both through `saying`, and goes out as the frames of the stream `chat`. Other features
add to rooms by a `RoomExtension`.
"""

from webapp.chat.extensions import RoomExtension
from webapp.chat.feature import feature

__all__ = ["RoomExtension", "feature"]
