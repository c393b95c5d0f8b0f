"""A wrong sum here would show a cascade that gains what it does not."""

from __future__ import annotations

import numpy as np
import pytest

from bench.cascade import BUDGETS, Half, by_prompt, curve
from bench.cascade_record import EACH, SEED
from bench.cascade_rows import load
from bench.cascade_task import Task, is_right
from bench.cascade_tasks import SETS, tasks
from router.cascade.checks import fault
from router.difficulty.evaluation import apgr

ROWS = 400
ONES = np.ones(ROWS)


def half(seed: int, *, telling: bool) -> Half:
    """The small model is right on every second row. The prompt says nothing; the answer all, or nothing."""
    random = np.random.Generator(np.random.PCG64(seed))
    gap = (np.arange(ROWS) % 2).astype(np.float64)
    doubt = 0.2 + 0.6 * gap if telling else random.random(ROWS)
    return Half(random.random(ROWS), doubt, gap)


def test_the_prompt_alone_is_judged_as_everywhere() -> None:
    one = half(1, telling=False)
    own = by_prompt(one.difficulty, one.gap).apgr(ONES, one.gap)
    assert own == pytest.approx(apgr(one.difficulty, one.gap), abs=0.005)


def test_a_look_that_tells_all_recovers_all_for_half_the_price() -> None:
    own, rest = half(1, telling=True), half(2, telling=True)
    free = curve(own, rest, small_cost=0.0, samples=1).apgr(ONES, rest.gap)
    assert free == pytest.approx(0.75, abs=0.02)
    assert free > curve(own, rest, small_cost=0.2, samples=1).apgr(ONES, rest.gap) > 0.65
    assert curve(own, rest, small_cost=0.2, samples=2).apgr(ONES, rest.gap) < 0.7


def test_a_look_that_tells_nothing_gains_nothing() -> None:
    own, rest = half(1, telling=False), half(2, telling=False)
    assert curve(own, rest, small_cost=0.1, samples=1).apgr(ONES, rest.gap) == pytest.approx(0.5, abs=0.06)


def test_no_budget_is_overrun_on_the_rows_that_settings_are_chosen_on() -> None:
    own = half(1, telling=True)
    paid = curve(own, own, small_cost=0.1, samples=1).paid.mean(axis=1)
    assert (paid <= BUDGETS + 1e-9).all()


@pytest.mark.parametrize("kind", SETS)
def test_what_was_recorded_can_be_read_and_hard_checks_find_no_right_answer(kind: str) -> None:
    rows = load(kind)
    assert len(rows) >= 200
    assert all(len(row.answer.tokens) > 0 for row in rows)
    assert [row.answer.text for row in rows if row.weak and fault(row.question, row.answer) is not None] == []
    asked = {task.prompt for task in tasks(SEED, EACH[kind], SETS[kind])}
    assert {row.question.prompt for row in rows} <= asked


@pytest.mark.parametrize(
    ("task", "text", "right"),
    [
        (Task("a", "?", "405", "number"), "347 + 58 = 405.", True),
        (Task("a", "?", "405", "number"), "405 - 1 = 404", False),
        (Task("a", "?", "1000", "number"), "It is 1,000.", True),
        (Task("a", "?", "Oslo", "word", ("Rome",)), "It is Oslo!", True),
        (Task("a", "?", "Oslo", "word", ("Rome",)), "Oslo or Rome", False),
        (Task("a", "?", "even", "word", ("odd",)), "Evening", False),
        (Task("a", "?", '{"a": 1}', "json"), '{ "a" : 1 }', True),
        (Task("a", "?", '{"a": 1}', "json"), 'Sure: {"a": 1}', False),
    ],
)
def test_what_is_right(task: Task, text: str, right: bool) -> None:
    assert is_right(task, text) is right
