"""A real Prometheus and promtool, from the system's package `prometheus`, and something for them to scrape.

Where they are not installed the tests are left out, and say so; with `CI` set that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from gateway.telemetry.metrics import Metrics
from tests.harness.ports import free_port
from tests.servers.http_server import HttpServer

_STOP_LIMIT = 10.0  # seconds
_SCRAPE_LIMIT = 20.0  # seconds


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        text = f"{program} is not installed (Debian: apt-get install prometheus)"
        if os.environ.get("CI"):
            pytest.fail(text)
        pytest.skip(text)
    return path


@pytest.fixture(scope="session")
def promtool() -> Callable[..., str]:
    """Runs promtool with the arguments given; returns what it says; a status other than 0 fails the test."""
    program = _found("promtool")

    def run(*arguments: str | Path) -> str:
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@dataclass(frozen=True, slots=True)
class Prometheus:
    url: str


@contextmanager
def running_prometheus(config: Path, data: Path) -> Iterator[Prometheus]:
    """A server with the configuration given, ready for queries; stopped at the end."""
    address = f"127.0.0.1:{free_port()}"
    command = [
        *(_found("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={data}"),
        f"--web.listen-address={address}",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "Server is ready" in line:
            break
    else:
        process.wait()
        pytest.fail(f"Prometheus did not start:\n{''.join(said)}")
    rest = threading.Thread(target=process.stderr.read, daemon=True)  # so that it never blocks on a full pipe
    rest.start()
    try:
        yield Prometheus(f"http://{address}")
    finally:
        process.terminate()
        process.wait(_STOP_LIMIT)
        rest.join(_STOP_LIMIT)
        process.stderr.close()


class Exposition:
    """A `/metrics` endpoint on loopback. `traffic` is called with the metrics before each scrape is answered."""

    def __init__(self, metrics: Metrics, traffic: Callable[[Metrics], None]) -> None:
        self._scraped = threading.Condition()
        self._scrapes = 0
        exposition = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                traffic(metrics)
                body, content_type = metrics.render(self.headers.get("accept", ""))
                self.send_response(200)
                self.send_header("content-type", content_type)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                exposition._answered()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Not on the test's output."""

        self._server = HttpServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def _answered(self) -> None:
        with self._scraped:
            self._scrapes += 1
            self._scraped.notify_all()

    def wait(self, scrapes: int) -> None:
        """Until that many more scrapes have been answered. All but the last of them are then stored."""
        with self._scraped:
            goal = self._scrapes + scrapes
            if not self._scraped.wait_for(lambda: self._scrapes >= goal, _SCRAPE_LIMIT * scrapes):
                pytest.fail("Prometheus does not scrape")

    @contextmanager
    def serving(self) -> Iterator[Exposition]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
