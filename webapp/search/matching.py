"""How each database is asked for the messages that have some terms. The migration makes the indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple

from webapp.search.asked import Asked
from webapp.search.terms import Term, folded

# The same as in the migration that makes the index of SQLite.
_SIGNS: Final = dict.fromkeys("\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0653\u0654\u0655\u0670", "")
ALIKE: Final = str.maketrans(
    {
        **_SIGNS,
        **dict(zip("άέήίόύώϊϋΐΰςΆΈΉΊΌΎΏΪΫ", "αεηιουωιυιυσΑΕΗΙΟΥΩΙΥ", strict=True)),
        **dict(
            zip(
                "\u0622\u0623\u0625\u0671\u0624\u0626\u0649\u0629\u0451\u0401",
                "\u0627\u0627\u0627\u0627\u0648\u064a\u064a\u0647\u0435\u0415",
                strict=True,
            )
        ),
    }
)


class Matching(NamedTuple):
    """The parts of an SQL statement that depend on the database.

    Attributes:
        tables: The tables to read, `message` among them.
        conditions: What the rows have to meet.
        order: The column with the id that the rows are ordered by.
        position: The function that returns where a text has another one, from 1 on; 0: nowhere.
        moment: Returns the beginning of a day as the database compares it.
    """

    tables: str
    conditions: Sequence[str]
    order: str
    position: str
    moment: Callable[[datetime], Any]


Value = Callable[[Any], str]
"""Takes a value, and returns the mark in the statement that stands for it."""


def on_sqlite(room_id: int, asked: Asked, value: Value) -> Matching:
    """Return the parts for SQLite: the table of FTS5 is read from its end, until enough messages are found."""
    found = [f'room : "{room_id}"', *(['room : "link"'] if asked.links else [])]
    for column, terms in (("handle", asked.by), ("words", asked.terms)):
        for term in terms:
            if term.is_unspaced:
                found += [f'pairs : "{pair}"{"*" if len(pair) == 1 else ""}' for pair in _pairs(term)]
            elif words := " ".join(word.translate(ALIKE) for word in term.words).strip():
                found.append(f'{column} : "{words}"{"*" if term.is_prefix else ""}')
    if len(found) == 1:
        return Matching("message", [f"message.room_id = {value(room_id)}"], "message.id", "instr", _date)
    return Matching(
        "message_search JOIN message ON message.id = message_search.rowid",
        [f"message_search MATCH {value(' AND '.join(found))}", f"message.room_id = {value(room_id)}"],
        "message_search.rowid",
        "instr",
        _date,
    )


def on_postgres(room_id: int, asked: Asked, value: Value) -> Matching:
    """Return the parts for PostgreSQL: the planner takes the index of terms, or that of rooms for common terms."""
    exact = [f"'#{room_id}'", *(["'://'"] if asked.links else [])]
    # The index does not know which words of a name follow each other.
    exact += [f"'@{lexeme[1:]}" for term in asked.by for lexeme in _lexemes(term)]
    unspaced = [pair for term in asked.terms if term.is_unspaced for pair in _pairs(term)]
    exact += [f"'{pair}'{':*' if len(pair) == 1 else ''}" for pair in unspaced]
    words = [" <-> ".join(_lexemes(term)) for term in asked.terms if not term.is_unspaced]
    conditions = [f"message.room_id = {value(room_id)}"]
    terms_sql = "message_terms(message.room_id, message.handle, message.message)"
    if words or len(exact) > 1:
        asks = f"{value(' & '.join(exact))}::text::tsquery"
        if words:
            asks += f" && to_tsquery('simple', {value(' & '.join(words))})"
        conditions.append(f"{terms_sql} @@ ({asks})")
    return Matching("message", conditions, "message.id", "strpos", lambda moment: moment)


def _lexemes(term: Term) -> Iterator[str]:
    last = len(term.words) - 1
    for number, word in enumerate(term.words):
        yield f"'{folded(word)}'{':*' if term.is_prefix and number == last else ''}"


def _pairs(term: Term) -> list[str]:
    text = term.words[0]
    return [text] if len(text) == 1 else ["".join(pair) for pair in pairwise(text)]


def _date(moment: datetime) -> str:
    # SQLite compares the texts. Other programs may have written "2026-11-27T10:00:00", or no part of a second.
    return f"{moment:%Y-%m-%d}"
