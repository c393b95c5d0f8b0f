"""If these fail, an orchestrator restarts a gateway that works, or keeps one that does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import pytest

from deploy.healthcheck import healthy
from tests.harness.ports import free_port
from tests.servers.http_server import HttpServer


@contextmanager
def answering(status: int) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Not on the test's output."""

    server = HttpServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("status", "alive"), [(200, True), (404, False), (500, False), (503, False)])
def test_only_200_is_a_sign_of_life(status: int, alive: bool) -> None:
    with answering(status) as port:
        assert healthy("127.0.0.1", port) is alive


def test_nobody_there_is_not_healthy() -> None:
    assert not healthy("127.0.0.1", free_port())


def test_silence_is_not_healthy() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert not healthy("127.0.0.1", mute.getsockname()[1], timeout=0.05)
