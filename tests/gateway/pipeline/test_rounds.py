"""If these fail, one request gets another's result, or waits for ever, because they came at the same time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.pipeline.rounds import Rounds


async def test_what_is_asked_in_one_round_is_done_in_a_row_and_each_gets_its_own() -> None:
    rounds, done = Rounds(), list[str]()

    def work(name: str) -> str:
        done.append(f"work {name}")
        return name.upper()

    async def ask(name: str) -> str:
        done.append(f"before {name}")
        result = await rounds.run(work, name)
        done.append(f"after {name}")
        return result

    assert await asyncio.gather(*(ask(name) for name in "abc")) == ["A", "B", "C"]
    assert done == [f"{stage} {name}" for stage in ("before", "work", "after") for name in "abc"]
    assert await ask("d") == "D"


async def test_a_failure_is_the_failure_of_who_asked_and_of_nobody_else() -> None:
    rounds = Rounds()
    good, bad, other = rounds.run(int, "1"), rounds.run(int, "x"), rounds.run(int, "3")
    with pytest.raises(ValueError, match="invalid literal"):
        await bad
    assert (await good, await other) == (1, 3)


async def test_for_who_has_gone_nothing_is_done() -> None:
    rounds, done = Rounds(), list[int]()
    gone, there = rounds.run(done.append, 1), rounds.run(done.append, 2)
    gone.cancel()
    await there
    assert done == [2]
