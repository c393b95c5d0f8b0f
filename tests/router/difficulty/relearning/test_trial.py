"""A user loses: figures that flatter the new head, because it had seen the rows that judged it."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.evaluation import apgr, auroc
from router.difficulty.relearning.trial import interval, mean, ranking, recovered, stretches

Random = np.random.Generator


@pytest.fixture
def random() -> Random:
    return np.random.Generator(np.random.PCG64(1))


def test_a_prompt_stands_in_one_stretch_only(random: Random) -> None:
    group = random.integers(0, 50, 400).astype(np.intp)
    stretch = stretches(group)
    for number in range(50):
        assert len(set(stretch[group == number].tolist())) == 1


def test_stretches_go_with_time() -> None:
    stretch = stretches(np.arange(100, dtype=np.intp)).tolist()
    assert stretch == sorted(stretch)
    assert [stretch.count(number) for number in range(5)] == [20] * 5


def test_with_equal_weights_the_figures_are_the_known_ones(random: Random) -> None:
    p, gap = random.random(300), random.random(300) - 0.3
    hard = gap > 0
    one = np.ones(300)
    assert ranking(p, hard.astype(float), one) == pytest.approx(auroc(p, hard))
    assert recovered(p, gap, one) == pytest.approx(apgr(p, gap))


def test_a_row_that_weighs_two_counts_as_two(random: Random) -> None:
    p, target = random.random(100).round(1), random.integers(0, 2, 100).astype(float)
    twice = np.concatenate((p, p[:30])), np.concatenate((target, target[:30]))
    weight = np.ones(100)
    weight[:30] = 2
    assert ranking(p, target, weight) == pytest.approx(ranking(*twice, np.ones(130)))


def test_one_kind_alone_ranks_as_a_coin() -> None:
    assert ranking(np.array([0.1, 0.9]), np.ones(2), np.ones(2)) == 0.5
    assert recovered(np.array([0.1, 0.9]), -np.ones(2), np.ones(2)) == 0.5


def test_the_interval_is_over_prompts_not_over_rows(random: Random) -> None:
    values = np.repeat(random.normal(size=40), 25)  # each prompt 25 times: no more than 40 are known
    apart = interval(lambda rows: mean(values[rows], np.ones(rows.size)), np.arange(1000, dtype=np.intp))
    together = interval(
        lambda rows: mean(values[rows], np.ones(rows.size)), np.repeat(np.arange(40), 25).astype(np.intp)
    )
    assert apart.low is not None
    assert apart.high is not None
    assert together.low is not None
    assert together.high is not None
    assert together.high - together.low > 3 * (apart.high - apart.low)
    assert together.value == pytest.approx(float(values.mean()))
