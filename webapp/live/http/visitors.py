"""Visitors: a signed cookie instead of an account, and the same in the page for browsers that keep no cookie."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from haikunator import Haikunator
from itsdangerous import BadSignature, Signer, URLSafeSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from webapp.live.validation.texts import name_of
from webapp.live.visitor import NAME_LIMIT, Visitor

COOKIE = "visitor"

MAX_AGE = 365 * 24 * 3600
"""Seconds that a browser keeps the cookie after its last visit."""


class Visitors:
    """Knows visitors again by a cookie, or by what their page carries; both are signed with `secret_key`."""

    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeSerializer(secret_key, salt="visitor")
        self._signer = Signer(secret_key, salt="socket")
        # Another salt: a cookie cannot be made from what stands in a page.
        self._pages = URLSafeSerializer(secret_key, salt="page")
        self._haikunator = Haikunator()

    def of(self, connection: HTTPConnection[Any], page: str = "") -> Visitor:
        """The visitor at the other end.

        The cookie says who, and else `page`: with cookies blocked, or withheld from a page in another site's frame,
        each request of one page would be somebody else's. Without both it is somebody new.
        """
        return self.of_cookie(connection) or self.of_page(page) or Visitor(secrets.token_urlsafe(12), self._guest())

    def of_cookie(self, connection: HTTPConnection[Any]) -> Visitor | None:
        """The visitor that the cookie names; None when there is none that we signed."""
        return _loaded(self._serializer, connection.cookies.get(COOKIE, ""))

    def of_page(self, page: str) -> Visitor | None:
        """The visitor that `page`, made by `page_of`, names; None when we did not sign it."""
        return _loaded(self._pages, page) if page else None

    def page_of(self, visitor: Visitor) -> str:
        """A signed text that names `visitor`. It goes into forms of the visitor's own page, and never into a URL."""
        return str(self._pages.dumps(_data(visitor)))

    def remember(self, response: Response, connection: HTTPConnection[Any], visitor: Visitor, handle: str) -> None:
        """Have the browser keep who it is, and the name that it chose."""
        known = replace(visitor, handle=name_of(handle)[:NAME_LIMIT])
        response.set_cookie(
            COOKIE,
            self._serializer.dumps(_data(known)),
            max_age=MAX_AGE,
            httponly=True,
            samesite="lax",
            secure=connection.url.scheme in ("https", "wss"),
        )

    def token(self, visitor: Visitor) -> str:
        """What a page puts into the address of its socket: only a page that we made for `visitor` can know it."""
        return self._signer.get_signature(visitor.id).decode("ascii")

    def has_token(self, connection: HTTPConnection[Any]) -> bool:
        """Whether `connection` carries the token of a page that we made for the same browser."""
        token = connection.query_params.get("page", "")
        # Without a cookie this is a new visitor, whose token is on no page.
        return self._signer.verify_signature(self.of(connection).id, token.encode("ascii", "replace"))

    def _guest(self) -> str:
        name: str = self._haikunator.haikunate(delimiter=" ", token_length=0)
        return name.title()


def _data(visitor: Visitor) -> dict[str, str]:
    return {"id": visitor.id, "guest": visitor.guest, "handle": visitor.handle}


def _loaded(serializer: URLSafeSerializer, text: str) -> Visitor | None:
    try:
        known = serializer.loads(text)
        return Visitor(str(known["id"]), str(known["guest"]), name_of(str(known["handle"])))
    except (BadSignature, TypeError, KeyError) as error:
        # itsdangerous keeps the error in a local of a frame that the error's traceback refers to. That cycle holds the
        # frames of all callers, too, so each refused form of 256 KB would stay until the garbage collector runs.
        error.__traceback__ = None
        return None
