"""An nginx of the tests' own in front of an app, with the few lines of configuration that a test gives it."""

from __future__ import annotations

from pathlib import Path

from tests.support.proxy_server import ProxyServer

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


class NginxServer(ProxyServer):
    """Use it as a context manager. `lines`: what stands in the `location` besides what every proxy of sockets needs."""

    program = "nginx"

    def __init__(self, upstream: int, lines: str) -> None:
        super().__init__()
        user = "user root;" if Path.home() == Path("/root") else ""
        text = _CONFIGURATION.format(folder=self._folder, port=self.port, upstream=upstream, lines=lines, user=user)
        (self._folder / "nginx.conf").write_text(text)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def _options(self) -> list[str]:
        return ["-e", str(self._folder / "error.log"), "-p", str(self._folder), "-c", "nginx.conf"]
