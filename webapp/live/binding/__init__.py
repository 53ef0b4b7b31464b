"""Bindings: a model's rows on the pages of a group, and visitors' edits of the rows.

In: a declaration, the primary keys that a frame needs, and the actions that visitors ask for. Out: rows as HTML and as
data, edits for the writer, and replies.

- `binding`: Binding, the class that an app declares, and Rights.
- `declaration`, `declaration_check`: the base class of both, and the checks that run when a class is made.
- `rows`, `model_columns`, `row_versions`: queries, and the version of a row that a form carries.
- `fragments`, `json_data`: the rows as HTML and as data.
- `inbound`, `actions`, `edits`: an action that a visitor asks for, permitted, and committed through the writer.
- `reply`, `refusal`: the answer to the visitor, and the one way to refuse.
"""

from webapp.live.binding.binding import Binding, Rights, groups_of
from webapp.live.binding.declaration import Declaration
from webapp.live.binding.declaration_check import (
    WrongDeclaration,
    distinct,
    require_page_path,
    require_templates,
)
from webapp.live.binding.fragments import Render
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.refusal import ActionRefused, Refused
from webapp.live.binding.reply import Reply

__all__ = [
    "ActionRefused",
    "Binding",
    "Declaration",
    "Inbound",
    "Refused",
    "Render",
    "Reply",
    "Rights",
    "WrongDeclaration",
    "distinct",
    "groups_of",
    "require_page_path",
    "require_templates",
]
