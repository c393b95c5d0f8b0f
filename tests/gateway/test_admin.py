"""If these fail, an operator cannot see whether the gateway lives and what it does, or everybody can."""

from __future__ import annotations

import httpx
import pytest

from gateway.admin import administration
from gateway.telemetry.metrics import Metrics


def client(key: str | None = None) -> httpx.AsyncClient:
    app = administration(Metrics(), lambda: key)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


async def test_it_is_alive() -> None:
    answer = await client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


async def test_metrics_are_open_unless_a_key_is_set() -> None:
    answer = await client().get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "tidegate_requests_in_flight 0.0" in answer.text


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer schlüssel", "Basic secret"])
async def test_with_a_key_they_are_for_those_who_have_it(given: str | None) -> None:
    headers = {} if given is None else {b"authorization": given.encode()}
    answer = await client("secret").get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert (await client("secret").get("/metrics", headers={"authorization": "Bearer secret"})).status_code == 200


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/nothing", 404), ("POST", "/healthz", 405)])
async def test_what_is_not_there_is_told_in_openais_shape(method: str, path: str, status: int) -> None:
    answer = await client().request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    if status == 404:
        assert answer.json()["error"]["code"] == "unknown_url"


async def test_an_address_is_not_repeated_at_any_length() -> None:
    assert len((await client().get("/" + "x" * 5000)).content) < 1000
