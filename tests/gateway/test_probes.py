"""If these fail, an operator cannot see whether the gateway lives and what it does, or everybody can."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
import time

import httpx
import pytest

from gateway.access.keys import Keyring
from gateway.access.patience import FREE, Patience
from gateway.config.kinds import Secret
from gateway.config.settings import Key
from gateway.probes import BODY_BYTES, PAGES, Application, Probes
from gateway.telemetry.metrics import Metrics
from gateway.wire.http import Message, Receive, Send


async def nothing(*_: object) -> None:
    raise AssertionError("nobody asked for a page")


def client(key: str | None = None, pages: Application = nothing) -> httpx.AsyncClient:
    probes = Probes(Metrics(), lambda: key, lambda _: pages, lambda: None, Patience(time.monotonic))
    return httpx.AsyncClient(transport=httpx.ASGITransport(probes), base_url="http://gateway")


async def test_it_is_alive() -> None:
    answer = await client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_it_is_alive_but_not_ready_once_it_is_told_to_end() -> None:
    """A balancer that still sent somebody would send them to a closed door."""
    ready = [True]
    probes = Probes(
        Metrics(), lambda: None, lambda _: nothing, lambda: None, Patience(time.monotonic), lambda: ready[0]
    )
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(probes), base_url="http://gateway")
    assert (await asking.get("/readyz")).status_code == 200
    ready[0] = False
    answer = await asking.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (await asking.get("/healthz")).status_code == 200, "an orchestrator would kill it in the middle of answers"


async def test_metrics_are_open_unless_a_key_is_set() -> None:
    answer = await client().get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "tidegate_requests_in_flight 0.0" in answer.text
    answer = await client().get("/metrics", headers={"accept": "application/openmetrics-text"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer schlüssel", "Basic secret"])
async def test_with_a_key_they_are_for_those_who_have_it(given: str | None) -> None:
    headers = {} if given is None else {b"authorization": given.encode()}
    answer = await client("secret").get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert (await client("secret").get("/metrics", headers={"authorization": "Bearer secret"})).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "unknown_url"),
        ("GET", "/docs/", 404, "unknown_url"),
        ("POST", "/healthz", 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there_is_told_in_openais_shape(method: str, path: str, status: int, code: str) -> None:
    answer = await client().request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert answer.json()["error"]["code"] == code
    assert answer.headers.get("allow") == ("GET, HEAD" if status == 405 else None)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_a_monitor_may_ask_for_the_head_only(path: str) -> None:
    answer = await client().head(path)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == (await client().get(path)).headers["content-type"]


async def test_an_address_is_not_repeated_at_any_length() -> None:
    assert len((await client().get("/" + "x" * 5000)).content) < 1000


async def test_pages_are_made_once_and_when_they_are_asked_for() -> None:
    made = 0

    async def pages(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"page"})  # type: ignore[operator]

    def build(_: Probes) -> Application:
        nonlocal made
        made += 1
        return pages

    probes = Probes(Metrics(), lambda: None, build, lambda: None, Patience(time.monotonic))
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(probes), base_url="http://gateway")
    await asking.get("/healthz")
    assert made == 0
    answers = await asyncio.gather(*(asking.get(path) for path in [*PAGES, *PAGES]))
    assert {answer.text for answer in answers} == {"page"}
    assert made == 1


def test_a_worker_that_is_asked_for_no_page_has_no_framework() -> None:
    """It would cost each worker some 20 MB."""
    program = (
        "import sys, gateway.serving.worker;"
        "heavy = {'fastapi', 'starlette', 'pydantic', 'yaml', 'sqlalchemy', 'redis', 'litellm', 'cryptography'};"
        "assert not heavy & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_the_administration_is_for_those_with_a_key_and_gets_a_body_under_a_limit() -> None:
    seen: list[tuple[object, bytes, object]] = []

    async def pages(scope: Message, receive: Receive, send: Send) -> None:
        message = await receive()
        seen.append((scope["state"]["principal"].name, message["body"], message["more_body"]))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    ring = Keyring([Key(name="ann", key=Secret("tg-ann"))])
    asking = door(ring, pages)
    assert (await asking.get("/admin/v1/things")).status_code == 401
    wrong = await asking.get("/admin/v1/things", headers={"authorization": "Bearer tg-bob"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "invalid_api_key")
    assert not seen
    right = {"authorization": "Bearer tg-ann"}
    packed = gzip.compress(b"{}")
    answers = [
        await asking.post("/admin/v1/things", headers=right, content=b"{}"),
        await asking.post("/admin/v1/things", headers={**right, "content-encoding": "gzip"}, content=packed),
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert seen == [("ann", b"{}", False)] * 2
    long = await asking.post("/admin/v1/things", headers=right, content=b" " * (BODY_BYTES + 1))
    assert (long.status_code, long.json()["error"]["code"]) == (413, "body_too_large")
    assert len(seen) == 2


async def test_where_it_is_switched_off_there_is_no_administration() -> None:
    answer = await door(None, nothing).get("/admin/v1/me", headers={"authorization": "Bearer tg-ann"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_url")


def door(ring: Keyring | None, pages: Application) -> httpx.AsyncClient:
    probes = Probes(Metrics(), lambda: None, lambda _: pages, lambda: ring, Patience(time.monotonic))
    return httpx.AsyncClient(transport=httpx.ASGITransport(probes), base_url="http://gateway")


async def test_whoever_tries_keys_waits_for_the_answer() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    ring = Keyring([Key(name="ann", key=Secret("tg-ann"))])
    patience = Patience(time.monotonic, sleep)
    probes = Probes(Metrics(), lambda: None, lambda _: nothing, lambda: ring, patience)
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(probes), base_url="http://gateway")
    for number in range(FREE + 3):
        answer = await asking.get("/admin/v1/me", headers={"authorization": f"Bearer tg-{number}"})
        assert answer.status_code == 401
    assert len(waited) == 3
    for _ in range(3):  # forgetting the key is no guess
        assert (await asking.get("/admin/v1/me")).status_code == 401
    assert len(waited) == 3


async def test_whoever_tries_the_key_of_the_metrics_waits_too() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    patience = Patience(time.monotonic, sleep)
    probes = Probes(Metrics(), lambda: "secret", lambda _: nothing, lambda: None, patience)
    asking = httpx.AsyncClient(transport=httpx.ASGITransport(probes), base_url="http://gateway")
    for number in range(FREE + 3):
        answer = await asking.get("/metrics", headers={"authorization": f"Bearer {number}"})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert len(waited) == 3
    for _ in range(3):  # a scraper that was given none
        assert (await asking.get("/metrics")).status_code == 401
    assert (await asking.get("/metrics", headers={"authorization": "Bearer secret"})).status_code == 200
    assert len(waited) == 3
