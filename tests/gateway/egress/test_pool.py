"""If these fail, a connection goes where it must not, or more of them are opened than a server stands."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway.egress import pool as module
from gateway.egress.connection import Connection
from gateway.egress.engine import Unreachable
from gateway.egress.pool import Pool
from gateway.egress.target import Target
from gateway.wire.errors import UpstreamRefused
from tests.gateway.egress.peer import HELLO, ask, saying, talking
from tests.gateway.egress.permits import patience
from tests.gateway.leftovers import left_over
from tests.harness.certificate import certificate
from tests.harness.ports import free_port


def target(base_url: str, zone: str = "local", *, trusted: bool = False) -> Target:
    return Target("d", zone, "openai", "m", base_url, patience(connect=2), trusted=trusted)


async def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name is there, whatever the machine's resolver says."""

    async def getaddrinfo(_host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("addresses", [("8.8.8.8",), ("127.0.0.1", "8.8.8.8")])
async def test_a_home_name_that_leads_outside_is_not_called(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    async with talking(saying(HELLO)) as (pool, peer):
        await resolving_to(monkeypatch, *addresses)
        away = Pool(target(f"http://home.lan:{pool.port}/v1"))
        with pytest.raises(UpstreamRefused):
            await ask(away)
        assert peer.opened == 0


async def test_a_name_is_called_where_it_is_and_tried_at_each_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(saying(HELLO)) as (pool, peer):
        await resolving_to(monkeypatch, "127.9.9.9", "127.0.0.1")
        found = Pool(target(f"http://home.lan:{pool.port}/v1"))
        assert await (await ask(found)).body() == b"hello"
        assert b"host: home.lan:%d\r\n" % pool.port in peer.asked[0]
        found.close()


async def test_no_more_connections_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 2)
    async with talking(saying(*[HELLO] * 10)) as (pool, peer):
        answers = await asyncio.gather(*(ask(pool) for _ in range(10)))
        assert [await answer.body() for answer in answers] == [b"hello"] * 10
        assert peer.opened == 2


async def test_a_place_is_given_back_when_connecting_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 1)
    async with talking(saying()) as (pool, _):
        pass
    for _ in range(3):
        with pytest.raises(UpstreamRefused):
            await ask(pool)


@pytest.mark.parametrize(
    ("host", "trusted", "answered"),
    [
        ("models.lan", True, True),
        ("models.lan", False, False),  # signed by nobody that is trusted
        ("other.lan", True, False),  # somebody else's certificate
    ],
)
async def test_certificates_are_verified(
    host: str, trusted: bool, answered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, alone = certificate(tmp_path, "models.lan")
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(alone))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(both)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(HELLO)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    await resolving_to(monkeypatch, "127.0.0.1")
    pool = Pool(target(f"https://{host}:{server.sockets[0].getsockname()[1]}/v1"))
    try:
        if answered:
            assert await (await ask(pool)).body() == b"hello"
        else:
            with pytest.raises(UpstreamRefused):
                await ask(pool)
    finally:
        pool.close()
        server.close()


async def test_who_leaves_while_a_connection_is_made_gives_back_one_place_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the bound grows with each of them."""
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 1)
    made = Connection.connection_made
    leaving: list[asyncio.Task[Any]] = []
    opened: list[Connection] = []

    def connection_made(connection: Connection, transport: asyncio.BaseTransport) -> None:
        made(connection, transport)
        opened.append(connection)
        if leaving:
            leaving[0].cancel()

    monkeypatch.setattr(Connection, "connection_made", connection_made)
    async with talking(saying(*[HELLO] * 10)) as (pool, _):
        for _ in range(3):
            leaving.append(asyncio.create_task(ask(pool)))
            with pytest.raises(asyncio.CancelledError):
                await leaving[0]
            leaving.clear()
        assert len(opened) == 3
        answers = await asyncio.gather(*(ask(pool) for _ in range(4)))
        assert [await answer.body() for answer in answers] == [b"hello"] * 4
        assert len(opened) == 4


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_connection_that_is_never_made_leaves_nothing(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Some loops make the protocol first. Its parser holds it, and the other way round."""

    async def ask_nobody() -> None:
        nobody = Pool(target(f"http://127.0.0.1:{free_port()}/v1"))
        for _ in range(3):
            with pytest.raises(Unreachable):
                await ask(nobody)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(ask_nobody())
        with left_over() as found:
            runner.run(ask_nobody())
    assert [kind for kind in found if kind.startswith(("gateway.", "httptools."))] == []
