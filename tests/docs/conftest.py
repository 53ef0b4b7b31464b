"""The project as somebody has it who did what docs/binding.md says."""

from __future__ import annotations

import pytest

from tests.docs.document import Copy

# Two more bindings of the document's, which it does not name a page for.
TICKING = '*LivePages("/ticking/", "ticking", "ticking/page.html").routes'
ENTRIES = '*LivePages("/lists/{list_id}/", "entry", "entry/page.html").routes'


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The copy, with its migration made."""
    copy = Copy(tmp_path_factory.mktemp("project"))
    copy.follow("binding.md")
    copy.derive("templates/todo/page.html", "ticking")
    copy.derive("templates/todo/_todo.html", "ticking")
    copy.derive("templates/todo/page.html", "entry")
    copy.insert(
        "webapp/routes.py", '        Route("/{label}/", chat.room_page),', f"        {TICKING},\n        {ENTRIES},\n"
    )
    copy.insert("webapp/db.py", '    "webapp.todo.models",', '    "webapp.todo.shared",\n')
    copy.insert(
        "webapp/app.py",
        "from webapp.todo.bindings import TodoBinding",
        "from webapp.todo.shared import EntryBinding, MemberRights\nfrom webapp.todo.ticking import TickingBinding\n",
    )
    added = "".join(f"            {name}(),\n" for name in ("EntryBinding", "MemberRights", "TickingBinding"))
    copy.insert("webapp/app.py", "            TodoBinding(),", added)
    copy.run("tortoise", "makemigrations")
    return copy
