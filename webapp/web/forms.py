"""Reading a form that anybody may have filled in, with anything."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def texts(request: Request[Any], *names: str, limit: int) -> list[str]:
    """The fields `names`, empty where there is none, of a form whose fields have `limit` bytes at most.

    Raises HTTPException 400 for what is no form, and for text that cannot be stored.
    """
    try:
        form = await request.form(max_files=0, max_fields=20, max_part_size=limit)
        found = [value if isinstance(value := form.get(name), str) else "" for name in names]
        # A form may name its own charset, and some of those bring text that is none.
        "".join(found).encode()
    except UnicodeError as error:
        raise HTTPException(400) from error
    if any("\0" in text for text in found):
        raise HTTPException(400)
    return found
