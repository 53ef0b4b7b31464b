"""The project as somebody has it who did what docs/binding.md says."""

from __future__ import annotations

import pytest

from tests.support.project_copy import Copy

# Two more bindings of the document's, which it does not name a page for.
TICKING = '*LivePages("/ticking/", "ticking", "ticking/page.html").routes'
ADDED = "EntryBinding(), MemberRights(), TickingBinding()"
ENTRIES = '*LivePages("/lists/{list_id}/", "entry", "entry/page.html").routes'


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy, with its migration made."""
    copy = Copy(tmp_path_factory.mktemp("project"))
    copy.follow("binding.md")
    copy.derive("templates/todo/page.html", "ticking")
    copy.derive("templates/todo/_todo.html", "ticking")
    copy.derive("templates/todo/page.html", "entry")
    # An entry is not ticked.
    copy.cut("templates/entry/page.html", '      <p>\n        <input id="new-done"', "      </p>\n")
    copy.insert(
        "webapp/todo/feature.py",
        "from webapp.web.feature import Feature",
        "from webapp.todo.shared import EntryBinding, MemberRights\nfrom webapp.todo.ticking import TickingBinding\n",
    )
    copy.replace("webapp/todo/feature.py", '["webapp.todo.models"]', '["webapp.todo.models", "webapp.todo.shared"]')
    copy.replace("webapp/todo/feature.py", "[TodoBinding()]", f"[TodoBinding(), {ADDED}]")
    copy.replace(
        "webapp/todo/feature.py",
        'routes=LivePages("/todos/", "todo", "todo/page.html").routes',
        f'routes=[*LivePages("/todos/", "todo", "todo/page.html").routes, {TICKING}, {ENTRIES}]',
    )
    copy.run("tortoise", "makemigrations")
    return copy
