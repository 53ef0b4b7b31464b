"""Contexts of the templates of live pages, and the forms in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from webapp.live.binding import Binding
from webapp.live.contexts import Refusal
from webapp.live.protocol import Stream


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in.

    Attributes:
        form: Start of the ids in it.
        pk: Primary key of its row; None: a new row.
        entered: The value of every writable field by its name: the text that the visitor typed, the value of the row,
            or the default of a new row.
        version: Version of the row. An edit sends it back, so that it cannot overwrite a newer row unseen.
        refusal: Why the server did not take the form, or None.
    """

    form: str
    pk: Any
    entered: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class LivePage:
    """For the page of a binding, such as board/page.html.

    Attributes:
        rows: Rows of the list, oldest first.
        cursor: The cursor of the page, an opaque text.
        path: URL path of the page, which its forms post to.
        live_path: URL path of its socket.
        new: The form for a new row.
        edit: The form for the row that the visitor edits, or None.
        refusal: Why an action without a form was not done, or None.
        refresh: Seconds after which a page without scripts loads itself again; None while the visitor writes on it.
        visitor: A signed text that names the visitor of the page, for hidden fields only.
    """

    rows: list[Any]
    cursor: str
    path: str
    live_path: str
    new: Form
    edit: Form | None
    refusal: Refusal | None
    refresh: int | None
    visitor: str = ""


@dataclass(frozen=True, slots=True)
class EditForm:
    """For the edit form alone, such as board/_edit.html, which htmx puts into an open page.

    Attributes:
        path: As in LivePage.
        edit: As in LivePage.
        visitor: As in LivePage.
    """

    path: str
    edit: Form
    visitor: str = ""


def empty(binding: Binding[Any]) -> Form:
    """Return the form for a new row, with the model's defaults."""
    known = binding.model._meta.fields_map
    values = {name: _default(known[name].default) for name in binding.writable}
    return Form(binding.form("create", None), None, values)


async def filled(stream: Stream, pk: Any) -> Form | None:
    """Return the form for the row `pk` as it is now; None: the stream's group has no such row."""
    binding, group, _ = stream
    row = await binding.model.get_or_none(pk=pk, **binding.conditions(group))
    if row is None:
        return None
    values = {name: getattr(row, name) for name in binding.writable} | binding.rows.values(row)
    return Form(binding.element_id(pk), pk, values, binding.rows.version(row))


def _default(default: Any) -> Any:
    if default is None or callable(default):
        return ""
    return default.value if isinstance(default, Enum) else default
