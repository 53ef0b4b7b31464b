"""Who has given the operator's token: a signed cookie, for half a day."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from webapp.live.http import keys_of

COOKIE = "admin"
"""The name of the cookie; the browser sends it to /admin/ alone."""

PATH = "/admin/"

MAX_AGE = 12 * 3600
"""Seconds for which the token need not be given again."""


class AdminSession:
    """Knows browsers that have given the token.

    Args:
        token: ADMIN_TOKEN; empty: nobody is the operator.
        secret_key: Signs the cookie.
    """

    def __init__(self, token: str, secret_key: str) -> None:
        newest, *older = keys_of(secret_key)
        self._token = token
        self._serializer = URLSafeTimedSerializer([*reversed(older), newest], salt="admin")
        # With another token, the cookies of the old one are worth nothing.
        self._value = hashlib.sha256(token.encode()).hexdigest()

    @property
    def is_possible(self) -> bool:
        """Whether the deployment has an operator's page."""
        return bool(self._token)

    def is_token(self, text: str) -> bool:
        """Return whether `text` is the token."""
        return self.is_possible and hmac.compare_digest(text.strip().encode(), self._token.encode())

    def has(self, connection: HTTPConnection[Any]) -> bool:
        """Return whether the browser at the other end has given the token."""
        if not self.is_possible:
            return False
        try:
            found = self._serializer.loads(connection.cookies.get(COOKIE, ""), max_age=MAX_AGE)
        except BadSignature as error:
            # The error and its traceback refer to each other (webapp/live/http/visitors.py says more).
            error.__traceback__ = None
            return False
        return bool(found == self._value)

    def remember(self, response: Response, connection: HTTPConnection[Any]) -> None:
        """Set the cookie."""
        response.set_cookie(
            COOKIE,
            self._serializer.dumps(self._value),
            path=PATH,
            max_age=MAX_AGE,
            httponly=True,
            samesite="strict",
            secure=connection.scope["scheme"] == "https",
        )

    def forget(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(COOKIE, path=PATH)
