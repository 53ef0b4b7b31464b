"""The engine: it binds rows of a database to fragments of pages, and sends each change of a row to all open pages.

The engine is a library, which imports nothing of the app around it. Its folders stand here in the order in which data
passes from a browser to the database, and back to all browsers:

    http/        in: requests and handshakes. Out: pages, and sockets for `protocol`.
    protocol/    in: the frames of one socket. Out: actions for a binding, and replies to the sender.
    presence/    in: which visitors are in a group, and who types. Out: ephemeral frames.
    fanout/      in: rings. Out: frames of changes, the same for all subscribers of a group.
    binding/     in: a declaration, and the actions that visitors ask for. Out: edits for the writer; fragments of rows.
    writing/     in: edits. Out: commits of many edits at once, and rings.
    changelog/   in: declarations, and the writes that triggers see. Out: the changes of a group after a cursor.
    relay/       in: rings and notes of this process. Out: the same in all other processes.
    validation/  in: texts and JSON from clients. Out: values that a column can hold, or the reasons why not.
    templating/  in: designers' templates and static files. Out: HTML, and URLs with a hash of the content.
    database/    in: SQL. Out: rows of SQLite or PostgreSQL that were checked one by one.

An app uses `Live`, declares subclasses of `Binding` and `Rights`, and finds every public name below.
"""

from webapp.live.binding import ActionRefused, Binding, Inbound, Refused, Reply, Rights, WrongDeclaration
from webapp.live.contexts import Refusal
from webapp.live.http import LanguageChoice, Languages, LivePages
from webapp.live.live import Live
from webapp.live.observing import Observer
from webapp.live.tables import NotMigrated
from webapp.live.validation import FieldProblem
from webapp.live.visitor import Visitor

__all__ = [
    "ActionRefused",
    "Binding",
    "FieldProblem",
    "Inbound",
    "LanguageChoice",
    "Languages",
    "Live",
    "LivePages",
    "NotMigrated",
    "Observer",
    "Refusal",
    "Refused",
    "Reply",
    "Rights",
    "Visitor",
    "WrongDeclaration",
]
