"""If these fail, a client is left without an answer, or with one that it cannot read."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from gateway.admission import Admission
from gateway.egress.engine import Answer
from gateway.egress.guard import Permit
from gateway.presence import Presence
from gateway.wire.http import Message
from router.content import Content
from router.sensitivity.finding import Scan
from router.sensitivity.settles import NOTHING_SETTLES, Settles
from tests.gateway.asgi_client import Client, ask
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, KEY, House, settings
from tests.servers.upstream import Upstreams

CHAT = "/v1/chat/completions"


async def test_an_answer_goes_out_whole_with_its_length(house: House) -> None:
    client = await Client(house).ask()
    assert client.status == 200
    assert int(client.headers["content-length"]) == len(client.body)
    assert house.counted("tidegate_requests_total", route="auto", status="2xx", stream="false") == 1
    assert house.counted("tidegate_requests_in_flight") == 0


async def test_a_stream_goes_out_as_one_and_ends(house: House) -> None:
    client = await Client(house).ask(body=ask(stream=True))
    assert client.headers["content-type"].startswith("text/event-stream")
    assert client.headers["cache-control"] == "no-cache, no-transform"
    assert client.headers["x-accel-buffering"] == "no"
    assert client.body.endswith(b"data: [DONE]\n\n")
    assert [message.get("more_body") for message in client.sent][-1] is False
    assert house.counted("tidegate_requests_total", route="auto", status="2xx", stream="true") == 1


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"key": None}, 401, "invalid_api_key"),
        ({"key": "wrong"}, 401, "invalid_api_key"),
        ({"body": b"{"}, 400, "invalid_json"),
        ({"body": {"model": "none", "messages": [{"role": "user", "content": "x"}]}}, 404, "model_not_found"),
        ({"body": {"model": "embed", "messages": [{"role": "user", "content": "x"}]}}, 400, "wrong_endpoint"),
        ({"method": "PUT"}, 405, "method_not_allowed"),
        ({"headers": {"content-length": "99999999999"}}, 413, "body_too_large"),
        ({"headers": {"x-tidegate-locality": "everywhere!"}}, 400, "invalid_locality"),
    ],
)
async def test_a_refusal_before_the_route_is_known_is_answered_and_counted(
    house: House, upstreams: Upstreams, request_: dict[str, Any], status: int, code: str
) -> None:
    client = await Client(house).ask(**request_)
    assert client.status == status
    assert client.error["code"] == code
    assert house.counted("tidegate_requests_total", route="none", status="4xx", stream="false") == 1
    assert house.counted("tidegate_requests_in_flight") == 0
    assert upstreams.local.journal.raw == b""


async def test_a_refusal_by_the_pipeline_is_counted_once_under_its_route(house: House) -> None:
    client = await Client(house).ask(body=ask(CARD, "away"))
    assert (client.status, client.error["code"]) == (503, "no_deployment")
    assert client.headers["x-tidegate-clearance"] == "local"
    assert house.counted("tidegate_requests_total", route="away", status="5xx", stream="false") == 1
    assert house.counted("tidegate_requests_total", route="none") == 0


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/v1/audio/speech", "/v1/files", "/v1/files/", "/v1/realtime", "/v1/batches/b/cancel"]
)
@pytest.mark.parametrize("key", [KEY, None, "wrong"])
async def test_what_is_not_served_is_told_to_anybody_before_a_body_is_read(
    house: House, path: str, method: str, key: str | None
) -> None:
    client = await Client(house).ask(path, b"x", method=method, key=key, headers={"content-length": "99999999999"})
    assert (client.status, client.error["code"]) == (404, "unknown_url")
    assert client.error["type"] == "invalid_request_error"
    assert len(client._bodies) == 1
    assert house.counted("tidegate_requests_total", route="none", status="4xx") == 1


async def test_what_lies_below_a_path_has_methods_of_its_own(house: House) -> None:
    """And the query reaches the dialect."""
    asked = await Client(house).ask("/v1/responses", {"model": "auto", "input": EASY})
    path = f"/v1/responses/{json.loads(asked.body)['id']}"
    assert (await Client(house).ask(path, b"", method="GET")).status == 200
    assert (await Client(house).ask(path, b"", method="HEAD")).status == 200
    assert (await Client(house).ask(path, b"", method="GET", query=b"stream=true")).error["param"] == "stream"
    assert (await Client(house).ask(path, b"", method="DELETE")).status == 200
    assert (await Client(house).ask(path, b"", method="PUT")).headers["allow"] == "DELETE, GET, HEAD"
    assert (await Client(house).ask("/v1/responses", b"", method="GET")).headers["allow"] == "POST"


async def test_a_405_names_what_is_allowed(house: House) -> None:
    assert (await Client(house).ask(method="GET")).headers["allow"] == "POST"
    assert (await Client(house).ask("/v1/models", method="POST")).headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("labels", [["local", "any"], ["any", "local"]])
async def test_a_second_label_never_hides_the_first(house: House, upstreams: Upstreams, labels: list[str]) -> None:
    """Whoever adds one on the way, the content does not travel further for it."""
    client = await Client(house).ask(
        body=ask(model="away"), headers=[("x-tidegate-locality", label) for label in labels]
    )
    assert client.status in {400, 503}
    upstreams.assert_cloud_saw_nothing()


async def test_a_second_cache_directive_never_hides_the_first(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(cache={"enabled": True})
    for _ in range(2):
        await Client(house).ask(headers=[("cache-control", "no-store"), ("cache-control", "no-cache")])
        await house.pipeline.parts.background.drained()
    client = await Client(house).ask()
    assert client.headers["x-tidegate-cache"] == "miss"


@pytest.mark.parametrize(("directive", "leaves_at"), [("hang", -1), ("stall:3", 2), ("slow:0.01", 3)])
async def test_a_client_that_leaves_ends_its_task_quietly(
    house: House, upstreams: Upstreams, directive: str, leaves_at: int
) -> None:
    """The upstream is closed, the books too, and the worker goes on."""
    upstreams.cloud.next(directive)
    client = Client(house, leaves_at=leaves_at)
    task = asyncio.create_task(client.ask(body=ask(model="away", stream=True)))
    (exchange,) = await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    if leaves_at < 0:
        client.left.set()
    await asyncio.wait_for(task, 2)
    assert task.cancelling() == 0
    await asyncio.to_thread(upstreams.cloud.journal.wait_until_closed, exchange)
    assert [settlement.outcome for settlement in house.settlements()] == ["cancelled"]
    assert house.counted("tidegate_requests_in_flight") == 0
    assert house.counted("tidegate_requests_total", route="away", stream="true") == 1


async def test_a_client_that_dawdles_with_its_body_is_told_so(
    house: House, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its dialect, and that the connection ends: the rest of its body may still come."""
    monkeypatch.setattr(house.gateway.asgi, "_presence", Presence(body_seconds=0.0))
    client = Client(house)
    monkeypatch.setattr(client, "receive", partial(begun_and_not_ended, [b'{"model": ']))
    await client.ask()
    assert (client.status, client.error["code"], client.headers["connection"]) == (408, "body_too_slow", "close")
    assert house.counted("tidegate_requests_total", route="none", status="4xx", stream="false") == 1
    assert house.counted("tidegate_requests_in_flight") == 0
    assert upstreams.local.journal.raw == b""


async def begun_and_not_ended(parts: list[bytes]) -> Message:
    if not parts:
        await asyncio.Event().wait()
    return {"type": "http.request", "body": parts.pop(), "more_body": True}


async def test_when_the_process_ends_a_client_that_waits_is_told_so(house: House, upstreams: Upstreams) -> None:
    """What uvicorn does when the time to drain is over: it cancels, and would else answer `Internal Server Error`."""
    upstreams.cloud.next("hang")
    client = Client(house)
    task = asyncio.create_task(client.ask(body=ask(model="away")))
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    task.cancel()
    await task
    assert (client.status, client.error["code"], client.headers["retry-after"]) == (503, "unavailable", "1")
    assert house.settlements()[0].outcome == "cancelled"


async def test_when_the_process_ends_a_stream_says_that_it_was_cut(house: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("hold:3")
    client = Client(house)
    task = asyncio.create_task(client.ask(body=ask(model="away", stream=True)))
    while b"says: " not in client.body:  # noqa: ASYNC110  # what it waits for is the client's list growing
        await asyncio.sleep(0)
    task.cancel()
    await task
    *_, last, nothing = client.body.split(b"\n\n")
    assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "unavailable"
    assert nothing == b""
    assert client.sent[-1] == {"type": "http.response.body", "body": b""}
    assert house.settlements()[0].outcome == "cancelled"


@pytest.mark.parametrize("stays", [False, True])
async def test_nobody_is_kept_waiting_for_a_model_by_a_client_or_a_process_that_ends(
    open_house: OpenHouse, upstreams: Upstreams, stays: bool
) -> None:
    house = open_house(server={"keep_alive_comment": 0.02})
    upstreams.local.next("hang")
    client = Client(house, leaves_at=-1 if stays else 3)
    task = asyncio.create_task(client.ask(body=ask(model="home", stream=True)))
    (exchange,) = await asyncio.to_thread(upstreams.local.journal.wait_for_requests, 1)
    if stays:
        while client.body.count(b": ping\n\n") < 2:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait_for(task, 2)
    await asyncio.to_thread(upstreams.local.journal.wait_until_closed, exchange)
    *_, last, nothing = client.body.split(b"\n\n")
    assert nothing == b""
    if stays:
        assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "unavailable"
    else:
        assert last == b": ping"
    assert [settlement.outcome for settlement in house.settlements()] == ["cancelled"]
    assert house.counted("tidegate_requests_in_flight") == 0
    assert house.counted("tidegate_requests_total", route="home", status="4xx", stream="true") == 1


class Faulty:
    """What is ours in an engine breaks as soon as the model's server has answered."""

    def __init__(self, house: House) -> None:
        self._engine = house.gateway.current.engines["openai"]

    async def send(self, permit: Permit, endpoint: str, body: bytes, *, streamed: bool) -> Answer:
        answer = await self._engine.send(permit, endpoint, body, streamed=streamed)
        await answer.body()
        raise RuntimeError("inner workings")

    async def close(self) -> None:
        await self._engine.close()


async def test_a_fault_of_ours_while_a_client_waits_does_not_look_like_an_answer(
    open_house: OpenHouse, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    upstreams.local.next("slow_json:0.1")
    house = open_house(server={"keep_alive_comment": 0.02})
    monkeypatch.setitem(house.gateway.current.engines, "openai", Faulty(house))
    client = await Client(house).ask(body=ask(model="home", stream=True))
    *pings, last, nothing = client.body.split(b"\n\n")
    assert set(pings) == {b": ping"}
    assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "internal_error"
    assert nothing == b""
    assert b"inner" not in client.body
    assert "RuntimeError" in caplog.text
    assert house.counted("tidegate_requests_total", route="home", status="5xx", stream="true") == 1


class Blind:
    """A scanner that breaks."""

    def scan(self, _content: Content, _settles: Settles = NOTHING_SETTLES) -> Scan:
        raise RuntimeError("inner workings")


@pytest.mark.parametrize("where", ["scanner", "engine"])
async def test_a_fault_of_ours_is_a_500_in_openais_shape_and_says_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    if where == "engine":
        monkeypatch.setitem(house.gateway.current.engines, "openai", Faulty(house))
    else:
        parts = house.pipeline.parts
        object.__setattr__(parts, "router", replace(parts.router, scanner=Blind()))
    client = await Client(house).ask()
    assert (client.status, client.error["code"]) == (500, "internal_error")
    assert b"inner" not in client.body
    assert client.headers["x-request-id"] in caplog.text
    assert house.counted("tidegate_requests_total", route="auto", status="5xx", stream="false") == 1


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/healthz", "/metrics"])
async def test_every_answer_has_a_request_id(house: House, path: str) -> None:
    client = await Client(house).ask(path, method="GET")
    assert client.headers["x-request-id"] == client.headers["x-tidegate-request-id"]


async def test_a_reload_keeps_the_configuration_of_what_is_under_way(house: House, upstreams: Upstreams) -> None:
    upstreams.local.next("hold:2")
    client = Client(house)
    task = asyncio.create_task(client.ask(body=ask(stream=True)))
    await asyncio.to_thread(upstreams.local.journal.wait_for_requests, 1)
    before = house.gateway.adopt(
        house.snapshot({**house.configuration, "routes": {"new": {"small": ["small"]}}, "keys": []}, 2)
    )
    retired = asyncio.create_task(house.gateway.retire(before))
    assert (await Client(house).ask()).status == 401
    assert not retired.done()
    upstreams.local.release()
    await task
    assert client.body.endswith(b"data: [DONE]\n\n")
    await asyncio.wait_for(retired, 2)


GENERATE = {"model": "home", "prompt": EASY}
ON_THIS_MACHINE = {"host": "localhost:8080"}


async def test_without_a_key_a_program_on_this_machine_is_served_where_that_was_configured(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    here = ("127.0.0.1", 50_000)
    house = open_house(server={"anonymous": ["home"]})
    served = await Client(house, peer=here).ask("/api/generate", GENERATE, headers=ON_THIS_MACHINE, key=None)
    assert served.status == 200
    assert house.settlements()[0].intent.key == "anonymous"
    for client, path, body in (
        (Client(house), "/api/generate", GENERATE),
        (Client(open_house(), peer=here), "/api/generate", GENERATE),
        (Client(house, peer=here), CHAT, ask(model="home")),
    ):
        assert (await client.ask(path, body, headers=ON_THIS_MACHINE, key=None)).status == 401
    wrong = await Client(house, peer=here).ask("/api/generate", GENERATE, headers=ON_THIS_MACHINE, key="wrong")
    assert (wrong.status, json.loads(wrong.body).keys()) == (401, {"error"})
    assert len(upstreams.local.journal.exchanges) == 1


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/nothing", 404), ("/api", 404), ("/api/nothing", 404), ("/healthz", 200)]
)
async def test_the_root_stands_for_itself_and_not_for_all_below(house: House, path: str, status: int) -> None:
    assert (await Client(house).ask(path, method="GET", key=None)).status == status


async def test_who_may_only_look_asks_no_model(open_house: OpenHouse, upstreams: Upstreams) -> None:
    roles = ("caller", "viewer", "auditor", "admin")
    keys = [{"name": role, "key": f"tg-key-of-the-{role}", "role": role} for role in roles]
    house = open_house(keys=keys)
    answers = [await Client(house).ask(key=f"tg-key-of-the-{role}") for role in roles]
    assert [answer.status for answer in answers] == [200, 403, 403, 200]
    assert answers[1].error["code"] == "forbidden"
    assert len(upstreams.local.journal.exchanges) == 2


async def test_a_keys_own_tags_are_on_all_of_its_requests(open_house: OpenHouse, upstreams: Upstreams) -> None:
    rule = {"name": "batch", "when": {"tags": ["batch"]}, "use": "large"}
    routes = {"auto": {**settings(upstreams)["routes"]["auto"], "rules": [rule]}}
    keys = [{"name": "dev", "key": KEY}, {"name": "nightly", "key": "tg-nightly", "tags": ["Batch"]}]
    house = open_house(routes=routes, keys=keys)
    answers = [await Client(house).ask(key=key) for key in (KEY, "tg-nightly")]
    assert [answer.headers["x-tidegate-deployment"] for answer in answers] == ["small", "large"]


class Door:
    """Admission that nobody passes, and what it is told."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.found: list[bool] = []
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._admission, name)

    def looked(self, _priority: str, *, found: bool) -> None:
        self.found.append(found)

    def admits(self, _name: str, _priority: str, size: int) -> bool:
        self.sizes.append(size)
        return False


async def test_a_stranger_is_no_kept_answer_and_their_body_counts_for_nothing(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else bad keys would have it look for answers ever more often, and one said to bring much would shut the door."""
    house = open_house(cache={"enabled": True}, server={"overload": {"in_flight": 1}})
    admission = house.gateway._admission
    door = Door(admission)
    monkeypatch.setattr(house.gateway.asgi, "_admission", door)
    admission.under_way = 1
    assert (await Client(house).ask(key="tg-nobody", headers={"content-length": "99999999999"})).status == 401
    admission.look()
    assert (await Client(house).ask(headers={"content-length": "99999999999"})).status in (413, 503)
    assert (door.found, door.sizes) == ([], [0, 0])
