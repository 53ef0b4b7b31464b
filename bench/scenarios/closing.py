"""How soon a passphrase closes the sockets of a full room: all of them, with 4403."""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.harness import app

ROOM = "bench-room-1"


def main(arguments: list[str]) -> int:
    """Measure it in some rounds; the exit code."""
    parser = argparse.ArgumentParser(prog="bin/bench closing", description=__doc__)
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite://{folder}/bench.sqlite3"
            with app.serving(Path(folder), url) as server:
                asyncio.run(_measured(server.port, options.sockets))
    return 0


async def _measured(port: int, sockets: int) -> None:
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, follow_redirects=True, timeout=60) as owner:
        (await owner.get(f"/{ROOM}/")).raise_for_status()
        live = f"ws://127.0.0.1:{port}/{ROOM}/live?binding.json"
        opened = [await connect(live, compression=None, max_size=None) for _ in range(sockets)]
        closing = [asyncio.create_task(_closed(each)) for each in opened]
        await asyncio.sleep(2)
        began = time.perf_counter()
        await owner.post(f"/{ROOM}/settings", data={"act": "passphrase", "passphrase": "open sesame"})
        answered = time.perf_counter()
        ended = await asyncio.gather(*closing)
    codes = {code for _, code in ended}
    print(
        f"{sockets} sockets: the owner was answered after {answered - began:.2f} s,"
        f" the last socket was closed after {max(at for at, _ in ended) - began:.2f} s, with {codes}"
    )


async def _closed(socket: ClientConnection) -> tuple[float, int | None]:
    try:
        while True:
            await socket.recv()
    except ConnectionClosed:
        return time.perf_counter(), socket.close_code
