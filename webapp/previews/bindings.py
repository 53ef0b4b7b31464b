"""The stream `preview`: previews of links, in the messages that have the links."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from webapp.live.binding import Binding, Render
from webapp.previews.models import LinkPreview


class LinkPreviewBinding(Binding[LinkPreview]):
    """The stream `preview`: every visitor of a room sees the previews in its messages. None may write one."""

    model = LinkPreview
    stream = "preview"
    group = "room:{room_id}"
    fields = ("message_id", "url", "host", "title", "description", "image", "width", "height")
    template = "previews/_preview.html"
    create_template = "previews/_arrival.html"
    element = "preview"
    window = 50
    actions = ()

    async def reset(self, group: str, render: Render) -> str:
        """Return nothing: the room's messages are reset with their previews in them."""
        return ""

    async def of_messages(self, ids: Collection[int]) -> Mapping[int, LinkPreview]:
        """Return the previews of these messages, by the message's id."""
        found = await LinkPreview.filter(message_id__in=list(ids)).only("id", "room_id", *self.fields)
        return {preview.message_id: preview for preview in found}
