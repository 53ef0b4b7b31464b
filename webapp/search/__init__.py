"""The search in a room: a feature. The database keeps an index of all messages, whichever program writes them.

In: the form of the page, as one types. Out: the newest messages that have what is looked for, with the words marked.

    feature.py     the search as a feature of the app
    pages.py       the page, and the fragment with the results
    asked.py       what the form asks for
    terms.py       the terms of a text, and where messages have them
    matching.py    how each database is asked for them
    finding.py     finds messages
    contexts.py    contexts of the templates in templates/search/
"""

from webapp.search.feature import feature

__all__ = ["feature"]
