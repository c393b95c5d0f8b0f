"""If these fail, a worker keeps for life what it needed for a moment, or stands still to look through what it keeps."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, KEY
from tests.gateway.leftovers import left_over
from tests.gateway.serving.http.served import get, post, serving
from tests.servers.upstream import Upstreams

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
    """Many come at once, and each would hold its whole request. The connection to the model may end with it; what that
    leaves holds nothing else."""
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
    ours = [kind for kind in found if kind.startswith(("gateway.", "router."))]
    assert [kind for kind in ours if not kind.startswith("gateway.egress.")] == []
