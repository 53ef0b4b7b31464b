"""This app as a client and its host see it: migrate a database, serve it, enter a room, talk in it."""

import json
import os
import re
import secrets
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from bench.harness.dialect import Dialect
from bench.harness.processes import ROOT, Server, environment, free_port

PYTHON = os.environ.get("BENCH_APP_PYTHON") or str(ROOT / ".venv/bin/python")

_HTMX = {"HX-Request": "true"}


@contextmanager
def serving(
    folder: Path,
    database: str,
    broadcast: str = "memory://",
    secret: str = "",
    module: str = "webapp",
    extra: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Server]:
    """Serve the app, one process, on a free port until the block ends; it logs into `folder`.

    module: what starts it, for a peer that is the app but for one thing. extra: more of its settings.
    """
    port = free_port()
    env = environment(
        HOST="127.0.0.1",
        PORT=str(port),
        DATABASE_URL=database,
        BROADCAST_URL=broadcast,
        RATE_LIMIT="off",
        SECRET_KEY=secret or secrets.token_urlsafe(32),
        PYTHONPATH=str(ROOT),
        **extra,
    )
    with Server([PYTHON, "-m", module, "serve"], port, folder / f"log-{port}", env) as server:
        yield server


def migrate(database: str) -> None:
    """Create the app's tables and triggers. Raises CalledProcessError."""
    env = environment(DATABASE_URL=database, SECRET_KEY="none", PYTHONPATH=str(ROOT))
    subprocess.run([PYTHON, "-m", "webapp", "migrate"], env=env, cwd="/", check=True, timeout=60, capture_output=True)


def enter(port: int, label: str) -> str:
    """Visit a room, which makes it if need be; return the cursor that its page carries."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{label}/", timeout=10) as response:
        page = response.read().decode()
    field = re.search(r'<input[^>]*id="cursor"[^>]*value="([^"]*)"', page)
    if field is None:
        raise LookupError("the room page carries no cursor")
    return field[1]


def dialect(label: str, cursor: str) -> Dialect:
    """Return how a page of that room talks, which was loaded at `cursor`."""
    return Dialect(f"/{label}/live", _say, _resume(cursor), is_ready=lambda _payload: True, is_accepted=_is_accepted)


def _resume(cursor: str) -> str:
    return json.dumps({"action": "resume", "cursor": cursor, "headers": _HTMX})


def _say(text: str) -> str:
    said = {"stream": "chat", "action": "create", "handle": "bench", "message": text}
    return json.dumps(said | {"nonce": secrets.token_urlsafe(16), "headers": _HTMX})


def _is_accepted(payload: bytes) -> bool:
    return payload.startswith(b'<hx-partial hx-target="#nonce"')


BOARD = "values"
"""Where the board is, as a label of `enter`."""


def board(pk: int, cursor: str) -> Dialect:
    """Return how a page of the board talks, which says +1 to the value `pk`; its numbers are what that one shows."""
    element = f"value-{pk}"
    done = f'<hx-partial hx-target="#{element}-problem"></hx-partial>'.encode()
    return Dialect(
        f"/{BOARD}/live",
        lambda _text: _press(pk),
        _resume(cursor),
        is_ready=lambda _payload: True,
        is_accepted=lambda payload: payload.startswith(done),
        numbers=re.compile(f'<hx-partial hx-target="#{element}-value">(-?[0-9]+)</hx-partial>'.encode()),
    )


def _press(pk: int) -> str:
    return json.dumps({"stream": "intval", "action": "increment", "pk": str(pk), "by": "1", "headers": _HTMX})
