"""What is kept to learn from holds nothing of what was asked: at home there are numbers and sealed text, and where a
request may not be, there is nothing of it at all. Nor does what somebody says of an answer stand anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.harness.client import ask, error_of, post
from tests.harness.wait import until
from tests.locality.cases import NOT_AGAIN, SENTENCE
from tests.locality.plants import KINDS, plant
from tests.locality.world import World, everywhere, started
from tests.servers.postgres import PostgresServer

CAPTURING, PLAIN = "learning-capturing", "learning-plain"
ROUTES: dict[str, Any] = {
    name: {
        "small": ["home-ok"],
        "large": ["large", "european"],
        "prefer": "large",
        "learning": {"enabled": True, "capture": name == CAPTURING},
    }
    for name in (CAPTURING, PLAIN)
}
AT_HOME_ONLY = sorted(KINDS.keys() - {"iban"})
KEPT_SECONDS = 20.0


@pytest.fixture(scope="module")
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The store is at home; answers of the model there repeat what was asked."""
    with everywhere() as upstreams:
        world = started(tmp_path_factory.mktemp("learning"), upstreams, more_routes=ROUTES)
        try:
            yield world
            world.stop()
        finally:
            world.gateway.kill()


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> str:
    return postgres.database()


@pytest.fixture(scope="module")
def afar(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The store is a PostgreSQL in the cloud."""
    with everywhere() as upstreams:
        changes = {
            "ledger": {"url": database},
            "responses": {"enabled": False},
            "learning": {"zone": "cloud", "key": "a-key-of-thirty-two-characters-or-more"},
        }
        directory = tmp_path_factory.mktemp("learning-afar")
        world = started(directory, upstreams, changes=changes, more_routes=ROUTES)
        try:
            yield world
            world.stop()
        finally:
            world.gateway.kill()


def asked(world: World, words: str, route: str, *, stream: bool = False) -> str:
    answer = post(world.gateway, ask(words, route, stream=stream), headers=NOT_AGAIN)
    assert answer.status_code == 200, answer.text
    return answer.headers["x-request-id"]


def told(world: World, request: str, **more: Any) -> int:
    return post(world.gateway, {"request_id": request, **more}, path="/v1/feedback").status_code


@pytest.mark.parametrize("route", [CAPTURING, PLAIN])
@pytest.mark.parametrize("kind", AT_HOME_ONLY)
def test_at_home_it_is_numbers_or_sealed(at_home: World, kind: str, route: str) -> None:
    number = 1200 + 2 * AT_HOME_ONLY.index(kind) + (route == PLAIN)
    planted = plant(kind, number)
    at_home.haystack.add(planted.value, f"{kind}, to be learned from")
    words = SENTENCE.format(planted.value)
    request = asked(at_home, words, route, stream=bool(number % 2))
    assert told(at_home, request, thumbs="down", comment=words) == 200
    assert told(at_home, request, correction=words) == 200
    turns = [{"role": "user", "content": words}, {"role": "assistant", "content": words}]
    follow_up = {"model": route, "messages": [*turns, {"role": "user", "content": f"That's wrong: {planted.value}"}]}
    assert post(at_home.gateway, follow_up, headers=NOT_AGAIN).status_code == 200
    at_home.harmless.add_needles({planted.mark.encode()}, f"twin of {kind}, to be learned from")
    asked(at_home, SENTENCE.format(planted.twin), route)
    assert told(at_home, request, thumbs=planted.value) == 400
    assert told(at_home, request, **{planted.value: 1}) == 400
    assert told(at_home, planted.value, thumbs="up") == 404


def test_at_home_it_was_kept_all_the_same(at_home: World) -> None:
    """Or the test before shows nothing."""
    wanted = {(route, source) for route in (CAPTURING, PLAIN) for source in ("correction", "follow-up")}

    def counts() -> dict[tuple[str, str], str]:
        lines = [line.split() for line in at_home.gateway.run("labels", "list").splitlines()[1:]]
        return {(line[0], line[2]): line[3] for line in lines if line[2] != "(no"}

    until("the labels to be kept", lambda: counts().keys() == wanted, KEPT_SECONDS)
    assert set(counts().values()) == {str(len(AT_HOME_ONLY))}


def test_an_export_holds_what_may_go_where_it_goes(at_home: World) -> None:
    for zone in ("cloud", "eu"):
        out = at_home.gateway.ended("labels", "export", "--out", "-", "--zone", zone)
        assert not at_home.haystack.found_in((out.stdout + out.stderr).encode())
    out = at_home.gateway.ended("labels", "export", "--out", "-")
    assert not at_home.haystack.found_in((out.stdout + out.stderr).encode())
    at_home_too = at_home.gateway.run("labels", "export", "--out", "-", "--zone", "local")
    assert at_home.haystack.found_in(at_home_too.encode())  # as the operator said that it stays there


def test_at_home_nothing_of_it_stands_anywhere(at_home: World) -> None:
    assert (at_home.gateway.directory / ".tidegate" / "learning.db").is_file()
    at_home.assert_nothing_got_out()


@pytest.mark.parametrize("route", [CAPTURING, PLAIN])
@pytest.mark.parametrize("kind", AT_HOME_ONLY)
def test_where_it_may_not_be_there_is_nothing_of_it(afar: World, database: str, kind: str, route: str) -> None:
    number = 1300 + 2 * AT_HOME_ONLY.index(kind) + (route == PLAIN)
    planted = plant(kind, number)
    afar.haystack.add(planted.value, f"{kind}, to be learned from afar")
    request = asked(afar, SENTENCE.format(planted.value), route)
    refused = post(afar.gateway, {"request_id": request, "thumbs": "up"}, path="/v1/feedback")
    assert error_of(refused)["code"] == "unknown_request"
    twin = asked(afar, SENTENCE.format(planted.twin), route)
    assert told(afar, twin, correction=planted.value) == 200
    assert ids(database, request) == []
    assert ids(database, twin) == [twin]


def test_and_nothing_of_it_stands_there(afar: World, database: str) -> None:
    """Every row of the two tables, as bytes."""
    engine = create_engine(database.replace("postgresql://", "postgresql+pg8000://"))
    with engine.connect() as connection:
        for table in ("learning_samples", "learning_labels"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
            assert rows
            for row in rows:
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    assert not afar.haystack.found_in(data), table
            assert not any(row._mapping["text"] for row in rows if table == "learning_labels")
    engine.dispose()
    afar.assert_nothing_got_out()


def ids(database: str, request: str) -> list[str]:
    engine = create_engine(database.replace("postgresql://", "postgresql+pg8000://"))
    with engine.connect() as connection:
        query = text("SELECT request_id FROM learning_samples WHERE request_id = :id")
        found = list(connection.execute(query, {"id": request}).scalars())
    engine.dispose()
    return found
