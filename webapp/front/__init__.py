"""The first page, as a feature: what a room is like, a wave that everybody sees, and the way into a new room.

In: requests for /, the first words of a new room, and waves, by the page's socket or by a plain form.
Out: the first page, and frames of the group `front`, or of the room that the deployment shows there.

    feature.py    the first page as a feature: its model, binding and routes
    models.py     Wave: how often visitors have waved
    bindings.py   the stream `wave`
    pages.py      the page, and its forms
    socket.py     the page's socket
    contexts.py   the context of templates/about.html
    shown_room.py the room that the deployment shows on the first page
"""

from webapp.front.feature import feature

__all__ = ["feature"]
