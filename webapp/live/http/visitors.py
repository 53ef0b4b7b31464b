"""Recognises visitors by a signed cookie instead of an account, or by a signed text in the page without a cookie."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from haikunator import Haikunator
from itsdangerous import BadSignature, Signer, URLSafeSerializer, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from webapp.live.client_network import KNOWN_ADDRESSES, network_of
from webapp.live.http.secret_key import keys_of
from webapp.live.validation import name_of
from webapp.live.visitor import NAME_LIMIT, Visitor, visitor_of_task

COOKIE = "visitor"
"""The name of the cookie where pages come by http."""

SECURE_COOKIE = "__Host-visitor"
"""The name of the cookie where they come by https: no other host of the same domain can set it."""

TRANSFER_AGE = 600
"""Seconds that a link works which takes a visitor to another device."""

MAX_AGE = 365 * 24 * 3600
"""Seconds that a browser keeps the cookie after its last visit."""


class Visitors:
    """Recognises visitors by a cookie, or by the signed text that their page carries.

    Args:
        secret_key: Signs both; `keys_of` explains how it may hold several keys.
    """

    def __init__(self, secret_key: str) -> None:
        newest, *older = keys_of(secret_key)
        keys = [*reversed(older), newest]  # itsdangerous signs with the last one
        self._serializer = URLSafeSerializer(keys, salt="visitor")
        self._signer = Signer(keys, salt="socket")
        # If the salts were the same, the text in a page could be set as a cookie.
        self._pages = URLSafeSerializer(keys, salt="page")
        self._transfers = URLSafeTimedSerializer(keys, salt="transfer")
        self._haikunator = Haikunator()
        # If the key itself were used, a network's key would be a signature that something else might accept.
        self._network_secret = hmac.digest(newest.encode(), b"network", "sha256")
        self._network_key = lru_cache(KNOWN_ADDRESSES)(self._key_of)

    def of(self, connection: HTTPConnection[Any], page: str = "") -> Visitor:
        """Return the visitor at the other end: the cookie's, else the page's, else a new one.

        If only the cookie counted, each request of a page would come from a new visitor where the browser blocks
        cookies, or withholds them from a page in another site's frame.

        Args:
            connection: The request or the handshake.
            page: The text that `page_of` made for the page, or empty.
        """
        known = self.of_cookie(connection) or self.of_page(page)
        visitor = known or Visitor(secrets.token_urlsafe(12), self._guest())
        network = _network(connection)
        visitor = replace(visitor, network=network, network_key=self._network_key(network))
        visitor_of_task.set(visitor.id)
        return visitor

    def of_cookie(self, connection: HTTPConnection[Any]) -> Visitor | None:
        """Return the visitor that the cookie names; None: there is no cookie with our signature."""
        return _loaded(self._serializer.loads, connection.cookies.get(_cookie_of(connection), ""))

    def of_page(self, page: str) -> Visitor | None:
        """Return the visitor that `page`, made by `page_of`, names; None: it does not have our signature."""
        return _loaded(self._pages.loads, page) if page else None

    def page_of(self, visitor: Visitor) -> str:
        """Return a signed text that names `visitor`, for forms in the visitor's own page, never for a URL."""
        return str(self._pages.dumps(_data(visitor)))

    def transfer_of(self, visitor: Visitor) -> str:
        """Return a signed text for a URL. For TRANSFER_AGE seconds, a browser that opens it may become `visitor`."""
        return str(self._transfers.dumps(_data(visitor)))

    def of_transfer(self, text: str) -> Visitor | None:
        """Return the visitor that `text`, made by `transfer_of`, names; None: it is too old, or not ours."""
        return _loaded(partial(self._transfers.loads, max_age=TRANSFER_AGE), text)

    def forget(self, response: Response, connection: HTTPConnection[Any]) -> None:
        """Delete the cookie: the browser's next visit is that of a new visitor."""
        response.delete_cookie(_cookie_of(connection), httponly=True, samesite="lax", secure=is_secure(connection))

    def remember(self, response: Response, connection: HTTPConnection[Any], visitor: Visitor, handle: str) -> None:
        """Set the cookie that names the visitor.

        Args:
            response: The response that carries the cookie.
            connection: The request.
            visitor: The visitor.
            handle: The name that the visitor chose, maybe with a secret, as for `Visitor.named`; maybe empty.
        """
        known = visitor.named(handle)
        known = replace(known, handle=known.handle[:NAME_LIMIT])
        response.set_cookie(
            _cookie_of(connection),
            self._serializer.dumps(_data(known)),
            max_age=MAX_AGE,
            httponly=True,
            samesite="lax",
            secure=is_secure(connection),
        )

    def token(self, visitor: Visitor) -> str:
        """Return the token in the URL of a page's socket; only a page that we made for `visitor` can know it."""
        return self._signer.get_signature(visitor.id).decode("ascii")

    def has_token(self, connection: HTTPConnection[Any]) -> bool:
        """Return whether `connection` carries the token of a page that we made for the same browser."""
        token = connection.query_params.get("page", "")
        # Without a cookie, `of` returns a new visitor, whose token no page has.
        return self._signer.verify_signature(self.of(connection).id, token.encode("ascii", "replace"))

    def _key_of(self, network: str) -> str:
        return hmac.digest(self._network_secret, network.encode(), "sha256").hex()[:32] if network else ""

    def _guest(self) -> str:
        name: str = self._haikunator.haikunate(delimiter=" ", token_length=0)
        return name.title()


def _cookie_of(connection: HTTPConnection[Any]) -> str:
    return SECURE_COOKIE if is_secure(connection) else COOKIE


def is_secure(connection: HTTPConnection[Any]) -> bool:
    """Return whether a browser reaches the app over TLS."""
    return connection.scope["scheme"] in ("https", "wss")


def _network(connection: HTTPConnection[Any]) -> str:
    # A server on a Unix socket, and a proxy that reports no address, leave none here.
    try:
        return network_of(connection.client.host) if connection.client else ""
    except ValueError:
        return ""


def _data(visitor: Visitor) -> dict[str, str]:
    data = {"id": visitor.id, "guest": visitor.guest, "handle": visitor.handle}
    # Few visitors have any of the others, and the text is in every page and every cookie.
    seldom = {"alias": visitor.alias, "worked": str(visitor.worked_until or "")}
    return data | {name: value for name, value in seldom.items() if value}


def _loaded(loads: Callable[[str], Any], text: str) -> Visitor | None:
    try:
        known = loads(text)
        alias, worked = str(known.get("alias", "")), int(known.get("worked", 0))
        return Visitor(str(known["id"]), str(known["guest"]), name_of(str(known["handle"])), alias, worked)
    except (BadSignature, TypeError, ValueError, KeyError, AttributeError) as error:
        # itsdangerous keeps the error in a local of a frame that the error's traceback refers to. That cycle holds the
        # frames of all callers, too, so each refused form of 256 KB would stay until the garbage collector runs.
        error.__traceback__ = None
        return None
