"""The numbers of one process and of several, and who may read them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter as Counted
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.parser import text_string_to_metric_families

from tests.support.app_server import ROOT, SERVE, AppServer
from tests.support.handshakes import status_of
from tests.support.live_client import LiveClient
from tests.support.patience import PATIENCE, eventually, eventually_blocking, within
from tests.support.postgres_server import PostgresServer
from tests.tasks.test_places import worker
from webapp.operations import task_metrics
from webapp.operations.metrics import SECONDS, Metrics
from webapp.operations.metrics_folder import FOLDER, shared_folder
from webapp.operations.tally import CounterTally, HistogramTally

TOKEN = "0123456789abcdef0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def numbers(server: AppServer, timeout: float = 5.0) -> dict[str, float]:
    """Each sample of /metrics, by its name and labels."""
    answer = httpx.get(f"{server.url}/metrics", headers=BEARER, timeout=timeout)
    assert answer.status_code == 200, answer.text
    return samples(answer.text)


def samples(text: str) -> dict[str, float]:
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {f"{one.name}{''.join(sorted(one.labels.values()))}": one.value for one in found}


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[AppServer]:
    with AppServer(tmp_path, {"METRICS_TOKEN": TOKEN}) as server:
        yield server
    server.check()


async def test_one_process_counts_what_its_visitors_do(counted: AppServer, room: str) -> None:
    async with AsyncExitStack() as stack:
        # Whoever makes the room reads another group as well.
        async with httpx.AsyncClient(base_url=counted.url) as http:
            await http.get(f"/{room}/")
        readers = [await stack.enter_async_context(LiveClient(counted.url, room)) for _ in range(3)]
        for text in ("one", "two"):
            await readers[0].say("ann", text)
            for reader in readers:
                await reader.until(lambda page, text=text: text in page.texts())  # type: ignore[misc]
        await readers[0].say("ann", "")
        await eventually(lambda: sum(v for k, v in numbers(counted).items() if k.startswith("webapp_refusals")) == 1)
        found = numbers(counted)
        assert found["webapp_sockets"] == 3
        assert found["webapp_groups"] == found["webapp_feeds"] == 1
        assert found["webapp_processes"] == 1
        assert found["webapp_writer_backlog"] == 0
        assert found["webapp_writes_totalmessage"] == 2
        assert found["webapp_deliveries_total"] == 6
        assert found["webapp_ring_to_send_seconds_count"] == 2
        assert 0 < found["webapp_ring_to_send_seconds_sum"] < 10
        assert found["webapp_commit_writes_sum"] >= 2
        assert found["webapp_commit_seconds_count"] == found["webapp_commit_writes_count"]
    await eventually(lambda: numbers(counted)["webapp_sockets"] == 0)
    assert sum(v for k, v in numbers(counted).items() if k.startswith("webapp_sockets_closed_total")) == 3


def test_what_is_refused_without_a_socket_is_counted_too(tmp_path: Path, room: str) -> None:
    env = {"METRICS_TOKEN": TOKEN, "RATE_LIMIT": "3/hour", "ALLOWED_HOSTS": "127.0.0.1", "ROOMS_PER_ADDRESS": "1/hour"}
    env["FORWARDED_ALLOW_IPS"] = "10.0.0.1"
    with AppServer(tmp_path, env) as server, httpx.Client(base_url=server.url) as http:

        def counted(reason: str, ask: Callable[[], httpx.Response], status: int) -> None:
            """Ask, and see that it is one refusal, by one reason."""
            before = refusals(server)
            answer = ask()
            assert answer.status_code == status, answer.text[:300]
            eventually_blocking(lambda: refusals(server) - before == Counted({reason: 1}), lambda: refusals(server))

        def say(text: str) -> httpx.Response:
            return http.post(f"/{room}/", data={"handle": "ann", "message": text})

        counted("blank", lambda: say(""), 422)
        value = {"stream": "intval", "action": "create", "name": "", "value": "1"}
        counted("invalid", lambda: http.post("/values/", data=value), 422)
        counted("unknown_action", lambda: http.post("/values/", data={**value, "action": "explode"}), 400)
        counted("400", lambda: http.get(f"/{room}/messages?before=x"), 400)
        counted("405", lambda: http.put("/"), 405)
        counted("413", lambda: http.post(f"/{room}/", content=b"x" * 9_000_000), 413)
        counted("431", lambda: http.get("/", headers={"X-Long": "x" * 40_000}), 431)
        counted("400", lambda: raw(server, b"GET\r\n\r\n"), 400)
        counted("host", lambda: http.get("/", headers={"Host": "elsewhere.example"}), 400)
        counted("origin", lambda: http.post("/new/", headers={"Origin": "https://elsewhere.example"}), 403)
        for _ in range(3):
            say("hello")
        counted("flooding", lambda: say("once more"), 422)
        counted("429", lambda: http.post("/new/"), 429)
        before = refusals(server)
        assert status_of(f"{server.ws_url}/{room}-new/live", server.port, {}) == 403
        eventually_blocking(lambda: refusals(server) - before == Counted({"429": 1}), lambda: refusals(server))
        assert http.get("/no-such/page").status_code == 404
        assert "404" not in refusals(server)


def refusals(server: AppServer) -> Counted[str]:
    """What was refused so far, by reason."""
    name = "webapp_refusals_total"
    return Counted({key.removeprefix(name): int(n) for key, n in numbers(server).items() if key.startswith(name)})


def raw(server: AppServer, request: bytes) -> httpx.Response:
    """The answer to bytes that are no request."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    return httpx.Response(int(answer.split()[1]), content=answer)


async def test_the_numbers_of_two_processes_add_up_and_those_of_a_dead_one_stay(
    postgres: PostgresServer, migrated: str, tmp_path: Path, room: str
) -> None:
    env = {
        "DATABASE_URL": postgres.url(postgres.create_database(migrated)),
        "BROADCAST_URL": "",
        "METRICS_TOKEN": TOKEN,
        "TMPDIR": str(tmp_path),
    }
    (tmp_path / "webapp-metrics-999999999-left").mkdir()
    server = AppServer(tmp_path, env, command=(*SERVE, "--workers", "2"))
    await asyncio.to_thread(server.start)
    try:
        (folder,) = folders(tmp_path)
        assert folder.stat().st_mode & 0o777 == 0o700
        await eventually(lambda: numbers(server)["webapp_processes"] == 2, pause=0.2)
        async with AsyncExitStack() as stack:
            readers = [await stack.enter_async_context(LiveClient(server.url, room, retry=0.3)) for _ in range(12)]
            for number, reader in enumerate(readers):
                await reader.say("ann", f"message {number}")
            for reader in readers:
                await reader.until(lambda page: len(page.texts()) == 12)
            # Each process tells the same, whichever is asked.
            for _ in range(6):
                await eventually(lambda: whole(numbers(server)) == (12, 12, 2), lambda: whole(numbers(server)), 0.2)
            pids = {file.stem.rpartition("_")[2] for file in folder.glob("gauge_livesum_*.db")}
            assert len(pids) == 2
            os.kill(int(min(pids)), signal.SIGKILL)
            # Its sockets are no longer counted, and come back in the process that takes its place; its messages stay.
            await eventually(lambda: pids != {f.stem.rpartition("_")[2] for f in folder.glob("gauge_livesum_*.db")})
            await eventually(lambda: whole(numbers(server)) == (12, 12, 2), lambda: whole(numbers(server)), 0.2)
    finally:
        await asyncio.to_thread(server.stop)
    assert folders(tmp_path) == []


async def test_the_numbers_of_tasks_are_those_of_every_process_and_of_a_worker_that_has_ended(
    postgres: PostgresServer, migrated: str, tmp_path: Path
) -> None:
    name = postgres.create_database(migrated)
    env = {"DATABASE_URL": postgres.url(name), "BROADCAST_URL": "", "METRICS_TOKEN": TOKEN, "TASKS": "worker"}
    deferred = "INSERT INTO background_task (name, key, due_at, started_at, took) VALUES"
    async with AsyncExitStack() as stack:
        servers = [AppServer(tmp_path / each, env) for each in ("one", "two")]
        for server in servers:
            await asyncio.to_thread(server.start)
            stack.push_async_callback(asyncio.to_thread, server.stop)
        postgres.query(name, f"{deferred} ('prune-change-log', 'given up', NULL, 1, 1), ('tend-sqlite', '', 1, 1, 1)")
        postgres.query(name, f"{deferred} ('of a former release', '', 1, 1, 1)")
        await eventually(lambda: numbers(servers[0])["webapp_task_waitingtend-sqlite"] == 1)
        assert numbers(servers[0])["webapp_task_late_secondstend-sqlite"] > 900
        assert not [key for key in numbers(servers[0]) if "former" in key]
        with worker(servers[0], tmp_path / "worker.log"):
            done = "webapp_task_runs_totaldonetend-sqlite"
            await eventually(lambda: numbers(servers[0]).get(done) == 1, (tmp_path / "worker.log").read_text)
        for server in servers:
            found = numbers(server)
            assert found[done] == 1
            assert found["webapp_task_waitingtend-sqlite"] == 0
            assert found["webapp_task_late_secondstend-sqlite"] == 0
            assert found["webapp_task_given_upprune-change-log"] == 1
        # The other numbers are wanted most while the database does not answer.
        await asyncio.to_thread(postgres.freeze)
        try:
            began = time.monotonic()
            found = await asyncio.to_thread(numbers, servers[0], PATIENCE)
            took = time.monotonic() - began
        finally:
            await asyncio.to_thread(postgres.thaw)
        assert found["webapp_processes"] == 1
        assert done not in found
        assert took < within(2 * task_metrics.PATIENCE)
        await eventually(lambda: numbers(servers[0]).get(done) == 1, pause=0.2)


def folders(top: Path) -> list[Path]:
    return list(top.glob("webapp-metrics-*"))


def whole(found: dict[str, float]) -> tuple[float, ...]:
    return tuple(found.get(name, 0) for name in ("webapp_writes_totalmessage", "webapp_sockets", "webapp_processes"))


def test_only_the_token_opens_the_numbers(counted: AppServer) -> None:
    for header in ("", "Bearer", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \u00fc"):
        answer = httpx.get(f"{counted.url}/metrics", headers={b"Authorization": header.encode()})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "webapp_" not in answer.text
    anywhere = httpx.get(f"{counted.url}/metrics", headers={**BEARER, "Host": "10.1.2.3"})
    assert anywhere.status_code == 200
    assert anywhere.headers["Cache-Control"] == "no-store"
    assert TOKEN not in counted.log()


def test_without_a_token_there_are_no_numbers_and_no_room_of_that_name(server: AppServer) -> None:
    for path in ("/metrics", "/metrics/"):
        assert httpx.get(f"{server.url}{path}", headers=BEARER, follow_redirects=True).status_code == 404


def values(metric: Counter | Histogram) -> list[float]:
    return [sample.value for family in metric.collect() for sample in family.samples]


def test_a_tally_adds_up_to_what_the_library_counts() -> None:
    registry = CollectorRegistry()
    ours = Histogram("ours", "", registry=registry, buckets=SECONDS)
    theirs = Histogram("theirs", "", registry=registry, buckets=SECONDS)
    tally = HistogramTally(ours, SECONDS)
    for value in (0, 0.001, 0.0011, 0.3, 2, 10, 11, 1e9):
        tally.observe(value)
        theirs.observe(value)
        if value == 0.3:
            tally.flush()
    tally.flush()
    tally.flush()
    one, other = (values(each) for each in (ours, theirs))
    assert one == other


def test_a_label_that_clients_choose_makes_no_end_of_series() -> None:
    counter = Counter("many", "", ["reason"], registry=CollectorRegistry())
    tally = CounterTally(counter, most=3)
    for number in range(100):
        tally.add(1, str(number))
    tally.flush()
    assert len(values(counter)) <= 4
    assert sum(values(counter)) == 100
    metrics = Metrics()
    for code in range(3000, 5000):
        metrics.socket_closed(code)
    assert len(metrics._closes._counts) <= 2


def test_what_a_killed_server_left_is_removed_and_a_running_ones_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, running, foreign = (tmp_path / f"webapp-metrics-{name}" for name in ("999999999-a", f"{os.getpid()}-b", "c"))
    for folder in (left, running, foreign):
        folder.mkdir()
    with shared_folder() as folder:
        assert os.environ[FOLDER] == str(folder)
        assert [left.exists(), running.exists(), foreign.exists()] == [False, True, True]
    assert not folder.exists()
    assert FOLDER not in os.environ


def test_the_engine_knows_nothing_of_prometheus() -> None:
    script = "import sys, webapp.live; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "webapp" / "live").rglob("*.py")]
    assert not any(re.search(r"import.*prometheus", source) for source in sources)
