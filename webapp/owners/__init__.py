"""What the owners of rooms, and the moderators that they name, do: a feature with one page for each room.

In: forms of the page /{label}/settings, and owner links.
Out: the page, and changed rows, which every open page of the room shows at once.

    feature.py     the feature: its routes
    pages.py       the page, and the owner link
    forms.py       what each form of the page does
    contexts.py    the contexts of the templates in templates/owners/
"""

from webapp.owners.feature import feature

__all__ = ["feature"]
