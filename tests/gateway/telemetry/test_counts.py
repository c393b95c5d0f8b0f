"""If these fail, an operator reads wrong numbers: spend, savings, local share."""

from __future__ import annotations

import math
import platform
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from gateway.access.principal import Principal
from gateway.accounting.usage import Usage
from gateway.telemetry.children import MAX_CHILDREN
from gateway.telemetry.counts import Counts
from gateway.version import VERSION
from router.clearance import ANY


def counting() -> Counts:
    return Counts(CollectorRegistry())


def value(counts: Counts, name: str, **labels: str) -> float | None:
    counts.flush()
    return counts.registry.get_sample_value(f"tidegate_{name}", labels)


def names(counts: Counts) -> set[str]:
    """Of the series that there are."""
    counts.flush()
    return {sample.name for family in counts.registry.collect() for sample in family.samples}


def test_a_request_is_counted_by_route_status_class_and_stream() -> None:
    counts = counting()
    counts.answered("auto", "local", 200, True, 0.3)
    counts.answered("auto", "cloud", 201, True, 0.02)
    counts.answered("auto", None, 503, False, 0.001)
    assert value(counts, "requests_total", route="auto", status="2xx", stream="true") == 2
    assert value(counts, "requests_total", route="auto", status="5xx", stream="false") == 1
    assert value(counts, "request_duration_seconds_count", route="auto") == 3
    assert value(counts, "request_duration_seconds_bucket", route="auto", le="0.025") == 2
    assert value(counts, "request_duration_seconds_sum", route="auto") == pytest.approx(0.321)


def test_the_local_share_counts_only_what_was_answered() -> None:
    counts = counting()
    counts.answered("auto", "local", 200, False, 1)
    counts.answered("auto", "cloud", 502, False, 1)
    counts.answered("auto", "", 200, False, 1)
    assert value(counts, "answered_total", route="auto", zone="local") == 1
    assert value(counts, "answered_total", route="auto", zone="cloud") is None


def test_an_unknown_cost_is_counted_and_is_not_zero_dollars() -> None:
    counts = counting()
    counts.spent("auto", "large", "dev", "web", None, Decimal("0.01"))
    assert value(counts, "cost_unknown_total", deployment="large") == 1
    assert names(counts).isdisjoint(
        {"tidegate_cost_dollars_total", "tidegate_saved_dollars_total", "tidegate_counterfactual_dollars_total"}
    )


def test_what_cost_more_than_the_reference_is_a_loss_of_its_own() -> None:
    counts = counting()
    counts.spent("auto", "small", "dev", None, Decimal("0.001"), Decimal("0.010"))
    counts.spent("auto", "large", "dev", None, Decimal("0.003"), Decimal("0"))
    counts.spent("auto", "large", "dev", None, Decimal("0.5"), None)
    assert value(counts, "cost_dollars_total", route="auto", deployment="small", key="dev", team="") == 0.001
    assert value(counts, "cost_dollars_total", route="auto", deployment="large", key="dev", team="") == 0.503
    assert value(counts, "saved_dollars_total", route="auto", key="dev", team="") == pytest.approx(0.009)
    assert value(counts, "overspent_dollars_total", route="auto", key="dev", team="") == pytest.approx(0.003)
    assert value(counts, "counterfactual_dollars_total", route="auto") == pytest.approx(0.010)


Dollars = st.decimals(min_value=0, max_value=100, places=6)


@given(st.lists(st.tuples(Dollars, Dollars), min_size=1, max_size=8))
def test_net_savings_are_the_counterfactual_less_the_cost(attempts: list[tuple[Decimal, Decimal]]) -> None:
    counts = counting()
    for cost, counterfactual in attempts:
        counts.spent("auto", "small", "dev", "web", cost, counterfactual)
    saved = value(counts, "saved_dollars_total", route="auto", key="dev", team="web") or 0
    lost = value(counts, "overspent_dollars_total", route="auto", key="dev", team="web") or 0
    exact = sum((counterfactual - cost for cost, counterfactual in attempts), Decimal(0))
    assert saved - lost == pytest.approx(float(exact), abs=1e-6)


def test_decisions_findings_refusals_attempts_and_cache() -> None:
    counts = counting()
    counts.decided("auto", "difficult")
    counts.found(["email", "email", "iban"])
    counts.masked(["email"])
    counts.refused("large", "cloud")
    counts.attempted("large", "cloud", "timeout")
    counts.cached("auto", "hit")
    assert value(counts, "decisions_total", route="auto", reason="difficult") == 1
    assert value(counts, "findings_total", type="email") == 2
    assert value(counts, "masked_total", type="email") == 1
    assert value(counts, "guard_refusals_total", deployment="large", zone="cloud") == 1
    assert value(counts, "attempts_total", deployment="large", zone="cloud", outcome="timeout") == 1
    assert value(counts, "cache_total", route="auto", result="hit") == 1


def test_tokens_by_kind_and_first_token() -> None:
    counts = counting()
    counts.used("large", 100, 20, cached=60, reasoning=5)
    counts.used("large", 10, 0)
    counts.first_token("large", 0.15)
    counted = {
        kind: value(counts, "tokens_total", deployment="large", kind=kind)
        for kind in ("prompt", "completion", "cached", "reasoning")
    }
    assert counted == {"prompt": 110, "completion": 20, "cached": 60, "reasoning": 5}
    assert value(counts, "first_token_seconds_bucket", deployment="large", le="0.2") == 1


def test_health_faults_and_versions() -> None:
    counts = counting()
    counts.up("small", "local", True)
    counts.up("large", "cloud", False)
    counts.store_fault("redis", "timeout")
    counts.stored("kept")
    counts.labelled("auto", "thumbs")
    counts.shadowed("auto", "tie")
    counts.judged("wise", "first")
    counts.not_learned("full", 3)
    counts.journal_fault()
    counts.configured(3)
    counts.in_flight(2)
    counts.in_flight(1)
    assert value(counts, "deployment_up", deployment="small", zone="local") == 1
    assert value(counts, "deployment_up", deployment="large", zone="cloud") == 0
    assert value(counts, "store_faults_total", store="redis", kind="timeout") == 1
    assert value(counts, "stored_responses_total", result="kept") == 1
    assert value(counts, "shadow_total", route="auto", result="tie") == 1
    assert value(counts, "judge_verdicts_total", deployment="wise", verdict="first") == 1
    assert value(counts, "labels_total", route="auto", source="thumbs") == 1
    assert value(counts, "learning_dropped_total", reason="full") == 3
    assert value(counts, "journal_faults_total") == 1
    assert value(counts, "config_version") == 3
    assert value(counts, "requests_in_flight") == 1
    assert value(counts, "build_info", version=VERSION, python=platform.python_version()) == 1


def test_declared_names_stand_at_zero_before_the_first_event() -> None:
    counts = counting()
    counts.declare(["auto"], [("large", "cloud")])
    assert value(counts, "guard_refusals_total", deployment="large", zone="cloud") == 0
    assert value(counts, "cost_unknown_total", deployment="large") == 0
    assert value(counts, "requests_total", route="auto", status="5xx", stream="false") == 0


def test_an_attempt_that_is_settled_is_counted_with_its_tokens_and_dollars() -> None:
    counts = counting()
    dev = Principal("dev", "web", None, ANY)
    usage = Usage(100, 20, cached_tokens=60, reasoning_tokens=5)
    counts.settled("large", "cloud", "ok", "auto", dev, usage, Decimal("0.25"), Decimal("1"))
    counts.settled("large", "cloud", "error", "auto", dev, None, None, Decimal(0))
    assert value(counts, "attempts_total", deployment="large", zone="cloud", outcome="ok") == 1
    assert value(counts, "attempts_total", deployment="large", zone="cloud", outcome="error") == 1
    assert value(counts, "tokens_total", deployment="large", kind="cached") == 60
    assert value(counts, "tokens_total", deployment="large", kind="reasoning") == 5
    assert value(counts, "cost_dollars_total", route="auto", deployment="large", key="dev", team="web") == 0.25
    assert value(counts, "saved_dollars_total", route="auto", key="dev", team="web") == 0.75
    assert value(counts, "cost_unknown_total", deployment="large") == 1


def test_what_was_handed_on_is_not_handed_on_again() -> None:
    counts = counting()
    for expected in (1, 2):
        counts.cached("auto", "hit")
        assert [value(counts, "cache_total", route="auto", result="hit") for _ in range(2)] == [expected] * 2


def test_label_sets_without_end_do_not_grow_without_end() -> None:
    counts = counting()
    for number in range(MAX_CHILDREN + 10):
        counts.refused(f"deployment-{number}", "cloud")
    assert value(counts, "guard_refusals_total", deployment="other", zone="other") == 10
    (refusals,) = (family for family in counts.registry.collect() if family.name == "tidegate_guard_refusals")
    series = [sample for sample in refusals.samples if sample.name == "tidegate_guard_refusals_total"]
    assert len(series) == MAX_CHILDREN + 1


def test_of_the_heads_of_a_deployment_the_one_that_decides_is_1() -> None:
    counts = counting()
    counts.headed({"small": "shipped", "spare": "shipped"})
    counts.headed({"small": "0123456789ab"})
    counts.head_fault("small")
    assert value(counts, "head_info", deployment="small", head="shipped") == 0
    assert value(counts, "head_info", deployment="small", head="0123456789ab") == 1
    assert value(counts, "head_info", deployment="spare", head="shipped") == 0
    assert value(counts, "head_faults_total", deployment="small") == 1
    assert value(counts, "head_faults_total", deployment="spare") == 0


def test_two_heads_that_agree_are_counted_as_two_that_do_not_differ() -> None:
    counts = counting()
    counts.head_said("small", "large", "large")
    assert value(counts, "head_disagreements_total", deployment="small") == 0
    counts.head_said("small", "large", "small")
    assert value(counts, "head_disagreements_total", deployment="small") == 1
    assert value(counts, "head_requests_total", deployment="small", head="champion", verdict="large") == 2


def test_of_a_challenger_that_is_gone_no_score_is_shown() -> None:
    counts = counting()
    counts.head_scored("small", "challenger", 0.2)
    counts.head_scored("small", "challenger", None)
    shown = value(counts, "head_brier", deployment="small", head="challenger")
    assert shown is not None
    assert math.isnan(shown)


def test_a_dials_share_is_counted_and_shown() -> None:
    counts = counting()
    for went in ("small", "small", "large"):
        counts.dialled("auto", went)
    counts.dial("auto", 0.3, 0.333, 0.61)
    assert value(counts, "dialled_total", route="auto", went="small") == 2
    assert value(counts, "dialled_total", route="auto", went="large") == 1
    assert value(counts, "dial_share_asked", route="auto") == 0.3
    assert value(counts, "dial_share", route="auto") == 0.333
    assert value(counts, "dial_threshold", route="auto") == 0.61
