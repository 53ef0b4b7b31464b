"""In development, shows each saved template and style sheet in the pages that are open, without loading them again.

In: files that change, and pages that are rendered.
Out: frames for open pages: "ask for yourself anew", new style sheets, and what is wrong with a template.

    preview.py      Preview: the parts together, as the app runs them
    watching.py     tells which files have changed
    templates.py    the templates, which remember what they were given and keep their last sound text
    sheets.py       the style sheets of the pages that are open
    audience.py     the sockets of all open pages
    additions.py    what the preview adds to a page
    middleware.py   adds that to each page, and shows the mistake in place of a page that cannot be rendered
    document.py     the changes that an HTML document needs for that
    lists.py        lists that a reader has made longer by scrolling
    answers.py      the socket of pages that have none, and the page as it is now
    contexts.py     contexts of the templates in templates/design/

Without `serve --dev`, nothing imports this package.
"""

from webapp.design.preview.preview import Preview

__all__ = ["Preview"]
