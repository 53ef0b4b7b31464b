"""Live values in rooms: an extension of the chat, which shows numbers in a room and has commands for them."""

from webapp.room_values.extension import extension

__all__ = ["extension"]
