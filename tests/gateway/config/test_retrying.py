"""If these fail, what an operator says about retries, hedges, breakers and looks is read as something else."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.config.retrying import Breaking, Health, Hedge, Retries
from gateway.config.settings import Deployment, Route
from gateway.config.shape import settings_of
from tests.gateway.config.harness import BASE, loaded


def test_one_more_call_at_most_and_one_in_ten_all_in_all_unless_somebody_says_otherwise() -> None:
    assert Route().retries == Retries(per_attempt=1, budget=0.1, first_wait=0.1, longest_wait=2.0, charged=False)


def test_nothing_is_asked_twice_at_once_unless_somebody_says_so() -> None:
    assert Route().hedge == Hedge(after="off")


def test_three_failures_and_ten_seconds() -> None:
    deployment = settings_of(Deployment, {"zone": "local", "engine": "embedded"})
    assert deployment.breaker == Breaking(failures=3, pause=10.0)
    assert deployment.health == Health(every=None, path=None)


@pytest.mark.parametrize(("said", "read"), [("p95", "p95"), ("off", "off"), ("0.5", 0.5), ("2", 2.0)])
def test_a_hedge_waits_for_a_quantile_or_for_seconds(said: str, read: object) -> None:
    route = f"  auto: {{small: [small], large: [large], hedge: {{after: {said}}}}}"
    text = BASE.replace("  auto: {small: [small], large: [large]}", route)
    assert loaded(text).settings.routes["auto"].hedge.after == read


@pytest.mark.parametrize(
    ("group", "wrong"),
    [
        (Retries, {"per_attempt": -1}),
        (Retries, {"per_attempt": 6}),
        (Retries, {"budget": 1.1}),
        (Retries, {"longest_wait": 61}),
        (Hedge, {"after": "p99"}),
        (Hedge, {"after": 0}),
        (Breaking, {"failures": 0}),
        (Breaking, {"pause": 0}),
        (Health, {"every": -1}),
    ],
)
def test_what_makes_no_sense_is_refused(group: Any, wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        settings_of(group, wrong)
