"""How gunicorn serves each interface: no access log, bounded requests, no name of the server.

A Python module in place of a file, so that it travels in the wheel: `--config python:...`.
"""

from __future__ import annotations

from pathlib import Path

import gunicorn.http.wsgi

from vault.agents import memory

# An access log would say when a witness came; there is none, and no setting for one.
accesslog = None
errorlog = "-"
loglevel = "warning"
logger_class = "vault.web.gunicorn_log.Log"
worker_class = "vault.web.gunicorn_worker.Worker"
keepalive = 5
timeout = 60
graceful_timeout = 5
limit_request_line = 2048
limit_request_fields = 40
limit_request_field_size = 8190
forwarded_allow_ips = ""
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's heartbeat file; holds nothing
    worker_tmp_dir = "/dev/shm"  # noqa: S108 - as above


class _Nameless(gunicorn.http.wsgi.Response):  # type: ignore[misc]  # gunicorn publishes no types
    """Answers without naming the server."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


gunicorn.http.wsgi.Response = _Nameless


def post_fork(_server: object, _worker: object) -> None:
    """Keep what passes through a worker out of core dumps and debuggers."""
    memory.harden()
