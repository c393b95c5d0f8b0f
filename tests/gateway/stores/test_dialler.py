"""Dialler: whom the gateway takes for its Redis, and as whom it comes there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import ANY

import pytest

from gateway.config.redis import Redis
from gateway.config.shape import settings_of
from gateway.stores.dialler import Address, Dialler
from gateway.stores.link import RedisLink, StoreFault
from tests.harness.authority import Authority
from tests.servers.tls import TlsServer
from tests.servers.valkey import ValkeyServer

PATIENCE = 30.0  # seconds


async def outcome(settings: dict[str, object]) -> str:
    """Of one command: `there`, or the kind of fault."""
    link = RedisLink(settings_of(Redis, {"timeout": PATIENCE, **settings}), time.monotonic)
    try:
        await link.ask(b"SET", "k", b"v")
    except StoreFault as fault:
        return fault.kind
    finally:
        await link.close()
    return "there"


async def test_with_the_right_ca_and_a_certificate_of_its_own(tls: TlsServer) -> None:
    assert await outcome(tls.settings) == "there"


async def test_a_server_whom_somebody_else_has_signed_is_not_spoken_to(tls: TlsServer, tmp_path: Path) -> None:
    stranger = Authority(tmp_path)
    assert await outcome({"url": tls.url, "tls": {**tls.tls, "ca": str(stranger.ca)}}) == "connection"


async def test_public_authorities_do_not_count_beside_the_own(
    tls: TlsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever bought a certificate could stand in for the server."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority.ca))  # OpenSSL: what this machine trusts
    visitor = {"certificate": tls.tls["certificate"], "key": tls.tls["key"]}
    assert await outcome({"url": tls.url, "tls": visitor}) == "there"
    assert await outcome({"url": tls.url, "tls": {**visitor, "ca": str(Authority(tmp_path).ca)}}) == "connection"


async def test_without_a_certificate_it_is_not_let_in(tls: TlsServer) -> None:
    assert await outcome({"url": tls.url, "tls": {"ca": str(tls.authority.ca)}}) == "connection"


@pytest.fixture
def misnamed(tmp_path: Path) -> Iterator[TlsServer]:
    with TlsServer(tmp_path, "redis.example", None) as server:
        yield server


async def test_the_name_counts_unless_any_will_do(misnamed: TlsServer) -> None:
    assert await outcome(misnamed.settings) == "connection"
    assert await outcome({"url": misnamed.url, "tls": {**misnamed.tls, "any_name": True}}) == "there"


async def test_user_password_and_database_may_stand_beside_the_url(own_valkey: ValkeyServer) -> None:
    with own_valkey.client() as client:
        client.acl_setuser("gate", enabled=True, passwords=["+secret"], commands=["+@all"], keys=["*"])
    own = {"url": f"redis://127.0.0.1:{own_valkey.port}", "username": "gate"}
    assert await outcome({**own, "password": "wrong"}) == "connection"
    assert await outcome({**own, "password": "secret", "database": 3}) == "there"
    with own_valkey.client() as client:
        assert client.info("keyspace") == {"db3": ANY}


def test_certificates_that_cannot_be_read_are_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with pytest.raises(ValueError, match="TLS"):
        Dialler(settings_of(Redis, {"url": "rediss://h", "tls": {"ca": str(tmp_path / "ca.pem")}}))


@pytest.mark.parametrize(
    ("zone", "host", "may"),
    [
        *(("local", "10.0.0.7", True), ("local", "203.0.113.7", False), ("local", "redis.example.com", True)),
        *(("cloud", "203.0.113.7", True), ("local", "node.example.com", False), ("local", "node-1", True)),
    ],
)
def test_at_home_only_who_is_at_home_or_named_may_be_of_it(zone: str, host: str, *, may: bool) -> None:
    own = {"url": "redis://redis.example.com", "zone": zone, "cluster": True}
    dialler = Dialler(settings_of(Redis, own))
    assert dialler.may_be(Address(host, 6379)) is may
    assert Dialler(settings_of(Redis, {**own, "trusted": True})).may_be(Address(host, 6379))
