"""If these fail, a worker that starts, or a configuration that changes, gives a budget out a second time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.accounting.drain import Drain
from gateway.accounting.journal import Journal
from gateway.accounting.journals import Journals
from gateway.accounting.ledger import Ledger
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.pipeline.quotas import LedgerSeed, Quotas
from gateway.quota.amounts import QUANTA
from gateway.quota.answer import Granted, Refused, Spent
from gateway.quota.ask import Ask, Slice, Spend, Whose
from gateway.quota.memory import MemoryQuota
from gateway.quota.redis import RedisQuota
from tests.gateway.accounting.samples import intent, settlement
from tests.servers.postgres import PostgresServer
from tests.servers.valkey import ValkeyServer

NOW = time.time()
TODAY = Slice("key:dev:today", Whose(key="dev"), NOW - 3600, NOW + 82_800, NOW + 82_800)


class Place:
    """A state directory: journals, and the ledger that they are drained into."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        self.journals = directory / "journal"
        self._file = directory / "tidegate.yaml"
        self._changes = changes
        self.loaded = self.load()
        self.seed = LedgerSeed(self.loaded.ledger_url, Journals(self.journals), time.monotonic)

    def load(self, **changes: Any) -> Loaded:
        small = {"engine": "openai", "base_url": "http://127.0.0.1:1/v1", "model": "small", "zone": "local"}
        settings = {
            "deployments": {"small": small},
            "routes": {"auto": {"small": ["small"]}},
            "state": str(self._file.parent),
            **self._changes,
            **changes,
        }
        self._file.write_text(json.dumps(settings))  # JSON is YAML
        return load(self._file, environ={})

    def worker(self, name: str = "1") -> Journal:
        return Journal(self.journals, name, fsync=False, clock=time.time)

    def drain(self) -> None:
        drain = Drain(self.journals, lambda: Ledger.open(self.loaded.ledger_url), time.time)
        drain.step()
        drain.close()


def attempt(journal: Journal, number: int, cost: str | None, held: str = "0.5", at: float = NOW) -> None:
    begun = intent(f"a{number}", at=at, held=Decimal(held))
    journal.intent(begun)
    if cost is not None:
        journal.settled(settlement(begun, at=at + 1, cost=Decimal(cost)))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.seed.close()


@pytest.fixture
async def quotas(place: Place) -> AsyncIterator[Quotas]:
    journal = place.worker("2")
    quotas = Quotas(place.journals, journal.identity, wall=time.time, steady=time.monotonic)
    yield quotas
    await quotas.close()
    journal.close()


def ask(number: int, dollars: str, cap: str = "1") -> Ask:
    amounts = [int(Decimal(text) * QUANTA) for text in (cap, dollars)]
    return Ask(f"q{number}", time.time(), (), (Spend("dev's", (TODAY,), amounts[0], amounts[1]),))


def test_what_a_worker_spent_is_said_by_its_identity_and_what_it_holds_counts(place: Place) -> None:
    journal = place.worker()
    attempt(journal, 1, "0.25")
    attempt(journal, 2, None)
    place.drain()
    counts = place.seed(TODAY)
    assert counts is not None
    assert counts.spent == {journal.identity: 75 * QUANTA // 100}
    assert counts.unfinished == {journal.identity}
    journal.close()


def test_nothing_is_said_while_a_dead_worker_s_journal_is_not_drained(place: Place) -> None:
    journal = place.worker()
    attempt(journal, 1, "0.25")
    place.drain()
    attempt(journal, 2, None)
    journal.close()
    assert place.seed(TODAY) is None
    place.drain()
    counts = place.seed(TODAY)
    assert counts is not None
    assert counts.spent == {journal.identity: 75 * QUANTA // 100}
    assert counts.unfinished == frozenset()


def test_what_was_found_before_a_worker_ended_is_not_its_last_word(place: Place) -> None:
    """What is found is kept for a moment. Where Redis lost everything, a budget would have more left than there is, by
    what the worker spent right before its end."""
    journal = place.worker()
    attempt(journal, 1, "0.25")
    place.drain()
    assert place.seed(TODAY) is not None
    attempt(journal, 2, "0.125")
    journal.close()
    place.drain()
    counts = place.seed(TODAY)
    assert counts is not None
    assert counts.spent == {journal.identity: 375 * QUANTA // 1000}
    assert counts.unfinished == frozenset()


def test_a_slice_that_ends_when_a_budget_came_has_only_what_was_before(place: Place) -> None:
    journal = place.worker()
    attempt(journal, 1, "0.25", at=NOW - 60)
    attempt(journal, 2, "0.125", at=NOW)
    place.drain()
    for of, spent in ((TODAY, 375), (TODAY._replace(end=NOW), 250), (TODAY._replace(whose=Whose()), 375)):
        counts = place.seed(of)
        assert counts is not None
        assert counts.spent == {journal.identity: spent * QUANTA // 1000}
    journal.close()


def test_nothing_is_said_while_the_ledger_is_away(tmp_path: Path, own_postgres: PostgresServer) -> None:
    place = Place(tmp_path, ledger={"url": own_postgres.database()})
    assert place.seed(TODAY) is not None
    own_postgres.stop()
    assert place.seed(TODAY._replace(name="another", start=NOW)) is None
    place.seed.close()


async def test_a_worker_goes_on_where_those_before_it_ended(place: Place, quotas: Quotas) -> None:
    journal = place.worker()
    attempt(journal, 1, "0.25")
    attempt(journal, 2, None)
    journal.close()
    place.drain()
    quota = quotas.of(place.loaded)
    answer = await quota.hold(ask(1, "0.25"))
    assert isinstance(answer, Granted)
    assert isinstance(await quota.hold(ask(2, "0.000000000001")), Refused)
    quota.settle(answer.held, None)


async def test_what_changes_nothing_about_it_keeps_the_quota_and_another_goes_on_with_what_was_spent(
    place: Place, quotas: Quotas, valkey: ValkeyServer
) -> None:
    before = quotas.of(place.loaded)
    assert isinstance(before, MemoryQuota)
    budgets = {"dev": {"amount": 1, "key": "dev", "period": "day"}}
    keys = [{"name": "dev", "key": "tg-the-developers-key"}]
    assert quotas.of(place.load(budgets=budgets, keys=keys)) is before
    held = await before.hold(ask(1, "0.75"))
    assert isinstance(held, Granted)
    before.settle(held.held, 6 * QUANTA // 10)

    after = quotas.of(place.load(budgets=budgets, keys=keys, redis={"url": valkey.url, "timeout": 30}))
    assert isinstance(after, RedisQuota)
    await quotas.let_go(before, (after,))
    await quotas.let_go(after, ())  # it is that of the next generation, too
    async with asyncio.timeout(30):
        # Until others had the time to tell the server what they have.
        while (found := await after.standing((TODAY,))) == [None]:  # noqa: ASYNC110 # another process decides it
            await asyncio.sleep(0.01)
    assert found == [Spent(6 * QUANTA // 10, 0)]
