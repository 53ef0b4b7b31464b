"""A program that changes a value beside the app, as the load has it: `peers/adding.py`."""

import asyncio
from pathlib import Path
from typing import Self

from bench.harness import app
from bench.harness.processes import LOAD_CORE, ROOT, ServerError, environment


class Adder:
    """It adds 1 to the value `pk`, `times` times, when told to; a context manager that leaves nothing behind."""

    name = "the program"

    def __init__(self, database: Path, pk: int, times: int) -> None:
        self._command = ["setpriv", "--pdeathsig", "KILL", "taskset", "-c", str(LOAD_CORE), app.PYTHON]
        self._command += ["-m", "bench.peers.adding", str(pk), str(times)]
        self._env = environment(DATABASE_URL=f"sqlite://{database}", PYTHONPATH=str(ROOT))
        self._folder = database.parent
        self._process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def __aenter__(self) -> Self:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, env=self._env, cwd=self._folder
        )
        try:
            await self._hear("ready")
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def add(self) -> None:
        """Have it begin, and wait until all is committed. Raises ServerError."""
        if self._process.stdin is not None:
            self._process.stdin.write(b"\n")
        await self._hear("done")

    async def _hear(self, word: str) -> None:
        if self._process.stdout is not None:
            said = await asyncio.wait_for(self._process.stdout.readline(), 60)
            if said.decode().strip() != word:
                raise ServerError(f"{self.name} ended before it was {word}")

    async def _stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
