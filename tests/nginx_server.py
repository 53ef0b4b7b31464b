"""An nginx of the tests' own in front of an app, with the few lines of configuration that a test gives it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers import ServerFailed, free_port

_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log warn;
{user}
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
    upstream app {{ server 127.0.0.1:{upstream}; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://app;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            {lines}
        }}
    }}
}}
"""


class NginxServer:
    """Use it as a context manager. `lines`: what stands in the `location` besides what every proxy of sockets needs."""

    def __init__(self, upstream: int, lines: str) -> None:
        self.port = free_port()
        self._folder = Path(tempfile.mkdtemp(prefix="webapp-nginx-"))
        user = "user root;" if Path.home() == Path("/root") else ""
        text = _CONFIGURATION.format(folder=self._folder, port=self.port, upstream=upstream, lines=lines, user=user)
        (self._folder / "nginx.conf").write_text(text)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        command = [program, "-e", str(self._folder / "error.log"), "-p", str(self._folder), "-c", "nginx.conf"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        wait_until_it_takes_connections(self.port, self._process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self._folder)


def wait_until_it_takes_connections(port: int, process: subprocess.Popen[bytes], patience: float = 30) -> None:
    """Raises ServerFailed when `process` ends, or does not listen on the loopback `port` in time."""
    deadline = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"nothing listens on {port}; exit status {process.poll()}") from None
            time.sleep(0.02)
        else:
            return
