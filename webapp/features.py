"""The list of features. A feature is a folder beside this module, and one line here."""

from __future__ import annotations

from webapp import admin, board, chat, front, identity, listing, owners, previews, room_values, search

# The first feature with a matching route answers a URL. If the chat did not come last, it would take the paths of other
# features for rooms.
FEATURES = [
    front.feature,
    identity.feature,
    listing.feature,
    board.feature,
    previews.feature,
    admin.feature,
    owners.feature,
    search.feature,
    chat.feature([room_values.extension, previews.extension]),
]
