"""What the templates of live pages are given, and the forms in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from webapp.live.binding import Binding
from webapp.live.contexts import Refusal
from webapp.live.protocol.engine import Stream


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill in.

    form: what its ids start with. pk: of its row, None for a new one. entered: what stands in its fields: every
    writable one by its name, with what was typed, what the row has, or what a new row gets. version: goes along with
    an edit, so that nobody's is overwritten unseen. refusal: why it was not taken, or None.
    """

    form: str
    pk: Any
    entered: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class LivePage:
    """For the page of a binding, such as board/page.html.

    rows: oldest first. cursor: where the page is. path, live_path: URL paths of the page, which forms post to, and
    of its socket. new: the form for a new row. edit: the form for the row that is being edited, or None. refusal: why
    something that has no form was not done, or None. refresh: seconds after which a page without scripts loads itself
    again, or None while somebody writes on it. visitor: says to the server whose page this is, signed; for hidden
    fields only.
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
    """For the edit form alone, such as board/_edit.html, which takes its place in an open page: as in LivePage."""

    path: str
    edit: Form
    visitor: str = ""


def empty(binding: Binding[Any]) -> Form:
    """The form for a new row, with what it gets when nothing else is said."""
    known = binding.model._meta.fields_map
    values = {name: _default(known[name].default) for name in binding.writable}
    return Form(binding.form("create", None), None, values)


async def filled(stream: Stream, pk: Any) -> Form | None:
    """The form for the row `pk`, as it is now; None when it is not in the stream's group."""
    binding, group = stream
    row = await binding.model.get_or_none(pk=pk, **binding.conditions(group))
    if row is None:
        return None
    values = {name: getattr(row, name) for name in binding.writable} | binding.rows.values(row)
    return Form(binding.element_id(pk), pk, values, binding.rows.version(row))


def _default(default: Any) -> Any:
    if default is None or callable(default):
        return ""
    return default.value if isinstance(default, Enum) else default
