"""If these fail, an endpoint does not hear that a request is to stay at home, or answers what a policy refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.dialects.narrowing import labels_of, localities_of
from gateway.wire.errors import BadRequest
from tests.gateway.asgi_client import Client
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, House, deployment, settings
from tests.servers.upstream import Upstreams

Body = dict[str, Any]
POLICY = {
    "rules": [
        {"types": ["secrets"], "action": "block"},
        {"labels": ["legal"], "action": "local"},
        {"labels": ["stop"], "action": "block"},
        {"types": ["EMAIL"], "action": "allow"},
    ]
}
TOKEN = "ghp_" + "R7kQ2mZ9xW4vT8nB3cL6pS1dF5gH0jKyUaEi"  # the shape of a token; nobody's
SECRET = f"My password is hunter2!x9Q and the token {TOKEN}, is that safe?"


def chat(text: str) -> Body:
    return {"model": "cloud", "messages": [{"role": "user", "content": text}]}


# Path → the body that asks it there; each would go to the cloud, were it not for what is said with it.
ENDPOINTS: dict[str, Any] = {
    "/v1/chat/completions": chat,
    "/v1/completions": lambda text: {"model": "cloud", "prompt": text},
    "/v1/responses": lambda text: {"model": "cloud", "input": text},
    "/v1/embeddings": lambda text: {"model": "vectors", "input": [text]},
    "/v1/moderations": lambda text: {"model": "judges", "input": text},
    "/v1/messages": lambda text: {**chat(text), "max_tokens": 50},
    "/api/chat": lambda text: {**chat(text), "stream": False},
    "/api/generate": lambda text: {"model": "cloud", "prompt": text, "stream": False},
    "/api/embed": lambda text: {"model": "vectors", "input": text},
    "/api/embeddings": lambda text: {"model": "vectors", "prompt": text},
}


def changes(upstreams: Upstreams) -> Body:
    base = settings(upstreams)
    deployments = {
        **base["deployments"],
        "here": deployment(upstreams.local, "local", model="bge"),
        "there": deployment(upstreams.cloud, "cloud", model="bge"),
    }
    routes = {
        **base["routes"],
        "vectors": {"embeddings": ["there", "here"]},
        "judges": {"moderations": ["large", "small"]},
    }
    return {"deployments": deployments, "routes": routes, "policy": POLICY}


@pytest.fixture
def house(open_house: OpenHouse, upstreams: Upstreams) -> House:
    return open_house(**changes(upstreams))


async def ask(house: House, path: str, body: Body, **headers: str) -> Client:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await Client(house).ask(path, body, headers=named)


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_without_a_word_it_goes_to_the_cloud(house: House, upstreams: Upstreams, path: str) -> None:
    client = await ask(house, path, ENDPOINTS[path](EASY))
    assert client.status == 200
    assert client.headers["x-tidegate-zone"] == "cloud"


@pytest.mark.parametrize("name", ["locality", "label"])
@pytest.mark.parametrize("place", ["header", "metadata"])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_a_caller_may_keep_it_at_home(
    house: House, upstreams: Upstreams, path: str, place: str, name: str
) -> None:
    said = {"locality": "local", "label": "Legal, "}[name]
    body = ENDPOINTS[path](EASY)
    if place == "header":
        client = await ask(house, path, body, **{f"x_tidegate_{name}": said})
    else:
        client = await ask(house, path, {**body, "metadata": {f"tidegate_{name}": said}})
    assert client.status == 200, client.body
    assert client.headers["x-tidegate-zone"] == "local"
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("said", [{"x_tidegate_locality": "any"}, {"x_tidegate_locality": "cloud"}])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_but_never_let_it_go(house: House, upstreams: Upstreams, path: str, said: dict[str, str]) -> None:
    await ask(house, path, {**ENDPOINTS[path](CARD), "metadata": {"tidegate_locality": "any"}}, **said)
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("said", [{"x_tidegate_label": "legale"}, {"x_tidegate_locality": "at home"}])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_what_nobody_understands_is_refused(
    house: House, upstreams: Upstreams, path: str, said: dict[str, str]
) -> None:
    client = await ask(house, path, ENDPOINTS[path](EASY), **said)
    assert client.status == 400
    assert b"legale" not in client.body
    upstreams.assert_cloud_saw_nothing()


def message(path: str, body: bytes) -> str:
    """The sentence of an error, which has the shape of its dialect."""
    document = json.loads(body)
    if path.startswith("/api"):
        assert document.keys() == {"error"}
        return str(document["error"])
    error = document["error"]
    if path == "/v1/messages":
        assert (document["type"], error["type"]) == ("error", "invalid_request_error")
    else:
        assert error.keys() == {"message", "type", "param", "code"}
        assert (error["type"], error["code"]) == ("invalid_request_error", "content_blocked")
    return str(error["message"])


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_what_a_policy_refuses_nobody_sees(house: House, upstreams: Upstreams, path: str, streamed: bool) -> None:
    body = ENDPOINTS[path](SECRET)
    if streamed:
        body["stream"] = True
    client = await ask(house, path, body)
    assert client.status == 400
    said = message(path, client.body)
    assert "SECRET (1)" in said
    assert "PASSWORD (1)" in said
    assert client.headers["x-tidegate-reason"].startswith("blocked(PASSWORD:1,SECRET:1)")
    assert client.headers["x-tidegate-clearance"] == "none"
    assert TOKEN.encode() not in client.body
    assert b"hunter2" not in client.body
    assert upstreams.local.journal.raw == upstreams.cloud.journal.raw == b""
    assert house.records() == house.declined()
    (declined,) = house.declined()
    assert (declined.outcome, declined.intent.clearance, declined.intent.deployment) == ("blocked", "none", "")
    assert declined.intent.findings == {"SECRET": 1, "PASSWORD": 1}
    assert house.counted("tidegate_decisions_total", reason="blocked") == 1
    assert house.counted("tidegate_findings_total", type="SECRET") == 1


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_a_label_can_be_refused(house: House, upstreams: Upstreams, path: str) -> None:
    client = await ask(house, path, ENDPOINTS[path](EASY), x_tidegate_label="legal, stop")
    assert client.status == 400
    assert "because of its label" in message(path, client.body)
    assert upstreams.local.journal.raw == upstreams.cloud.journal.raw == b""


def test_header_and_metadata_are_both_heard() -> None:
    headers = {b"x-tidegate-locality": b"eu", b"x-tidegate-label": b"a"}
    body: Body = {"metadata": {"tidegate_locality": "local", "tidegate_label": "b"}}
    assert localities_of(headers, body) == ("eu", "local")
    assert labels_of(headers, body) == ("a", "b")
    assert localities_of({}, {"metadata": "x"}) == labels_of({}, {}) == ()


@pytest.mark.parametrize("name", ["tidegate_locality", "tidegate_label"])
@pytest.mark.parametrize("value", [1, ["local"], {"a": "b"}, True])
def test_what_is_no_text_is_refused_not_ignored(name: str, value: object) -> None:
    with pytest.raises(BadRequest) as caught:
        (localities_of if name == "tidegate_locality" else labels_of)({}, {"metadata": {name: value}})
    assert caught.value.param == f"metadata.{name}"
