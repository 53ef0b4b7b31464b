"""Visitors: a signed cookie instead of an account."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from haikunator import Haikunator
from itsdangerous import BadSignature, Signer, URLSafeSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from webapp.live.texts import name_of
from webapp.live.visitor import NAME_LIMIT, Visitor

COOKIE = "visitor"

MAX_AGE = 365 * 24 * 3600
"""Seconds that a browser keeps the cookie after its last visit."""


class Visitors:
    """Knows visitors again by a cookie signed with `secret_key`."""

    def __init__(self, secret_key: str) -> None:
        self._serializer = URLSafeSerializer(secret_key, salt="visitor")
        self._signer = Signer(secret_key, salt="page")
        self._haikunator = Haikunator()

    def of(self, connection: HTTPConnection[Any]) -> Visitor:
        """Who is at the other end; somebody new when there is no cookie that we signed."""
        try:
            known = self._serializer.loads(connection.cookies.get(COOKIE, ""))
            return Visitor(str(known["id"]), str(known["guest"]), name_of(str(known["handle"])))
        except (BadSignature, TypeError, KeyError):
            return Visitor(secrets.token_urlsafe(12), self._guest())

    def remember(self, response: Response, connection: HTTPConnection[Any], visitor: Visitor, handle: str) -> None:
        """Have the browser keep who it is, and the name that it chose."""
        known = replace(visitor, handle=name_of(handle)[:NAME_LIMIT])
        response.set_cookie(
            COOKIE,
            self._serializer.dumps({"id": known.id, "guest": known.guest, "handle": known.handle}),
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
