"""If these fail, a request finds out that a server is away, or a server is asked for more than whether it is there."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from gateway.config.retrying import Health
from gateway.config.settings import Deployment
from gateway.egress.checkup import AT_HOME_SECONDS, Checkups, every_of, path_of
from gateway.egress.fleet import FleetHealth
from gateway.egress.target import target_of
from tests.gateway.raw_server import request_of, serving
from tests.upstream.http import Reply

SOON = 0.01  # seconds


def deployment(base_url: str, zone: str = "local", **more: Any) -> Deployment:
    return Deployment(zone=zone, engine="openai", base_url=base_url, **{"health": Health(every=SOON), **more})


class Watched:
    """A fleet of one, and somebody who looks. `changes` are told as they come."""

    def __init__(self, one: Deployment) -> None:
        loop = asyncio.get_running_loop()
        self.changes: asyncio.Queue[bool] = asyncio.Queue()
        self.fleet = FleetHealth({"d": one}, loop.time, lambda _, __, up: self.changes.put_nowait(up), lambda: 0.5)
        self.checkups = Checkups({"d": one}, {"r": {"d": target_of("d", one, None)}}, self.fleet, lambda: 0.5)
        assert self.changes.get_nowait()

    async def becomes(self) -> bool:
        async with asyncio.timeout(10):
            return await self.changes.get()


@contextlib.asynccontextmanager
async def watching(one: Deployment) -> AsyncIterator[Watched]:
    watched = Watched(one)
    watched.checkups.start()
    try:
        yield watched
    finally:
        await watched.checkups.close()


class Peer:
    """A server that has `status` for everybody; None: it keeps silent."""

    def __init__(self, status: int | None = 200) -> None:
        self.status = status
        self.heads: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        self._came = asyncio.Event()

    async def was_asked(self, times: int) -> None:
        async with asyncio.timeout(10):
            while len(self.heads) < times:
                self._came.clear()
                await self._came.wait()

    async def __call__(self, _number: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        while True:
            request = await request_of(reader)
            self.heads.append((request.method, request.path, dict(request.headers)))
            self.bodies.append(request.body)
            self._came.set()
            if self.status is None:
                await asyncio.Event().wait()
            await reply.whole(self.status or 0, b"{}")


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


async def test_it_asks_for_the_models_and_sends_nothing() -> None:
    peer = Peer()
    async with serving(peer) as base_url, watching(deployment(base_url)) as watched:
        await peer.was_asked(3)
        assert watched.changes.empty()
    assert {(method, path) for method, path, _ in peer.heads} == {("GET", "/v1/models")}
    assert set(peer.bodies) == {b""}


async def test_a_server_that_is_gone_is_down_before_a_request_finds_out_and_up_again_when_it_is_back() -> None:
    port = closed_port()
    async with watching(deployment(f"http://127.0.0.1:{port}/v1")) as watched:
        assert not await watched.becomes()
        assert not watched.fleet.is_up("d")
        async with serving(Peer(), port):
            assert await watched.becomes()
            assert watched.fleet.is_up("d")


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_server_that_is_not_ready_is_down(status: int) -> None:
    async with serving(Peer(status)) as base_url, watching(deployment(base_url)) as watched:
        assert not await watched.becomes()


@pytest.mark.parametrize("status", [401, 404, 405, 500, 501])
async def test_whatever_else_it_says_it_is_there(status: int) -> None:
    peer = Peer(status)
    async with serving(peer) as base_url, watching(deployment(base_url)) as watched:
        await peer.was_asked(5)
        assert watched.changes.empty()
        assert watched.fleet.is_up("d")


async def test_nobody_looks_at_one_that_is_at_work() -> None:
    peer = Peer()
    async with serving(peer) as base_url, watching(deployment(base_url)) as watched:
        watched.fleet.asked("d")
        before = len(peer.heads)
        await asyncio.wait({asyncio.create_task(peer.was_asked(before + 2))}, timeout=10 * SOON)
        assert len(peer.heads) <= before + 1  # one may have been on its way
        watched.fleet.left("d")
        await peer.was_asked(before + 3)


async def test_nobody_looks_at_one_that_wants_to_be_left_alone() -> None:
    peer = Peer()
    one = deployment("http://127.0.0.1:1/v1")
    async with serving(peer) as base_url:
        watched = Watched(replace(one, base_url=base_url))
        watched.fleet.cool("d", 3600)
        watched.checkups.start()
        looked = asyncio.create_task(peer.was_asked(1))
        await asyncio.wait({looked}, timeout=10 * SOON)
        await watched.checkups.close()
        assert not looked.done()
        looked.cancel()


async def test_what_fails_although_it_is_there_is_not_well_for_that() -> None:
    peer = Peer()
    async with serving(peer) as base_url, watching(deployment(base_url)) as watched:
        for _ in range(3):
            watched.fleet.failed("d")
        assert not await watched.becomes()
        await peer.was_asked(len(peer.heads) + 3)
        assert not watched.fleet.is_up("d")


async def test_a_public_address_is_not_called_in_zone_local() -> None:
    async with watching(deployment("http://1.1.1.1:9/v1")) as watched:
        assert not await watched.becomes()


def test_at_home_somebody_looks_and_elsewhere_only_where_the_operator_says_so() -> None:
    base_url = "http://127.0.0.1:1/v1"
    assert every_of(deployment(base_url, health=Health())) == AT_HOME_SECONDS
    assert every_of(deployment(base_url, "cloud", health=Health())) == 0
    assert every_of(deployment(base_url, "cloud", health=Health(every=30))) == 30
    assert every_of(deployment(base_url, health=Health(every=0))) == 0
    assert every_of(Deployment(zone="cloud", engine="litellm", model="a/b")) == 0


@pytest.mark.parametrize(
    ("base_url", "path", "asked"),
    [
        ("http://127.0.0.1:1/v1", None, "/v1/models"),
        ("http://127.0.0.1:1/api", None, "/models"),
        ("http://127.0.0.1:1/v1", "/health", "/health"),
    ],
)
def test_what_is_asked_for(base_url: str, path: str | None, asked: str) -> None:
    assert path_of(target_of("d", deployment(base_url), None), Health(path=path)) == asked
