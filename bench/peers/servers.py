"""The servers that are measured: how to start each, and how to talk to it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.harness import app, stores
from bench.harness.dialect import Dialect
from bench.harness.processes import ROOT, Server, environment, free_port
from bench.harness.subject import Subject
from bench.peers import socketio

ROOM = "bench-room-1"


@contextmanager
def _ours(folder: Path) -> Iterator[tuple[Server, Dialect]]:
    with app.serving(folder, f"sqlite://{folder / 'bench.sqlite3'}") as server:
        yield server, app.dialect(ROOM, app.enter(server.port, ROOM))


@contextmanager
def _channels(layer: str, folder: Path) -> Iterator[tuple[Server, Dialect]]:
    port = free_port()
    env = environment(
        BENCH_DATABASE=str(folder / "bench.sqlite3"),
        BENCH_LAYER=layer,
        PYTHONPATH=str(ROOT),
    )
    serve = [sys.executable, "-m", "uvicorn", "bench.peers.channels_app:application", "--port", str(port)]
    serve += ["--loop", "uvloop", "--ws-per-message-deflate", "false", "--backlog", "4096"]
    serve += ["--log-level", "warning", "--no-access-log"]
    with (
        stores.redis(folder) as store,
        Server(serve, port, folder / "log", env | {"BENCH_REDIS": stores.redis_url(store)}) as server,
    ):
        server.helpers = (store,)
        yield server, Dialect("/chat/", _say_channels, opens_ready=True)


def _say_channels(text: str) -> str:
    return json.dumps({"handle": "bench", "message": text})


@contextmanager
def _socketio(folder: Path) -> Iterator[tuple[Server, Dialect]]:
    with serving_node(folder, socketio.SERVER) as server:
        yield server, socketio_dialect()


@contextmanager
def serving_node(folder: Path, program: str, **env: str) -> Iterator[Server]:
    """Serve a program for Node on a free port until the block ends; it logs into `folder`."""
    port = free_port()
    script = folder / "server.cjs"
    script.write_text(program)
    modules = Path(sys.prefix) / "node/node_modules"
    env = environment(PORT=str(port), NODE_PATH=str(modules), NODE_ENV="production", **env)
    with Server(["node", str(script)], port, folder / "log", env) as server:
        yield server


def socketio_dialect(room: str = "") -> Dialect:
    """Return the Socket.IO protocol, version 5 over Engine.IO 4, as far as it is needed here."""

    def say(text: str) -> str:
        return "42" + json.dumps(["say", {"handle": "bench", "message": text}])

    def answer(payload: bytes) -> str | None:
        if payload == b"2":  # a ping of Engine.IO
            return "3"
        return "40" if payload.startswith(b"0") else None  # the session is open: join the main namespace

    path = f"/socket.io/?EIO=4&transport=websocket&room={room}"
    return Dialect(path, say, answer=answer, is_ready=lambda payload: payload.startswith(b"40"))


OURS = Subject("this app", _ours)
SOCKETIO = Subject("Socket.IO 4 (stores nothing)", _socketio)
CHANNELS = Subject("Channels 4, channels_redis", partial(_channels, "core"), halves=True)
CHANNELS_PUBSUB = Subject("Channels 4, channels_redis pub/sub", partial(_channels, "pubsub"), halves=True)
