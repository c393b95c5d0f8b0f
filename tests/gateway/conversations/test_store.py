"""The contract of what is kept, on SQLite and on PostgreSQL: for its owner, for a while, where it may be, sealed."""

from __future__ import annotations

import asyncio
import gc
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from gateway.conversations.kept import Kept
from gateway.conversations.store import PURGE_SECONDS, ConversationStore, StateUnavailable
from gateway.conversations.table import Row, Table
from gateway.stores.seal import Label, Seal
from gateway.stores.sql_link import STEP_SECONDS
from router.clearance import LOCAL, Clearance
from tests.gateway.conversations.samples import PLANTED, SECRET, Clock, kept, message
from tests.servers.postgres import PostgresServer

TTL = 3600
OpenStore = Callable[..., ConversationStore]


def store_of(
    url: str,
    clock: Clock,
    secret: str = SECRET,
    *,
    zone: str = "local",
    max_bytes: int = 100_000,
    faults: list[str] | None = None,
) -> ConversationStore:
    on_fault = (faults if faults is not None else []).append
    return ConversationStore(
        url, secret, zone=zone, ttl=TTL, max_bytes=max_bytes, wall=clock, steady=time.monotonic, on_fault=on_fault
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def open_store(sql_url: str, clock: Clock) -> AsyncIterator[OpenStore]:
    opened: list[ConversationStore] = []

    def opening(secret: str = SECRET, **more: Any) -> ConversationStore:
        opened.append(store_of(sql_url, clock, secret, **more))
        return opened[-1]

    yield opening
    for store in opened:
        store.close()


async def test_what_is_kept_is_found_by_its_owner_at_any_worker(open_store: OpenStore) -> None:
    one = kept(clearance=LOCAL, said=PLANTED)
    assert await open_store().keep(one) == "kept"
    assert await open_store().find("resp_1", "dev") == one


async def test_to_anybody_else_it_is_not_there(open_store: OpenStore) -> None:
    store = open_store()
    await store.keep(kept(owner="dev"))
    assert await store.find("resp_1", "other") is None
    assert await store.find("resp_2", "dev") is None
    assert not await store.forget("resp_1", "other")
    assert await store.find("resp_1", "dev") is not None


@pytest.mark.parametrize(
    "nonsense", ["", "a\0b", "\ud800", "../x", "x" * 129, "resp_1'; DROP TABLE responses; --", "é"]
)
async def test_what_is_no_id_is_not_there(open_store: OpenStore, nonsense: str) -> None:
    """And no fault of the database's: PostgreSQL refuses some of it, and would be left alone for a while."""
    faults: list[str] = []
    store = open_store(faults=faults)
    assert await store.find(nonsense, "dev") is None
    assert not await store.forget(nonsense, "dev")
    assert await store.keep(kept()) == "kept"
    assert faults == []


async def test_what_is_forgotten_is_gone_at_every_worker(open_store: OpenStore) -> None:
    store, other = open_store(), open_store()
    await store.keep(kept())
    assert await other.forget("resp_1", "dev")
    assert not await store.forget("resp_1", "dev")
    assert await store.find("resp_1", "dev") is None


async def test_its_time_ends(open_store: OpenStore, clock: Clock) -> None:
    store = open_store()
    await store.keep(kept())
    clock.now += TTL - 1
    assert await store.find("resp_1", "dev") is not None
    clock.now += 1
    assert await store.find("resp_1", "dev") is None
    assert not await store.forget("resp_1", "dev")


async def test_what_has_expired_is_deleted_by_and_by(open_store: OpenStore, clock: Clock, sql_url: str) -> None:
    store = open_store()
    await store.keep(kept("resp_1"))
    clock.now += max(TTL, PURGE_SECONDS)
    await store.keep(kept("resp_2"))
    table = Table.open(sql_url, 10)
    assert (table.get("resp_1"), table.get("resp_2") is None) == (None, False)
    table.close()


@pytest.mark.parametrize(
    ("zone", "clearance", "outcome"),
    [
        ("local", "local", "kept"),
        ("local", "any", "kept"),
        ("local", "masked", "kept"),
        ("local", "cloud", "forbidden"),
        ("eu", "eu+local", "kept"),
        ("eu", "any", "kept"),
        ("eu", "local", "forbidden"),
        ("eu", "masked", "forbidden"),
        ("cloud", "eu+local", "forbidden"),
    ],
)
async def test_it_is_kept_only_where_it_may_be(open_store: OpenStore, zone: str, clearance: str, outcome: str) -> None:
    store = open_store(zone=zone)
    assert await store.keep(kept(clearance=Clearance.parse(clearance))) == outcome
    assert (await store.find("resp_1", "dev") is not None) == (outcome == "kept")


async def test_what_is_too_large_is_not_kept(open_store: OpenStore) -> None:
    store = open_store(max_bytes=2000)
    assert await store.keep(kept(said="x" * 2000)) == "too_large"
    assert await store.keep(kept(said="x" * 200)) == "kept"


async def test_with_another_key_it_does_not_open_and_that_is_said(
    open_store: OpenStore, caplog: pytest.LogCaptureFixture
) -> None:
    await open_store().keep(kept(said=PLANTED))
    assert await open_store(SECRET[::-1]).find("resp_1", "dev") is None
    assert "responses.key" in caplog.text
    assert PLANTED not in caplog.text


@pytest.mark.parametrize("change", ["owner", "clearance", "expires", "id"])
async def test_a_row_that_was_tampered_with_does_not_open(
    open_store: OpenStore, sql_url: str, clock: Clock, change: str
) -> None:
    """Whoever can write to the database, and has not the key, gets at nothing through the gateway either."""
    one = kept(owner="victim", clearance=LOCAL)
    label = Label("resp_1", "victim", "local", int(clock.now) + TTL)
    sealed = Seal(SECRET).sealed(label, one.content())
    forged = {
        "owner": Label("resp_1", "thief", "local", label.expires),
        "clearance": Label("resp_1", "victim", "any", label.expires),
        "expires": Label("resp_1", "victim", "local", label.expires + 1),
        "id": Label("resp_2", "victim", "local", label.expires),
    }[change]
    table = Table.open(sql_url, 10)
    table.put(Row(forged, sealed), unless=lambda: False)
    table.close()
    assert await open_store().find(forged.id, forged.owner) is None


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=12, max_size=60))
@given_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
async def test_nothing_of_it_stands_in_the_file(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    """Whatever was said: outside the seal there are ids, names of keys, clearances and dates."""
    caplog.set_level(logging.DEBUG)
    directory = Path(tempfile.mkdtemp(dir=tmp_path))
    store = store_of(f"sqlite:///{directory}/state.db", clock)
    one = kept("resp_1", clearance=LOCAL, said=f"{PLANTED} {secret}", items=[message(secret)])
    assert await store.keep(one) == "kept"
    assert await store.find("resp_1", "dev") == one
    # While it is open: the thread that closes it takes the write-ahead log away.
    files = [path.read_bytes() for path in sorted(directory.glob("state.db*"))]  # noqa: ASYNC240
    store.close()
    assert len(files) > 1
    for content in files:
        for planted in (secret, PLANTED, SECRET):
            assert planted.encode() not in content
            assert planted.encode("utf-16-le") not in content
    assert secret not in caplog.text
    assert SECRET not in caplog.text


async def found_again(store: ConversationStore) -> Kept | None:
    """Once the breaker lets a step try."""
    while True:
        try:
            return await store.find("resp_1", "dev")
        except StateUnavailable:
            await asyncio.sleep(0.1)


async def test_a_server_that_is_away_fails_nothing_but_look_ups(own_postgres: PostgresServer) -> None:
    faults: list[str] = []
    store = store_of(own_postgres.database(), Clock(), faults=faults)
    assert await store.keep(kept("resp_1")) == "kept"
    own_postgres.stop()
    assert await store.keep(kept("resp_2")) == "failed"
    with pytest.raises(StateUnavailable) as caught:
        await store.find("resp_1", "dev")
    assert caught.value.status == 503
    with pytest.raises(StateUnavailable):
        await store.forget("resp_1", "dev")
    assert faults == ["connection", "open", "open"]
    own_postgres.start()
    assert await found_again(store) == kept("resp_1")
    store.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_server_that_hangs_costs_an_answer_a_bounded_time_once(own_postgres: PostgresServer) -> None:
    faults: list[str] = []
    store = store_of(own_postgres.database(), Clock(), faults=faults)
    own_postgres.freeze()
    started = time.monotonic()
    assert await store.keep(kept()) == "failed"
    assert time.monotonic() - started < STEP_SECONDS + 2
    assert [await store.keep(kept()) for _ in range(100)] == ["failed"] * 100
    assert time.monotonic() - started < STEP_SECONDS + 3
    own_postgres.thaw()
    assert faults[1:] == ["open"] * 100
    await found_again(store)
    store.close()
    gc.collect()  # pg8000 leaves the socket of a failed handshake to the collector, which warns: now, not later
