"""If these fail, an operator turns the dial by a plot that shows something else than what will be."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from router.calibration.crossfit import Rows
from router.calibration.replay import CannotReplay, Traffic, ends, outcome, replayed, steered, went_large
from router.calibration.table import Table
from router.dial import dial_of


def traffic(count: int = 3000, *, costs: bool = True, labelled: bool = True) -> Traffic:
    """The small model is right where it is easy; the large one is always."""
    random = np.random.Generator(np.random.PCG64(5))
    difficulty = random.random(count)
    weak = (random.random(count) > difficulty).astype(np.float64)
    strong = np.ones(count)
    small = (Decimal("0.0001"),) * count if costs else None
    large = tuple(Decimal("0.01") + Decimal(step % 7) / 1000 for step in range(count)) if costs else None
    rows = Rows(difficulty, np.zeros(count, dtype=np.bool_), weak < strong if labelled else None, np.arange(count))
    return Traffic(rows, weak if labelled else None, strong if labelled else None, small, large)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_share_is_reached_and_its_cost_is_exact(share: float) -> None:
    seen = traffic()
    found = replayed(seen, dial_of(f"share={share}"))
    assert found.share.value == pytest.approx(share, abs=0.01)
    large = went_large(seen, dial_of(f"share={share}"))
    assert seen.small_cost is not None
    assert seen.large_cost is not None
    spent = sum(
        (dear if went else cheap for went, cheap, dear in zip(large, seen.small_cost, seen.large_cost, strict=True)),
        Decimal(0),
    )
    assert found.cost == spent * 1000 / 3000
    assert found.cost_between is not None
    assert found.cost_between[0] < float(spent) / 3 < found.cost_between[1]


def test_more_share_keeps_more_quality_and_beats_the_lot() -> None:
    seen = traffic()
    small, large = ends(seen)
    half = replayed(seen, dial_of("0.5"))
    assert small.kept is not None
    assert large.kept is not None
    assert half.kept is not None
    assert small.kept.value is not None
    assert half.kept.value is not None
    assert (small.share.value, large.share.value, large.kept.value) == (0.0, 1.0, 1.0)
    assert half.kept.value > (small.kept.value + 1) / 2 + 0.05


def test_a_quality_is_kept_on_rows_that_made_no_threshold() -> None:
    found = replayed(traffic(), dial_of("quality=0.9"))
    assert found.hard_kept is not None
    assert found.hard_kept.value == pytest.approx(0.9, abs=0.03)


def test_a_budget_is_kept() -> None:
    found = replayed(traffic(), dial_of("cost=5"))
    assert found.cost is not None
    assert float(found.cost) == pytest.approx(5, rel=0.03)


def test_a_threshold_is_just_that() -> None:
    seen = traffic()
    assert went_large(seen, dial_of("threshold=0.6")).tolist() == (seen.rows.difficulty >= 0.6).tolist()


def test_with_a_table_it_is_served_as_with_that_table() -> None:
    seen = traffic()
    hard = seen.rows.hard
    assert hard is not None
    none = np.zeros(3000, dtype=np.bool_).tolist()
    table = Table.of("", (seen.rows.difficulty / 3).tolist(), none, hard.tolist())
    threshold = table.threshold_for(Decimal("0.9"))
    assert threshold is not None
    large = went_large(seen, dial_of("quality=0.9"), table)
    assert large.tolist() == (seen.rows.difficulty >= threshold).tolist()


def test_rows_that_nobody_can_tell_are_shared_out_too() -> None:
    unknown = Rows(np.full(2000, 0.5), np.ones(2000, dtype=np.bool_), None, np.arange(2000))
    assert steered(unknown, 0.25, traffic().rows.table()).mean() == pytest.approx(0.25, abs=0.03)


def test_what_the_rows_do_not_say_is_not_made_up() -> None:
    with pytest.raises(CannotReplay, match="what an answer costs"):
        replayed(traffic(costs=False), dial_of("cost=5"))
    with pytest.raises(CannotReplay, match="too few rows"):
        replayed(traffic(labelled=False), dial_of("quality=0.9"))
    with pytest.raises(CannotReplay, match="too few hard rows"):
        replayed(traffic(), dial_of("quality=0.9"), traffic(labelled=False).rows.table())
    plain = replayed(traffic(costs=False, labelled=False), dial_of("0.3"))
    assert (plain.cost, plain.score, plain.kept, plain.hard_kept) == (None, None, None, None)


def test_scores_of_nothing_but_zeros_keep_no_quality() -> None:
    seen = traffic(200)
    none = Traffic(seen.rows, np.zeros(200), np.zeros(200))
    found = outcome("x", none, np.ones(200, dtype=np.bool_))
    assert found.kept is not None
    assert found.kept.value is None
