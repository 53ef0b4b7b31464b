"""Who is measured: how to start each server, and how to talk to it."""

import json
import os
import re
import secrets
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.peers import socketio
from bench.processes import LOAD_CORE, Server, free_port

ROOT = Path(__file__).resolve().parent.parent
ROOM = "bench-room-1"


@dataclass(frozen=True)
class Dialect:
    """How a client of one server talks.

    path: of the socket. say: the text of the frame that says a message. opening: what a client sends once its
    socket is open. answer: what it sends upon a text. is_ready: whether a text shows that messages will
    arrive from now on; None when an open socket is enough.
    """

    path: str
    say: Callable[[str], str]
    opening: str | None = None
    answer: Callable[[bytes], str | None] = lambda _payload: None
    is_ready: Callable[[bytes], bool] | None = None


@dataclass(frozen=True)
class Subject:
    """A server to measure; `running` takes an empty folder and serves afresh until the context ends.

    halves: it may be measured with half as many sockets when it fails with all.
    """

    name: str
    running: Callable[[Path], AbstractContextManager[tuple[Server, Dialect]]]
    halves: bool = False


def _environment(**extra: str) -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | extra


@contextmanager
def _ours(folder: Path) -> Iterator[tuple[Server, Dialect]]:
    port = free_port()
    env = _environment(
        HOST="127.0.0.1",
        PORT=str(port),
        DATABASE_URL=f"sqlite://{folder / 'bench.sqlite3'}",
        RATE_LIMIT="off",
        SECRET_KEY=secrets.token_urlsafe(32),
        PYTHONPATH=str(ROOT),
    )
    python = os.environ.get("BENCH_APP_PYTHON") or str(ROOT / ".venv/bin/python")
    with Server([python, "-m", "webapp", "serve"], port, folder / "log", env) as server:
        # The first visit makes the room; its page carries the cursor that the sockets resume from.
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{ROOM}/", timeout=10) as response:
            page = response.read().decode()
        field = re.search(r'<input[^>]*id="cursor"[^>]*value="([^"]*)"', page)
        if field is None:
            raise LookupError("the room page carries no cursor")
        opening = json.dumps({"action": "resume", "cursor": field[1], "headers": {"HX-Request": "true"}})
        yield server, Dialect(f"/{ROOM}/live", _say_ours, opening, is_ready=lambda _payload: True)


def _say_ours(text: str) -> str:
    said = {"stream": "chat", "action": "create", "handle": "bench", "message": text}
    return json.dumps(said | {"nonce": secrets.token_urlsafe(16), "headers": {"HX-Request": "true"}})


@contextmanager
def _channels(layer: str, folder: Path) -> Iterator[tuple[Server, Dialect]]:
    redis_port, port = free_port(), free_port()
    redis = ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", ""]
    redis += ["--dir", str(folder)]
    env = _environment(
        BENCH_DATABASE=str(folder / "bench.sqlite3"),
        BENCH_REDIS=f"redis://127.0.0.1:{redis_port}/0",
        BENCH_LAYER=layer,
        PYTHONPATH=str(ROOT),
    )
    serve = [sys.executable, "-m", "uvicorn", "bench.peers.channels_app:application", "--port", str(port)]
    serve += ["--loop", "uvloop", "--ws-per-message-deflate", "false", "--backlog", "4096"]
    serve += ["--log-level", "warning", "--no-access-log"]
    with (
        Server(redis, redis_port, folder / "redis.log", _environment(), core=LOAD_CORE) as store,
        Server(serve, port, folder / "log", env) as server,
    ):
        server.helpers = (store,)
        yield server, Dialect("/chat/", lambda text: json.dumps({"handle": "bench", "message": text}))


@contextmanager
def _socketio(folder: Path) -> Iterator[tuple[Server, Dialect]]:
    port = free_port()
    script = folder / "server.cjs"
    script.write_text(socketio.SERVER)
    modules = Path(sys.prefix) / "node/node_modules"
    env = _environment(PORT=str(port), NODE_PATH=str(modules), NODE_ENV="production")
    with Server(["node", str(script)], port, folder / "log", env) as server:
        yield server, socketio_dialect()


def socketio_dialect() -> Dialect:
    """Return the Socket.IO protocol, version 5 over Engine.IO 4, as far as it is needed here."""

    def say(text: str) -> str:
        return "42" + json.dumps(["say", {"handle": "bench", "message": text}])

    def answer(payload: bytes) -> str | None:
        if payload == b"2":  # a ping of Engine.IO
            return "3"
        return "40" if payload.startswith(b"0") else None  # the session is open: join the main namespace

    path = "/socket.io/?EIO=4&transport=websocket"
    return Dialect(path, say, answer=answer, is_ready=lambda payload: payload.startswith(b"40"))


OURS = Subject("this app", _ours)
SOCKETIO = Subject("Socket.IO 4 (stores nothing)", _socketio)
CHANNELS = Subject("Channels 4, channels_redis", partial(_channels, "core"), halves=True)
CHANNELS_PUBSUB = Subject("Channels 4, channels_redis pub/sub", partial(_channels, "pubsub"), halves=True)
