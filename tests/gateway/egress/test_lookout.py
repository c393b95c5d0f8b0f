"""If these fail, a server is asked how busy it is when nobody wants to know, or where it must not be."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from gateway.config.settings import Deployment
from gateway.egress.load import Reading
from gateway.egress.lookout import MOST_BYTES, Lookout
from gateway.egress.room import Room
from gateway.egress.target import target_of
from tests.gateway.egress.test_load import PS, SLOTS, VLLM
from tests.gateway.egress.test_room import Clock, Ear
from tests.gateway.raw_server import request_of, serving
from tests.upstream.http import Reply

SECONDS = 0.01


class Peer:
    """A server that has something to say at some paths; all others are none."""

    def __init__(self, says: Mapping[str, bytes | int]) -> None:
        self.says = says
        self.asked: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self._came = asyncio.Event()

    async def was_asked(self, times: int) -> None:
        async with asyncio.timeout(5):
            while len(self.asked) < times:
                self._came.clear()
                await self._came.wait()

    async def __call__(self, _number: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        while True:
            request = await request_of(reader)
            self.asked.append(f"{request.method} {request.path}")
            self.headers.append(dict(request.headers))
            self._came.set()
            said = self.says.get(request.path, 404)
            status, body = (said, b"{}") if isinstance(said, int) else (200, said)
            await reply.whole(status, body)


class Listening(Room):
    """A room that tells when it has heard something."""

    def __init__(self) -> None:
        super().__init__("d", Clock(), Ear())
        self._news = asyncio.Event()

    def heard(self, reading: Reading) -> None:
        super().heard(reading)
        self._news.set()

    async def hears(self) -> Reading | None:
        async with asyncio.timeout(5):
            await self._news.wait()
        self._news.clear()
        return self.reading


@contextlib.asynccontextmanager
async def watching(
    says: Mapping[str, bytes | int], kind: str = "auto", zone: str = "local"
) -> AsyncIterator[tuple[Listening, Lookout, Peer]]:
    peer, room = Peer(says), Listening()
    async with serving(peer) as url:
        deployment = Deployment(zone=zone, engine="openai", base_url=url, model="gemma3:270m")
        lookout = Lookout(room, target_of("d", deployment, None), kind, lambda: 0.5, SECONDS)
        try:
            yield room, lookout, peer
        finally:
            await lookout.close()


async def test_which_kind_of_server_it_is_is_found_out_once() -> None:
    async with watching({"/api/ps": PS}) as (room, lookout, peer):
        lookout.wanted()
        assert await room.hears() == Reading(is_warm=True)
        assert peer.asked == ["GET /metrics", "GET /slots", "GET /api/ps"]
        lookout.wanted()
        await peer.was_asked(4)
        assert peer.asked[3] == "GET /api/ps"


async def test_the_kind_that_is_named_is_asked_alone() -> None:
    async with watching({"/metrics": VLLM, "/api/ps": PS}, "ollama") as (room, lookout, peer):
        lookout.wanted()
        assert await room.hears() is not None
        assert peer.asked == ["GET /api/ps"]


async def test_a_llama_server_without_metrics_is_not_asked_for_them_again() -> None:
    async with watching({"/slots": SLOTS, "/metrics": 501}) as (room, lookout, peer):
        for count in (2, 3, 4):
            lookout.wanted()
            await peer.was_asked(count)
            assert await room.hears() == Reading(busy=1)
        assert peer.asked == ["GET /metrics", "GET /slots", "GET /slots", "GET /slots"]


async def test_nobody_is_asked_unless_somebody_wants_to_know() -> None:
    async with watching({"/metrics": VLLM}) as (room, lookout, peer):
        lookout.wanted()
        await room.hears()
        await asyncio.sleep(10 * SECONDS)
        assert len(peer.asked) == 1


async def test_a_server_that_turns_out_to_be_another_is_found_out_again() -> None:
    async with watching({"/metrics": VLLM}) as (room, lookout, peer):
        lookout.wanted()
        assert await room.hears() == Reading(busy=7)
        peer.says = {"/api/ps": PS}
        lookout.wanted()
        await peer.was_asked(2)
        lookout.wanted()
        assert await room.hears() == Reading(is_warm=True)


async def test_what_says_too_much_or_nothing_is_not_heard() -> None:
    async with watching({"/metrics": VLLM + b"#" * MOST_BYTES, "/slots": 503}) as (room, lookout, peer):
        lookout.wanted()
        await peer.was_asked(3)
        assert room.reading is None


async def test_it_is_asked_with_its_own_key_and_without_a_word_of_any_request() -> None:
    async with watching({"/metrics": VLLM}, "vllm", "eu") as (room, lookout, peer):
        lookout.target = replace(lookout.target, api_key="sk-its-own")
        lookout.wanted()
        await room.hears()
        (headers,) = peer.headers
        assert headers["authorization"] == "Bearer sk-its-own"
        assert headers.get("content-length", "0") == "0"


async def test_a_server_that_is_away_takes_nobody_down() -> None:
    room = Room("d", Clock(), Ear())
    deployment = Deployment(zone="local", engine="openai", base_url="http://127.0.0.1:9/v1")
    lookout = Lookout(room, target_of("d", deployment, None), "auto", lambda: 0.5, SECONDS)
    for _ in range(3):
        lookout.wanted()
        await asyncio.sleep(2 * SECONDS)
    assert room.reading is None
    await lookout.close()
    await lookout.close()
