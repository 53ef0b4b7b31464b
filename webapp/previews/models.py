"""Previews of links, and what is kept so that no page is asked for twice in a while."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

TASK = "preview-link"
"""The name of the background task that makes previews, which the triggers of a migration have too."""


class LinkPreview(Model):
    """The preview that a message shows of the page of its first link. It goes with its message.

    Attributes:
        message_id: The message.
        room_id: The message's room, whose pages show it.
        url: The link, as the message writes it.
        host: The name of the link's host, in ASCII.
        title: One line.
        description: One line, maybe empty.
        image: The hash of a `LinkImage`; None: there is no image.
        width: Pixels of the image.
        height: Pixels of the image.
    """

    id = fields.BigIntField(primary_key=True)
    # No foreign key: with one, PostgreSQL would refuse TRUNCATE message. The triggers of the migration do its work.
    message_id = fields.BigIntField(unique=True)
    room_id = fields.BigIntField(db_index=True)
    url = fields.TextField()
    host = fields.CharField(max_length=255)
    title = fields.CharField(max_length=200)
    description = fields.CharField(max_length=300, db_default="")
    image = fields.CharField(max_length=64, null=True, db_index=True)
    width = fields.IntField(null=True)
    height = fields.IntField(null=True)

    class Meta:
        table = "link_preview"
        table_description = "what messages show of the pages that they link to"


class LinkPage(Model):
    """The knowledge of a page, for all messages that link to it. Times are milliseconds since 1970.

    Attributes:
        key: The hash of the URL. The URL itself is not kept.
        state: `fetching`, `failed` (it is tried again), `known`, or `nothing`: there is nothing to show.
        claim: Names the run that fetches the page, or has done so.
        attempts: Fetches since the last one that succeeded.
        title: As in LinkPreview; so are the other columns of that name.
        fetched_at: When it was fetched last. By it, fetches are counted.
        expires_at: From then on the page is fetched again when somebody links to it.
    """

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=64, unique=True)
    state = fields.CharField(max_length=16)
    claim = fields.CharField(max_length=32)
    attempts = fields.IntField(db_default=0)
    title = fields.CharField(max_length=200, db_default="")
    description = fields.CharField(max_length=300, db_default="")
    image = fields.CharField(max_length=64, null=True, db_index=True)
    width = fields.IntField(null=True)
    height = fields.IntField(null=True)
    fetched_at = fields.BigIntField(db_index=True)
    expires_at = fields.BigIntField(db_index=True)

    class Meta:
        table = "link_page"
        table_description = "pages that were fetched for previews"


class LinkImage(Model):
    """A small image, drawn anew from the one that a page names.

    Attributes:
        hash: Names its content.
        data: Its bytes, in WebP.
        made_at: When a page was last found to have it, in milliseconds since 1970.
    """

    hash = fields.CharField(max_length=64, primary_key=True)
    data = fields.BinaryField()
    made_at = fields.BigIntField(db_index=True)

    class Meta:
        table = "link_image"
        table_description = "images of previews"
