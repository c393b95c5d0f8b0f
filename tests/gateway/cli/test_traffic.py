"""If these fail, a calibration is made of costs and scores that no row has."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.rows import RowError
from gateway.cli.traffic import Prices, gathered
from router.difficulty.estimator import Estimator
from tests.gateway.cli.labelled import write
from tests.gateway.config.harness import BASE, loaded

PRICED = BASE.replace("api_key: k}", 'api_key: k, price: {tokens: {input: "2.5", output: 10}}}').replace(
    "model: local-model}", 'model: local-model, price: {machine: {per_hour: "3.6"}}}'
)
PRICES = Prices.of(loaded(PRICED), "auto")
USAGE = {"prompt_tokens": 100, "completion_tokens": 50}


@pytest.fixture(scope="module")
def estimator() -> Estimator:
    return Estimator.shipped()


def costs(tmp_path: Path, estimator: Estimator, prices: Prices | None, **row: Any) -> tuple[object, object]:
    file = write(tmp_path / "rows.jsonl", [{"prompt": "Hi", **row}])
    traffic = gathered([file], estimator, prices)
    return traffic.weak_costs[0], traffic.strong_costs[0]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, (None, None)),
        ({"weak_cost": "0.000000000001", "strong_cost": 0.1}, (Decimal("0.000000000001"), Decimal("0.1"))),
        ({"usage": USAGE}, (None, Decimal("0.00075"))),
        ({"strong_usage": USAGE}, (None, Decimal("0.00075"))),
        ({"usage": USAGE, "weak_seconds": "2"}, (Decimal("0.002"), Decimal("0.00075"))),
        ({"usage": USAGE, "strong_cost": 0}, (None, Decimal(0))),
    ],
)
def test_what_answers_cost(
    tmp_path: Path, estimator: Estimator, row: dict[str, Any], found: tuple[object, object]
) -> None:
    assert costs(tmp_path, estimator, PRICES, **row) == found


def test_without_prices_tokens_cost_nobody_knows_what(tmp_path: Path, estimator: Estimator) -> None:
    assert costs(tmp_path, estimator, None, usage=USAGE) == (None, None)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"weak_cost": -1}, "'weak_cost' must be from 0"),
        ({"weak_cost": "much"}, "'weak_cost' must be a number"),
        ({"weak_cost": True}, "'weak_cost' must be a number"),
        ({"strong_cost": "NaN"}, "'strong_cost' must be from 0"),
        ({"usage": 3}, "'usage' must be an object"),
        ({"usage": {"prompt_tokens": -1, "completion_tokens": 1}}, "'prompt_tokens' must be a whole number"),
        ({"usage": {"prompt_tokens": 1}}, "'completion_tokens' must be a whole number"),
        ({"weak_score": 2, "strong_score": 1}, "'weak_score' must be a number from 0 to 1"),
        ({"prompt": 1}, "'prompt' must be a string"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, estimator: Estimator, row: dict[str, Any], why: str
) -> None:
    file = write(tmp_path / "rows.jsonl", [{"prompt": "Hi"}, {"prompt": "Hi", **row}])
    with pytest.raises(RowError, match=rf"rows\.jsonl:2: {why}"):
        gathered([file], estimator, PRICES)


def test_half_a_label_is_none_and_copies_are_known(tmp_path: Path, estimator: Estimator) -> None:
    rows = [
        {"prompt": "one", "weak_score": 0, "strong_score": 1},
        {"prompt": "two", "weak_score": 0},
        {"messages": [{"role": "user", "content": "one"}], "weak_score": 0.5, "strong_score": 0.6},
    ]
    traffic = gathered([write(tmp_path / "rows.jsonl", rows)], estimator, None)
    assert traffic.labelled == 2
    made, strict = traffic.rows(), traffic.rows(gap=0.2)
    assert made.hard is not None
    assert strict.hard is not None
    assert made.hard.tolist() == [True, False, True]
    assert strict.hard.tolist() == [True, False, False]
    assert made.group[0] == made.group[2] != made.group[1]
    assert traffic.only_labelled().weak().tolist() == [0.0, 0.5]
