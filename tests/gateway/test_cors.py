"""If these fail, a page in a browser cannot talk to the gateway, or one can that nobody let in."""

from __future__ import annotations

import pytest

from tests.gateway.asgi_client import CHAT, Client, ask
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House

PAGE, APP, STRANGER = "https://chat.example.com", "tauri://localhost", "https://evil.example.com"
SDK_FIELDS = "authorization,content-type,x-stainless-arch,x-stainless-lang"
QUESTION = {"access-control-request-method": "POST", "access-control-request-headers": SDK_FIELDS}


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    return open_house(server={"cors": {"origins": [PAGE, APP]}})


def told(client: Client) -> dict[str, str]:
    return {name: value for name, value in client.headers.items() if name.startswith("access-control-")}


@pytest.mark.parametrize("origin", [PAGE, APP])
@pytest.mark.parametrize(
    "path", [CHAT, "/v1/messages", "/v1/models", "/v1/models/vendor/model", "/api/chat", "/v1/responses/resp_1"]
)
async def test_a_page_that_asks_first_is_told_what_it_may_do(house: House, origin: str, path: str) -> None:
    """Without a key: browsers ask before they send one."""
    client = await Client(house).ask(path, method="OPTIONS", headers={"origin": origin, **QUESTION}, key=None)
    assert (client.status, client.body) == (200, b"")
    assert told(client) == {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "*",
        "access-control-allow-methods": client.headers["allow"],
        "access-control-allow-headers": SDK_FIELDS,
        "access-control-max-age": "600",
    }
    assert ("POST" in client.headers["allow"]) == (path in {CHAT, "/v1/messages", "/api/chat"})


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({}, 200),
        ({"body": ask(stream=True)}, 200),
        ({"key": "wrong"}, 401),
        ({"body": b"{"}, 400),
        ({"method": "PUT"}, 405),
    ],
)
async def test_a_page_may_read_answers_and_errors(house: House, request_: dict[str, object], status: int) -> None:
    client = await Client(house).ask(headers={"origin": PAGE}, **request_)  # type: ignore[arg-type]
    assert client.status == status
    assert told(client) == {"access-control-allow-origin": PAGE, "access-control-expose-headers": "*"}
    assert client.headers["vary"] == "origin"


@pytest.mark.parametrize("origin", [STRANGER, PAGE.upper(), PAGE + ".evil.com", PAGE + ":8443", "null", "", "*"])
async def test_no_other_page_may(house: House, origin: str) -> None:
    first = await Client(house).ask(method="OPTIONS", headers={"origin": origin, **QUESTION}, key=None)
    then = await Client(house).ask(headers={"origin": origin})
    assert told(first) == told(then) == {}
    assert first.headers["vary"] == then.headers["vary"] == "origin"


async def test_without_an_origin_there_is_nothing_to_tell(house: House) -> None:
    client = await Client(house).ask()
    assert told(client) == {}
    assert client.headers["vary"] == "origin"  # a page may be given the same answer by a cache


async def test_any_page_may_where_the_configuration_says_so(open_house: OpenHouse) -> None:
    house = open_house(server={"cors": {"origins": ["*"]}})
    client = await Client(house).ask(headers={"origin": STRANGER})
    assert told(client) == {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
    assert "vary" not in client.headers
    first = await Client(house).ask(method="OPTIONS", headers={"origin": STRANGER, **QUESTION}, key=None)
    assert first.headers["access-control-allow-headers"] == SDK_FIELDS


async def test_by_default_no_page_is_told_anything(open_house: OpenHouse) -> None:
    house = open_house()
    for client in (
        await Client(house).ask(method="OPTIONS", headers={"origin": PAGE, **QUESTION}, key=None),
        await Client(house).ask(headers={"origin": PAGE}),
    ):
        assert told(client) == {}
        assert "vary" not in client.headers


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        (CHAT, "OPTIONS, POST"),
        ("/v1/models", "GET, HEAD, OPTIONS"),
        ("/v1/models/x", "GET, HEAD, OPTIONS"),
        ("/v1/responses", "OPTIONS, POST"),
        ("/v1/responses/resp_1", "DELETE, GET, HEAD, OPTIONS"),
        ("/v1/responses/resp_1/input_items", "GET, HEAD, OPTIONS"),
        ("/v1/responses/resp_1/cancel", "OPTIONS, POST"),
    ],
)
async def test_anybody_may_ask_what_can_be_done_at_a_path(open_house: OpenHouse, path: str, allowed: str) -> None:
    client = await Client(open_house()).ask(path, method="OPTIONS", key=None)
    assert (client.status, client.headers["allow"], client.headers["content-length"]) == (200, allowed, "0")
    assert client.headers["x-request-id"]


async def test_what_is_not_served_is_not_there_for_pages_either(house: House) -> None:
    client = await Client(house).ask("/v1/files", method="OPTIONS", headers={"origin": PAGE, **QUESTION}, key=None)
    assert client.status == 404
    assert client.headers["access-control-allow-origin"] == PAGE


async def test_the_probes_are_for_no_page(house: House) -> None:
    for path in ("/healthz", "/metrics", "/docs"):
        assert told(await Client(house).ask(path, method="GET", headers={"origin": PAGE})) == {}


async def test_a_change_of_the_configuration_counts_for_the_next_request(house: House) -> None:
    house.gateway.adopt(house.snapshot({**house.configuration, "server": {}}, 2))
    assert told(await Client(house).ask(headers={"origin": PAGE})) == {}
