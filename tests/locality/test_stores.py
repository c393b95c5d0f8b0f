"""Stores outside the house: a Redis and a PostgreSQL that stand in zone `cloud` are given nothing that may not be seen
there, neither an answer nor a conversation; of the ledger nobody needs to ask, for it holds no content at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.harness.client import ask, post
from tests.harness.wait import until
from tests.locality.cases import SENTENCE
from tests.locality.plants import KINDS, plant
from tests.locality.world import OK, World, everywhere, route_of, started
from tests.servers.postgres import PostgresServer
from tests.servers.valkey import ValkeyServer

ROUTE = route_of("first", OK, "text")
AT_HOME_ONLY = sorted(KINDS.keys() - {"iban"})


def answers(client: Any) -> set[bytes]:
    """The names of what is kept there of answers. Beside them stands who asks for one, and what was purged."""
    return {name for name in client.keys("*") if name.endswith(b"}") and b"{exact:" in name}


def everything_in(client: Any, name: bytes) -> Iterator[bytes]:
    """Every byte of an entry, whatever it is. It may have ended by now."""
    kind = client.type(name)
    if kind == b"string":
        yield client.get(name) or b""
    elif kind == b"hash":
        for pair in client.hgetall(name).items():
            yield from pair
    elif kind == b"stream":
        for _, fields in client.xrange(name):
            for pair in fields.items():
                yield from pair
    else:
        assert kind == b"none", kind


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> str:
    return postgres.database()


@pytest.fixture(scope="module")
def afar(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Answers of the model at home repeat what was asked."""
    with everywhere() as upstreams, ValkeyServer(tmp_path_factory.mktemp("redis")) as redis:
        changes = {
            "redis": {"url": redis.url, "zone": "cloud"},
            "ledger": {"url": database},
            "responses": {"key": "a-key-of-thirty-two-characters-or-more", "zone": "cloud"},
        }
        world = started(tmp_path_factory.mktemp("afar"), upstreams, changes=changes)
        world.redis.append(redis)
        try:
            yield world
            world.stop()
        finally:
            world.gateway.kill()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", AT_HOME_ONLY)
def test_nothing_of_it_is_kept_there(afar: World, kind: str, stream: bool) -> None:
    (redis,) = afar.redis
    planted = plant(kind, 900 + stream)
    afar.haystack.add(planted.value, f"{kind}, to be stored")
    with redis.client() as client:
        before = answers(client)
        afar.home.always("echo")
        for _ in range(2):
            answer = post(afar.gateway, ask(SENTENCE.format(planted.value), ROUTE, stream=stream))
            assert answer.headers["x-tidegate-cache"] == "miss"
        body = {"model": ROUTE, "input": SENTENCE.format(planted.value)}
        kept = post(afar.gateway, body, path="/v1/responses")
        assert planted.value in kept.text  # it was answered, with what was asked
        assert kept.json()["store"] is False
        assert answers(client) == before

        twin = ask(SENTENCE.format(planted.twin), ROUTE, stream=stream)
        assert post(afar.gateway, twin).status_code == 200
        until("it to be in the cache", lambda: answers(client) > before)
        assert post(afar.gateway, twin).headers["x-tidegate-cache"] == "hit"
        body = {"model": ROUTE, "input": SENTENCE.format(planted.twin)}
        assert post(afar.gateway, body, path="/v1/responses").json()["store"] is True


def test_and_they_tell_nothing(afar: World, database: str) -> None:
    """Runs last in this file: every row of every table, every name and value in the Redis."""
    (redis,) = afar.redis
    with redis.client() as client:
        for name in client.keys("*"):
            assert not afar.haystack.found_in(name)
            for value in everything_in(client, name):
                assert not afar.haystack.found_in(value)
    afar.assert_nothing_got_out()  # and by the way waits for the ledger
    engine = create_engine(database.replace("postgresql://", "postgresql+pg8000://"))
    rows = 0
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608  # a name of the database's own
                rows += 1
                told = b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
                assert not afar.haystack.found_in(told), table
    engine.dispose()
    assert rows > 2 * len(AT_HOME_ONLY)
