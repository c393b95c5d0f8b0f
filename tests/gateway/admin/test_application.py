"""If these fail, the gateway's own documentation is not there, or describes something else than what answers."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from gateway.openapi.document import paths
from gateway.probes import ADMIN, PAGES
from tests.gateway.admin.desk import Desk, client


@pytest.mark.parametrize("path", sorted(PAGES))
async def test_its_pages_are_there(desk: Desk, path: str) -> None:
    door = desk.ask()
    page, head = await door.get(path), await door.head(path)
    assert (page.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers["content-length"] == page.headers["content-length"]


async def test_everything_it_describes_answers_as_it_does_at_the_door(desk: Desk) -> None:
    door, behind = desk.ask(), client(desk.application)
    described = (await door.get("/openapi.json")).json()["paths"]
    own = {path for path in described if path.startswith(ADMIN)}
    assert described.keys() == {"/healthz", "/readyz", "/metrics"} | own | paths().keys()
    for path in ("/healthz", "/readyz", "/metrics"):
        ours, theirs = await door.get(path), await behind.get(path)
        assert (ours.status_code, ours.headers["content-type"]) == (200, theirs.headers["content-type"])
        assert theirs.status_code == 200
    assert (await behind.get("/healthz")).text == "ok"


async def test_every_page_it_has_is_one_that_the_door_knows(desk: Desk) -> None:
    routes = desk.application.routes  # what `include_router` adds has a prefix and no path
    assert {route.path for route in routes if isinstance(route, Route)} == PAGES | {"/healthz", "/readyz", "/metrics"}


async def test_all_of_the_api_asks_for_a_key_and_says_so(desk: Desk) -> None:
    described = (await desk.ask().get("/openapi.json")).json()["paths"]
    operations = [
        (method, path, operation)
        for path, methods in described.items()
        if path.startswith(ADMIN)
        for method, operation in methods.items()
    ]
    assert operations
    for method, path, operation in operations:
        assert operation["security"] == [{"bearer": []}], path
        assert {"401", "403"} <= operation["responses"].keys(), path
        assert operation["summary"], path
        answer = await desk.ask().request(method, path)
        assert answer.status_code == 401, path
        assert answer.json()["error"]["code"] == "invalid_api_key"


async def test_what_goes_wrong_is_told_in_openais_shape(desk: Desk) -> None:
    answer = await desk.ask().post("/docs")
    assert answer.status_code == 405
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("path", "methods"), [("keys", "GET, POST"), ("keys/ann", "GET, PATCH"), ("teams/lab", "DELETE, GET, PATCH")]
)
async def test_what_is_served_at_a_path_is_told_whole(desk: Desk, path: str, methods: str) -> None:
    for method in ("PUT", "OPTIONS"):
        answer = await desk.ask("admin").request(method, f"/admin/v1/{path}")
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)


async def test_a_bad_parameter_is_a_400_that_names_it(desk: Desk) -> None:

    @desk.application.get("/page")
    async def page(number: int) -> int:
        return number

    asking = client(desk.application)
    assert (await asking.get("/page", params={"number": "7"})).json() == 7
    for parameters in ({"number": "sk-secret"}, {}):
        answer = await asking.get("/page", params=parameters)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", "number", "invalid_value")
        assert "sk-secret" not in answer.text


async def test_a_fault_of_ours_says_nothing(desk: Desk) -> None:

    @desk.application.get("/page")
    async def page() -> None:
        raise RuntimeError("inner workings")

    answer = await client(desk.application, raise_faults=False).get("/page")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "inner" not in answer.text
