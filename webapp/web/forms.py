"""Reading a form that anybody may have filled in, with anything."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def texts(request: Request[Any], *names: str, limit: int) -> list[str]:
    """The fields `names`, empty where there is none, of a form whose fields have `limit` bytes at most.

    Raises HTTPException 400 for what is no form, and for text that cannot be stored.
    """
    found = await fields(request, limit)
    return [value if isinstance(value := found.get(name, ""), str) else value[-1] for name in names]


async def fields(request: Request[Any], limit: int) -> dict[str, str | list[str]]:
    """All fields of such a form; one that is given several times is a list. Raises HTTPException as `texts` does."""
    found: dict[str, str | list[str]] = {}
    try:
        form = await request.form(max_files=0, max_fields=50, max_part_size=limit)
        for name in form:
            several = [value for value in form.getlist(name) if isinstance(value, str)]
            # A form may name its own charset, and some of those bring text that is none.
            "".join([name, *several]).encode()
            found[name] = several[0] if len(several) == 1 else several
    except UnicodeError as error:
        raise HTTPException(400) from error
    if any("\0" in text for value in found.values() for text in value):
        raise HTTPException(400)
    return found
