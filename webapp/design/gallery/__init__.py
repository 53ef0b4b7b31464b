"""The gallery: every template in every state, at /design/ while the app is being worked on.

In: requests for /design/, and what stands in the folders of templates at that moment.
Out: pages that show each entry of the fixtures in frames, at two widths and in two schemes.

    routes.py      the URLs
    pages.py       answers them
    contexts.py    contexts of the templates in templates/design/
    library.py     the templates and fixtures as they are now
    sources.py     what the text of a template says: what it is, what it includes, which ids it has
    describing.py  the page of a template, in parts
    frames.py      the document inside a frame
    applying.py    what a partial does to an open page
    elements.py    where the elements of a page stand in its text
"""

from webapp.design.gallery.routes import routes

__all__ = ["routes"]
