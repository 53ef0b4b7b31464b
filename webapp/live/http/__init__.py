"""The web side of the engine: pages, forms, and the handshake of a page's socket.

In: requests and handshakes.
Out: pages with the first rows and their cursor, replies to forms, and connections for accepted sockets.

    pages.py        the page of a binding, its forms, and its socket
    contexts.py     the contexts of a page's template, and the forms in it
    forms.py        reads a form that may hold anything
    socket.py       accepts a handshake, and runs a connection
    stream.py       a page without scripts that never ends
    languages.py    finds the language of a request, and remembers the one that a reader chose
    visitors.py     recognises visitors by a signed cookie or by their page
    secret_key.py   the key that signs the cookie
"""

from webapp.live.http.forms import texts
from webapp.live.http.languages import LanguageChoice, Languages
from webapp.live.http.pages import LivePages, require_page_paths
from webapp.live.http.secret_key import is_weak, kept_secret, keys_of, read_secret
from webapp.live.http.socket import LiveSocket, socket_path
from webapp.live.http.stream import LiveStream
from webapp.live.http.visitors import TRANSFER_AGE, Visitors, is_secure

__all__ = [
    "TRANSFER_AGE",
    "LanguageChoice",
    "Languages",
    "LivePages",
    "LiveSocket",
    "LiveStream",
    "Visitors",
    "is_secure",
    "is_weak",
    "kept_secret",
    "keys_of",
    "read_secret",
    "require_page_paths",
    "socket_path",
    "texts",
]
