"""If these fail, a model at home is asked more than it can take, or a server that dies takes requests along.

Real gateways before servers that count how many requests they have at a time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import httpx
import pytest

from tests.harness.client import ask, post
from tests.harness.gateway import KEY, OTHER_KEY, Gateway
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.http_server import HttpServer
from tests.servers.valkey import ValkeyServer

SEATS = 3
CROWD = 24
SECONDS = 0.03  # that an answer takes


class Slow:
    """A model that answers any number of requests, slowly, and knows how many it had at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.most = self.now = self.answered = 0
        self.slots: list[dict[str, Any]] = []  # as llama.cpp tells of them; none: it does not
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self._lock = threading.Lock()
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                with model.one_more():
                    model.may_go_on.wait(10)
                    threading.Event().wait(SECONDS)
                self.say(200, model.answer())

            def do_GET(self) -> None:
                told = model.slots if self.path == "/slots" else []
                self.say(200 if told else 404, told)

            def say(self, status: int, document: Any) -> None:
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = HttpServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            yield
        finally:
            with self._lock:
                self.now -= 1
                self.answered += 1

    def answer(self) -> dict[str, Any]:
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "yes"}}
        usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
        return {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": self.name,
            "choices": [choice],
            "usage": usage,
        }

    def close(self) -> None:
        self.may_go_on.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def models() -> Iterator[tuple[Slow, Slow]]:
    both = Slow("one"), Slow("two")
    yield both
    for model in both:
        model.close()


def config(models: tuple[Slow, ...], more: dict[str, Any], **route: Any) -> str:
    deployments = {
        model.name: {"zone": "local", "engine": "openai", "base_url": model.base_url, "model": model.name, **more}
        for model in models
    }
    return json.dumps(
        {
            "deployments": deployments,
            "routes": {"auto": {"small": list(deployments), **route}},
            "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}, {"name": "other", "key": "${OTHER_KEY}"}],
            "redis": {"url": "${REDIS_URL:-}"},
        }
    )


def crowd(gateway: Gateway, count: int = CROWD) -> list[httpx.Response]:
    def one(number: int) -> httpx.Response:
        return post(gateway, ask(f"Question {number}"), key=(KEY, OTHER_KEY)[number % 2])

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_workers_together_ask_no_more_than_there_are_seats(
    start_gateway: StartGateway, models: tuple[Slow, Slow], valkey: ValkeyServer
) -> None:
    scarce = {"concurrent": SEATS, "queue": {"length": 2 * CROWD, "patience": 30}}
    gateway = start_gateway(config(models[:1], scarce), workers=2, environment={"REDIS_URL": valkey.url})
    answers = crowd(gateway)
    assert [answer.status_code for answer in answers] == [200] * CROWD
    assert models[0].answered == CROWD
    assert 1 <= models[0].most <= SEATS
    assert any(int(answer.headers.get("x-tidegate-queued-ms", "0")) > 0 for answer in answers)


def test_who_finds_no_place_is_told_when_to_come_again(start_gateway: StartGateway, models: tuple[Slow, Slow]) -> None:
    gateway = start_gateway(config(models[:1], {"concurrent": 1, "queue": {"length": 2, "patience": 30}}))
    assert post(gateway, ask("How long do you take?")).status_code == 200
    models[0].may_go_on.clear()
    with ThreadPoolExecutor(3) as threads:
        inside = [threads.submit(post, gateway, ask(f"Question {number}")) for number in range(3)]
        metric = 'tidegate_queue_length{deployment="one"} 2.0'
        until("two to wait", lambda: metric in httpx.get(f"{gateway.root}/metrics", trust_env=False).text)
        refused = post(gateway, ask("And I?"))
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "overloaded"
        assert int(refused.headers["retry-after"]) >= 1
        models[0].may_go_on.set()
        assert [future.result().status_code for future in inside] == [200] * 3
    assert models[0].most == 1


@pytest.mark.parametrize("balance", ["least-busy", "weighted"])
def test_a_server_that_dies_takes_no_request_along(
    start_gateway: StartGateway, models: tuple[Slow, Slow], balance: str
) -> None:
    gateway = start_gateway(config(models, {}, balance=balance))
    assert {answer.status_code for answer in crowd(gateway)} == {200}
    assert all(model.answered for model in models)
    if balance == "least-busy":
        assert max(model.most for model in models) < CROWD
    models[0].close()
    assert {answer.status_code for answer in crowd(gateway)} == {200}
    assert models[0].answered + models[1].answered >= 2 * CROWD


def test_a_server_that_says_it_is_busy_with_others_is_spared(
    start_gateway: StartGateway, models: tuple[Slow, Slow]
) -> None:
    models[0].slots = [{"id": number, "is_processing": True} for number in range(4)]
    gateway = start_gateway(config(models, {}, balance="least-busy"))

    def both_answer() -> set[str]:
        return {str(post(gateway, ask("Who are you?")).headers["x-tidegate-deployment"]) for _ in range(8)}

    until("the busy one to be spared", lambda: both_answer() == {"two"}, timeout=15.0)
    models[0].slots = [{"id": number, "is_processing": False} for number in range(4)]
    until("it to be asked again", lambda: both_answer() == {"one", "two"}, timeout=15.0)
