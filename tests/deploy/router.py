"""deploy/nginx.conf in front of the web processes, with ports and a certificate of the tests' own."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.app_server import ROOT
from tests.support.leftovers import guard, release
from tests.support.patience import eventually_blocking
from tests.support.ports import free_port
from tests.support.proxy_server import accepts


def certificate(folder: Path, name: str) -> tuple[str, str]:
    """Make a certificate for 127.0.0.1 that it signs itself; the paths of its key and of itself."""
    key, signed = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-nodes", "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(signed)),
        ],
        check=True,
        capture_output=True,
    )
    return str(key), str(signed)


class Router:
    """Use it as a context manager. upstreams: the ports of the processes."""

    def __init__(self, folder: Path, upstreams: Sequence[int]) -> None:
        self.port = free_port()
        self._plain = free_port()
        self._folder = folder
        self._certificate = certificate(folder, "router")
        self._process: subprocess.Popen[bytes] | None = None
        self._write(upstreams)

    def lead_to(self, upstreams: Sequence[int]) -> None:
        """Lead what comes from now on to other processes, as a platform does that starts the new ones first.

        nginx keeps the sockets that are open, in processes of the old configuration, until either side closes them.
        """
        assert self._process is not None
        before = self._workers()
        self._write(upstreams)
        self._process.send_signal(signal.SIGHUP)
        # The new processes are there before the old ones are told to take nothing more.
        eventually_blocking(lambda: self._workers() - before, lambda: (self._folder / "error.log").read_text())

    def _workers(self) -> set[str]:
        assert self._process is not None
        pid = self._process.pid
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    def _write(self, upstreams: Sequence[int]) -> None:
        key, signed = self._certificate
        # A process that restarts is asked again at once: here, the other one does too soon after.
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in upstreams)
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        for pattern, by in (
            (r"server 127\.0\.0\.1:8000.*;", servers),
            (r"listen \[::\]:.*;", ""),
            (r"listen 80;", f"listen 127.0.0.1:{self._plain};"),
            (r"listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
            (r"server_name .*;", ""),
            (r"ssl_certificate     .*;", f"ssl_certificate {signed};"),
            (r"ssl_certificate_key .*;", f"ssl_certificate_key {key};"),
        ):
            text, count = re.subn(pattern, by, text)
            assert count, pattern
        temporary = "".join(
            f"{kind}_temp_path {self._folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if Path.home() == Path("/root") else ""
        head = f"daemon off;\npid {self._folder}/pid;\n{user}\nevents {{ worker_connections 1024; }}\n"
        (self._folder / "nginx.conf").write_text(f"{head}http {{\naccess_log off;\n{temporary}\n{text}\n}}")

    @property
    def url(self) -> str:
        """`https://127.0.0.1:<port>`, without a slash at the end."""
        return f"https://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        command = [program, "-e", str(self._folder / "error.log"), "-p", str(self._folder), "-c", "nginx.conf"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        guard(self._process.pid)
        eventually_blocking(lambda: accepts(self.port), lambda: f"nginx does not listen on {self.port}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(20)
        release(self._process.pid)
