"""If these fail, the semantic cache finds what it should not, or keeps what it must not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np
import pytest

from gateway.cache.semantic.cache import Given, Likeness, SemanticCache
from gateway.cache.semantic.embedder import Embedder
from gateway.cache.semantic.encoder import Vector
from gateway.cache.semantic.plan import SemanticPlan
from gateway.cache.semantic.reading import read
from gateway.stores.memory import MemoryStore
from gateway.stores.neighbours import MemoryNeighbours
from router.clearance import ANY, Clearance
from tests.gateway.stores.harness import HandClock

PLAN = SemanticPlan({"en": 0.8}, patience=30)
WHOLE = b'{"choices": [{"finish_reason": "stop", "message": {"content": "Paris."}}]}'
CUT = WHOLE.replace(b"stop", b"length")


class Counting:
    """An encoder for which all questions are alike but those with `far` in them."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def vector(self, text: str) -> Vector:
        self.texts.append(text)
        return np.array([0.0, 1.0] if "far" in text else [1.0, 0.0], dtype=np.float32)


@pytest.fixture
def encoder() -> Counting:
    return Counting()


@pytest.fixture
async def semantic(encoder: Counting) -> AsyncIterator[SemanticCache]:
    clock = HandClock()
    embedder = Embedder(lambda: encoder)
    yield SemanticCache(MemoryNeighbours(1_000_000, clock), MemoryStore(1_000_000, clock), embedder, {"home": PLAN})
    embedder.close()


def likeness(text: str, scope: str = "s", plan: SemanticPlan = PLAN) -> Likeness:
    reading = read(text)
    assert reading is not None
    return Likeness(scope, text, reading, plan)


async def done(kept: bool = True) -> bool:
    return kept


async def keep(semantic: SemanticCache, text: str, body: bytes = WHOLE, *, kept: bool = True) -> Likeness:
    found = likeness(text)
    await semantic.search(found)
    await semantic.keep(done(kept), found, f"key of {text}", body, 60)
    return found


async def test_what_is_near_and_says_the_same_is_found(semantic: SemanticCache) -> None:
    await keep(semantic, "What is the capital of France?")
    search = await semantic.search(likeness("Which is the capital of France?"))
    assert [near.name for near in search.found] == ["key of What is the capital of France?"]


async def test_what_is_near_and_says_something_else_is_not(semantic: SemanticCache) -> None:
    await keep(semantic, "What is the capital of France?")
    search = await semantic.search(likeness("What is the capital of Spain?"))
    assert (search.found, search.outcome, search.objection) == ((), "guard", "content")


async def test_what_is_far_is_not_looked_at(semantic: SemanticCache) -> None:
    await keep(semantic, "What is the capital of France?")
    search = await semantic.search(likeness("How far is it to the capital of France?"))
    assert (search.found, search.outcome) == ((), "none")


async def test_one_that_is_refused_hides_no_other(semantic: SemanticCache) -> None:
    await keep(semantic, "What is the capital of Spain?")
    await keep(semantic, "What is the capital of France?")
    search = await semantic.search(likeness("Which is the capital of Spain?"))
    assert [near.name for near in search.found] == ["key of What is the capital of Spain?"]


async def test_another_scope_has_its_own(semantic: SemanticCache) -> None:
    await keep(semantic, "What is the capital of France?")
    search = await semantic.search(likeness("Which is the capital of France?", scope="t"))
    assert (search.found, search.outcome) == ((), "none")


async def test_a_language_without_a_threshold_is_not_even_encoded(semantic: SemanticCache, encoder: Counting) -> None:
    search = await semantic.search(likeness("What is it?", plan=SemanticPlan({"de": 0.8})))
    assert (search.found, search.outcome, encoder.texts) == ((), "none", [])


@pytest.mark.parametrize(("body", "kept"), [(WHOLE, False), (CUT, True), (b"", True)])
async def test_only_an_answer_that_is_whole_and_kept_is_found(semantic: SemanticCache, body: bytes, kept: bool) -> None:
    await keep(semantic, "What is the capital of France?", body, kept=kept)
    assert (await semantic.search(likeness("Which is the capital of France?"))).outcome == "none"


async def test_a_question_is_encoded_once(semantic: SemanticCache, encoder: Counting) -> None:
    await keep(semantic, "What is the capital of France?")
    assert encoder.texts == ["What is the capital of France?"]


async def test_what_was_given_is_known_until_its_time_is_over(semantic: SemanticCache) -> None:
    given = Given("home", "dev", None, "s", "key", b"What?")
    await semantic.note("req_1", given, 60)
    assert await semantic.given("req_1") == given
    assert await semantic.given("req_2") is None


async def test_what_is_evicted_is_found_no_more(semantic: SemanticCache) -> None:
    await keep(semantic, "What is the capital of France?")
    asked = likeness("Which is the capital of France?")
    near = (await semantic.search(asked)).found[0]
    given = Given("home", "dev", None, asked.scope, near.name, near.value)
    await semantic.note("req_1", given, 60)
    await semantic.evict("req_1", given)
    assert (await semantic.search(asked)).found == ()
    assert await semantic.given("req_1") is None


def test_a_question_goes_only_where_its_clearance_permits(semantic: SemanticCache) -> None:
    assert semantic.permits(ANY)
    assert semantic.permits(Clearance.parse("local"))  # the index is in memory
    assert not semantic.permits(Clearance.parse("eu"))
