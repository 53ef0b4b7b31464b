"""Link previews as a feature of the app, and as an extension of the chat."""

from __future__ import annotations

from starlette.routing import Route

from webapp.chat import RoomExtension
from webapp.previews import pruning, task
from webapp.previews.bindings import LinkPreviewBinding
from webapp.previews.images import image
from webapp.web import Feature

_previews = LinkPreviewBinding()

# The binding comes into the app with the chat, which shows its rows in every room.
extension = RoomExtension(binding=_previews, additions=_previews.of_messages)

feature = Feature(
    models=["webapp.previews.models"],
    files=[Route("/fragments/previews/{hash}.webp", image)],
    tasks=[*task.TASKS, *pruning.TASKS],
)
