"""Each due task runs once, however many processes there are, and again when its process was killed."""

from __future__ import annotations

import asyncio
import signal

from tests.support.patience import eventually
from tests.tasks.conftest import Processes
from tests.tasks.runs import LEASE, LONG

MANY = 25


async def test_two_processes_run_a_due_task_once(processes: Processes) -> None:
    processes.start(["quick", "slow"], count=2)
    await processes.ready()
    await processes.due("slow")
    await processes.due("quick")
    await eventually(lambda: processes.row("quick", "attempts, due_at > 0") in (["0", "1"], ["0", "t"]), processes.log)
    # It takes longer than its lease, which is renewed, so the other process never takes it.
    await asyncio.sleep(LONG)
    await eventually(lambda: processes.row("slow", "attempts")[0] == "0", processes.log)
    assert [len(processes.runs(name)) for name in ("quick", "slow")] == [1, 1], processes.log()
    assert "Traceback" not in processes.log()


async def test_many_rows_are_shared_out_and_each_runs_once(processes: Processes) -> None:
    processes.start(["deferred"], count=2)
    await processes.ready()
    rows = ", ".join(f"('deferred', 'key-{number}', 0)" for number in range(MANY))
    await asyncio.to_thread(processes.query, f"INSERT INTO background_task (name, key, due_at) VALUES {rows}")
    await eventually(lambda: not processes.query("SELECT id FROM background_task"), processes.log)
    keys = [line.split()[1] for line in processes.runs("deferred")]
    assert sorted(keys) == sorted(f"key-{number}" for number in range(MANY))


async def test_a_task_whose_process_was_killed_is_done_once_more(processes: Processes) -> None:
    processes.start(["slow"])
    await processes.ready()
    await processes.due("slow")
    await eventually(lambda: processes.runs("slow"), processes.log)
    processes.end(signal.SIGKILL)
    processes.start(["slow"])
    await eventually(lambda: processes.row("slow", "attempts")[0] == "0", processes.log)
    assert len(processes.runs("slow")) == 2
    assert len({line.split()[2] for line in processes.runs("slow")}) == 2


async def test_a_task_that_is_cut_off_by_a_stop_is_free_at_once(processes: Processes) -> None:
    processes.start(["slow"])
    await processes.ready()
    await processes.due("slow")
    await eventually(lambda: processes.runs("slow"), processes.log)
    processes.end(signal.SIGINT)
    assert processes.row("slow", "attempts, coalesce(lease, 'free')") == ["0", "free"], processes.log()


async def test_a_frozen_process_loses_its_task_and_notes_nothing_of_it(processes: Processes) -> None:
    processes.start(["slow"])
    await processes.ready()
    await processes.due("slow")
    await eventually(lambda: processes.runs("slow"), processes.log)
    processes.running[0].send_signal(signal.SIGSTOP)
    processes.start(["slow"])
    try:
        await eventually(lambda: len(processes.runs("slow")) == 2, processes.log)
    finally:
        processes.running[0].send_signal(signal.SIGCONT)
    await eventually(lambda: "lost its lease" in processes.log(), processes.log)
    await eventually(lambda: processes.row("slow", "attempts")[0] == "0", processes.log)
    await asyncio.sleep(LEASE)
    assert len(processes.runs("slow")) == 2
    assert processes.log().count("task slow done") == 1


async def test_a_task_that_fails_is_tried_again_later_each_time_and_then_given_up(processes: Processes) -> None:
    processes.start(["broken"], count=2)
    await processes.ready()
    await processes.due("broken")
    await eventually(lambda: "given up until its next time" in processes.log(), processes.log)
    assert len(processes.runs("broken")) == 3
    error, attempts = processes.row("broken", "error, attempts")
    assert (error, attempts) == ("ValueError('broken as it should be')", "0")
    assert processes.log().count("Traceback") == 1, "one traceback, and then one line an attempt"
