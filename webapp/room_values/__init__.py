"""Live values in rooms: an extension of the chat, which shows numbers in a room and has commands for them.

In: commands in messages, and socket frames that change a value.
Out: the panel in a room's header, and the changes of the stream `roomval` in the room's frames.

    extension.py   the values as the chat takes them
    bindings.py    the stream `roomval`
    commands.py    /set, /inc and /unset
"""

from webapp.room_values.extension import extension

__all__ = ["extension"]
