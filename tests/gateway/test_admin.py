"""If these fail, the gateway's own documentation is not there, or describes something else than what answers."""

from __future__ import annotations

import httpx
import pytest

from gateway.admin import administration
from gateway.openapi.document import paths
from gateway.probes import PAGES, Application, Probes
from gateway.telemetry.metrics import Metrics


def through() -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """A client of the gateway's door, and one of the application behind it."""
    probes = Probes(Metrics(), lambda: None, administration)
    return client(probes), client(administration(probes))


def client(application: Application) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://gateway")


@pytest.mark.parametrize("path", sorted(PAGES))
async def test_its_pages_are_there(path: str) -> None:
    door, _ = through()
    page, head = await door.get(path), await door.head(path)
    assert (page.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers["content-length"] == page.headers["content-length"]


async def test_everything_it_describes_answers_as_it_does_at_the_door() -> None:
    door, behind = through()
    described = (await door.get("/openapi.json")).json()["paths"]
    assert described.keys() == {"/healthz", "/metrics"} | paths().keys()
    for path in ("/healthz", "/metrics"):
        ours, theirs = await door.get(path), await behind.get(path)
        assert (ours.status_code, ours.headers["content-type"]) == (200, theirs.headers["content-type"])
        assert theirs.status_code == 200
    assert (await behind.get("/healthz")).text == "ok"


async def test_every_page_it_has_is_one_that_the_door_knows() -> None:
    application = administration(Probes(Metrics(), lambda: None, administration))
    assert {getattr(route, "path", None) for route in application.routes} == PAGES | {"/healthz", "/metrics"}


async def test_what_goes_wrong_is_told_in_openais_shape() -> None:
    door, _ = through()
    answer = await door.post("/docs")
    assert answer.status_code == 405
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}


async def test_a_bad_parameter_is_a_400_that_names_it() -> None:
    application = administration(Probes(Metrics(), lambda: None, administration))

    @application.get("/page")
    async def page(number: int) -> int:
        return number

    asking = client(application)
    assert (await asking.get("/page", params={"number": "7"})).json() == 7
    for parameters in ({"number": "sk-secret"}, {}):
        answer = await asking.get("/page", params=parameters)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", "number", "invalid_value")
        assert "sk-secret" not in answer.text


async def test_a_fault_of_ours_says_nothing() -> None:
    application = administration(Probes(Metrics(), lambda: None, administration))

    @application.get("/page")
    async def page() -> None:
        raise RuntimeError("inner workings")

    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    answer = await httpx.AsyncClient(transport=transport, base_url="http://gateway").get("/page")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "inner" not in answer.text
