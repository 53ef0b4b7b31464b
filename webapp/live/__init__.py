"""The engine: rows of a database, bound to fragments of pages, changed from anywhere and seen everywhere at once.

It is a library: it imports nothing of the app around it. Its folders are named for their role, in the order in which
data passes from a browser to the database, and back to all browsers:

    http/        in: requests and handshakes. Out: pages, and sockets for `protocol`.
    protocol/    in: frames of one socket. Out: what they ask for, to a binding; replies to the sender.
    presence/    in: who is here and types. Out: frames that may be lost.
    fanout/      in: rings. Out: frames of what changed, the same for all subscribers of a group.
    binding/     in: a declaration, and what visitors ask for. Out: edits for the writer; fragments of rows.
    writing/     in: edits. Out: commits of many at once, and rings.
    changelog/   in: the database's triggers. Out: what happened in a group after a cursor.
    relay/       in: rings and notes of this process. Out: the same in all others.
    validation/  in: text and JSON from outside. Out: values that a column can hold, or what is wrong, in words.
    templating/  in: designers' templates and static files. Out: HTML, and URLs that name their content.
    database/    in: SQL. Out: rows that were checked one by one, from SQLite or PostgreSQL.
"""

from webapp.live.binding.binding import Binding, Rights
from webapp.live.binding.declaration_check import WrongDeclaration
from webapp.live.binding.inbound import Inbound
from webapp.live.binding.refusal import ActionRefused, Refused
from webapp.live.binding.reply import Reply
from webapp.live.contexts import Refusal
from webapp.live.http import LivePages
from webapp.live.live import Live
from webapp.live.tables import NotMigrated
from webapp.live.validation.validator import FieldProblem
from webapp.live.visitor import Visitor

__all__ = [
    "ActionRefused",
    "Binding",
    "FieldProblem",
    "Inbound",
    "Live",
    "LivePages",
    "NotMigrated",
    "Refusal",
    "Refused",
    "Reply",
    "Rights",
    "Visitor",
    "WrongDeclaration",
]
