"""If these fail, a worker keeps for life what it needed for a moment, or stands still to look through what it keeps."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, KEY
from tests.gateway.leftovers import left_over
from tests.gateway.serving.http.served import get, post, serving
from tests.harness.dialects import CHAT, DIALECTS, Dialect
from tests.harness.ports import free_port
from tests.servers.upstream import Upstreams


@pytest.fixture(autouse=True)
def only_what_is_new() -> Iterator[None]:
    """What was there before the test is not looked through: after some thousand others that takes seconds."""
    gc.freeze()
    yield
    gc.unfreeze()


PROGRAM = """
import gc, platform, re
from gateway.serving.memory import settle

def resident():
    with open("/proc/self/status") as status:
        return int(re.search(r"VmRSS:\\s+(\\d+) kB", status.read())[1]) // 1024

before = resident()
blocks = [bytes(4096) for _ in range(16384)]
kept = blocks[::64]
del blocks
held = resident()
settle()
print(held - before, resident() - before, gc.get_freeze_count(), len(kept), platform.libc_ver()[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_what_was_freed_goes_back_and_what_stays_is_left_alone() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    held, left, frozen = map(int, said[:3])
    assert frozen > 5_000  # objects; a bare interpreter has more
    assert held > 50  # MB: else there was nothing to give back
    assert left < held / 4 or said[4] != "glibc"


AUTHORIZED = b"authorization: Bearer %b\r\n" % KEY.encode()


def chat(text: str, model: str, *, headers: bytes = AUTHORIZED, stream: bool = False) -> bytes:
    body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
    return post(json.dumps(body).encode(), "/v1/chat/completions", headers=headers)


REQUESTS = {
    "whole": (chat(EASY, "away"), 200),
    "streamed": (chat(EASY, "away", stream=True), 200),
    "stays": (chat(CARD, "auto"), 200),
    "models": (get("/v1/models", headers=AUTHORIZED), 200),
    "without a key": (chat(EASY, "away", headers=b""), 401),
    "no JSON": (post(b"{", "/v1/chat/completions", headers=AUTHORIZED), 400),
    "no such model": (chat(EASY, "none"), 404),
    "may not leave": (chat(CARD, "away"), 503),
    "no such path": (get("/v1/nothing", headers=AUTHORIZED), 404),
    "health": (get("/healthz"), 200),
}


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("kind", REQUESTS)
async def test_a_request_leaves_nothing_for_the_collector(
    open_house: OpenHouse, upstreams: Upstreams, kind: str, cached: bool
) -> None:
    request, status = REQUESTS[kind]
    house = open_house(cache={"enabled": cached})
    async with serving(house.gateway.asgi) as served:
        client = await served.client()
        assert (await client.ask(request)).status == status
        await house.pipeline.parts.background.drained()
        with left_over() as found:
            for _ in range(3):
                await client.ask(request)
                await served.until(lambda: not served.state.tasks)
            await house.pipeline.parts.background.drained()
    assert found == []


@pytest.mark.parametrize(
    ("directive", "model", "status"),
    [
        ("status:429", "away", 429),  # each deployment has failed
        ("status:400", "away", 400),  # the request is at fault, and no other deployment is asked
        ("status:429", "cloud", 200),  # another one answers
    ],
)
@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_failure_leaves_nothing_for_the_collector(
    open_house: OpenHouse, upstreams: Upstreams, directive: str, model: str, status: int, stream: bool, cached: bool
) -> None:
    """Many come at once, and each would hold its whole request. The connection to the model may end with it."""
    house = open_house(cache={"enabled": cached})
    upstreams.cloud.always(directive)
    request = chat(EASY, model, stream=stream)
    async with serving(house.gateway.asgi) as served:
        client = await served.client()
        assert (await client.ask(request)).status == status
        await house.pipeline.parts.background.drained()
        with left_over() as found:
            for _ in range(3):
                await client.ask(request)
                await served.until(lambda: not served.state.tasks)
            await house.pipeline.parts.background.drained()
    assert ours(found) == []


def ours(found: Sequence[str]) -> list[str]:
    """Not the loop's, nor what the model's server leaves, which runs in the same process."""
    return [kind for kind in found if kind.startswith(("gateway.", "router.", "httptools."))]


TROUBLES = ("", "cut", "cut:0:rst", "garbage", "garbage_later", "invalid_utf8", "error_event")
ENDS = [*((dialect, trouble) for dialect in DIALECTS for trouble in TROUBLES), (CHAT, "hang")]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("dialect", "trouble"), ENDS, ids=[f"{dialect.name}-{trouble}" for dialect, trouble in ENDS])
async def test_whatever_the_model_does_leaves_nothing_in_any_dialect(
    open_house: OpenHouse, upstreams: Upstreams, dialect: Dialect, stream: bool, trouble: str
) -> None:
    """An error holds the frames that it went through; whoever keeps it, and is seen from one of them, stays."""
    house = open_house()
    if trouble:
        upstreams.cloud.always(trouble)
    body = json.dumps(dialect.body("away", EASY, streamed=stream)).encode()
    async with serving(house.gateway.asgi) as served:
        client = await served.client()
        await client.ask(post(body, dialect.path, headers=AUTHORIZED))
        with left_over() as found:
            for _ in range(2):
                await client.ask(post(body, dialect.path, headers=AUTHORIZED))
                await served.until(lambda: not served.state.tasks)
            await house.pipeline.parts.background.drained()
    assert ours(found) == []


@pytest.mark.parametrize("stream", [False, True])
async def test_a_server_that_is_away_leaves_nothing(open_house: OpenHouse, stream: bool) -> None:
    away = {"zone": "local", "engine": "openai", "base_url": f"http://127.0.0.1:{free_port()}/v1"}
    key = {"name": "dev", "key": KEY}
    house = open_house(deployments={"small": away}, routes={"away": {"small": ["small"]}}, keys=[key])
    async with serving(house.gateway.asgi) as served:
        client = await served.client()
        request = chat(EASY, "away", stream=stream)
        assert (await client.ask(request)).status == 502
        with left_over() as found:
            for _ in range(3):
                await client.ask(request)
                await served.until(lambda: not served.state.tasks)
    assert found == []
