"""A disk that is full: what cannot be written is given back, and when there is room again everything goes on."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import AppServer
from tests.support.json_client import JsonClient
from tests.support.live_client import LiveClient
from tests.support.page_model import PageModel

pytestmark = pytest.mark.anyio

TOLD = "was not sent"


@contextmanager
def full(server: AppServer) -> Iterator[None]:
    """No file of the server's may grow, as on a full disk."""
    files = [Path(f"{server.database}{suffix}") for suffix in ("", "-wal")]
    size = max(file.stat().st_size for file in files if file.exists())
    soft, hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (soft, hard))


def is_answered(number: int, page: PageModel) -> bool:
    """Whether message `number`, after the first one, is on the page or was refused."""
    return TOLD in page.text_of("composer-error") or len(page.texts()) > number + 1


def was_told(client: LiveClient) -> bool:
    """Whether the page says that its message was not sent."""
    return TOLD in client.page.text_of("composer-error")


async def test_a_full_disk_gives_back_what_was_said_and_all_goes_on_when_there_is_room(
    serve: Callable[..., AppServer],
) -> None:
    server = serve()
    async with LiveClient(server.url, "full") as ann, httpx.AsyncClient(base_url=server.url) as http:
        await ann.say("ann", "before")
        await ann.until(lambda page: page.texts() == ["before"])
        with full(server):
            # Small writes may still fit into what is there.
            for number in range(400):
                await ann.say("ann", f"{number} " + "x" * 1900)
                await ann.until(partial(is_answered, number))
                if was_told(ann):
                    break
            assert ann.page.fields("composer")["message"] == f"{number} " + "x" * 1900
            nonce = ann.page.fields("composer")["nonce"]
            answer = await http.post("/full/", data={"handle": "bob", "message": "y" * 1900, "nonce": "n1"})
            assert answer.status_code == 422
            assert TOLD in answer.text
            kept = PageModel(answer.text).fields("composer")
            assert (kept["message"], kept["nonce"]) == ("y" * 1900, "n1")
            # A value needs less room than a message.
            name = ""
            for number in range(400):
                name = f"{number}".ljust(99, "n")
                answer = await http.post(
                    "/values/", data={"stream": "intval", "action": "create", "name": name, "value": "7"}
                )
                if answer.status_code == 422:
                    break
            assert PageModel(answer.text).fields("value-new-name")["name"] == name
            async with JsonClient(server.url, "/full/live", None) as bot:
                told = await bot.ask("chat", "create", message="z" * 1900)
                assert told["error"] == {"reason": "busy"}
        await ann.until(lambda page: nonce == page.fields("composer")["nonce"])
        await ann.say("ann", "after")
        await ann.until(lambda page: page.texts()[-1] == "after")
    assert "Traceback" not in server.log()
