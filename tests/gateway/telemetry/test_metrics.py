"""If these fail, an operator reads wrong numbers: spend, savings, local share, or those of one worker for all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import prometheus_client
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from gateway.telemetry.counts import MAX_CHILDREN
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.shared import forget, prepare
from gateway.version import VERSION

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(body: bytes) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return read(metrics.render()[0]).get((f"tidegate_{name}", frozenset(labels.items())))


def names(metrics: Metrics) -> set[str]:
    return {name for name, _ in read(metrics.render()[0])}


def test_a_request_is_counted_by_route_status_class_and_stream() -> None:
    metrics = Metrics()
    metrics.answered("auto", "local", 200, True, 0.3)
    metrics.answered("auto", "cloud", 201, True, 0.02)
    metrics.answered("auto", None, 503, False, 0.001)
    assert value(metrics, "requests_total", route="auto", status="2xx", stream="true") == 2
    assert value(metrics, "requests_total", route="auto", status="5xx", stream="false") == 1
    assert value(metrics, "request_duration_seconds_count", route="auto") == 3
    assert value(metrics, "request_duration_seconds_bucket", route="auto", le="0.025") == 2
    assert value(metrics, "request_duration_seconds_sum", route="auto") == pytest.approx(0.321)


def test_the_local_share_counts_only_what_was_answered() -> None:
    metrics = Metrics()
    metrics.answered("auto", "local", 200, False, 1)
    metrics.answered("auto", "cloud", 502, False, 1)
    metrics.answered("auto", "", 200, False, 1)
    assert value(metrics, "answered_total", route="auto", zone="local") == 1
    assert value(metrics, "answered_total", route="auto", zone="cloud") is None


def test_an_unknown_cost_is_counted_and_is_not_zero_dollars() -> None:
    metrics = Metrics()
    metrics.spent("auto", "large", "dev", "web", None, Decimal("0.01"))
    assert value(metrics, "cost_unknown_total", deployment="large") == 1
    assert names(metrics).isdisjoint(
        {"tidegate_cost_dollars_total", "tidegate_saved_dollars_total", "tidegate_counterfactual_dollars_total"}
    )


def test_what_cost_more_than_the_reference_is_a_loss_of_its_own() -> None:
    metrics = Metrics()
    metrics.spent("auto", "small", "dev", None, Decimal("0.001"), Decimal("0.010"))
    metrics.spent("auto", "large", "dev", None, Decimal("0.003"), Decimal("0"))
    metrics.spent("auto", "large", "dev", None, Decimal("0.5"), None)
    assert value(metrics, "cost_dollars_total", route="auto", deployment="small", key="dev", team="") == 0.001
    assert value(metrics, "cost_dollars_total", route="auto", deployment="large", key="dev", team="") == 0.503
    assert value(metrics, "saved_dollars_total", route="auto", key="dev", team="") == pytest.approx(0.009)
    assert value(metrics, "overspent_dollars_total", route="auto", key="dev", team="") == pytest.approx(0.003)
    assert value(metrics, "counterfactual_dollars_total", route="auto") == pytest.approx(0.010)


Dollars = st.decimals(min_value=0, max_value=100, places=6)


@given(st.lists(st.tuples(Dollars, Dollars), min_size=1, max_size=8))
def test_net_savings_are_the_counterfactual_less_the_cost(attempts: list[tuple[Decimal, Decimal]]) -> None:
    metrics = Metrics()
    for cost, counterfactual in attempts:
        metrics.spent("auto", "small", "dev", "web", cost, counterfactual)
    saved = value(metrics, "saved_dollars_total", route="auto", key="dev", team="web") or 0
    lost = value(metrics, "overspent_dollars_total", route="auto", key="dev", team="web") or 0
    exact = sum((counterfactual - cost for cost, counterfactual in attempts), Decimal(0))
    assert saved - lost == pytest.approx(float(exact), abs=1e-6)


def test_decisions_findings_refusals_attempts_and_cache() -> None:
    metrics = Metrics()
    metrics.decided("auto", "difficult")
    metrics.found(["email", "email", "iban"])
    metrics.refused("large", "cloud")
    metrics.attempted("large", "cloud", "timeout")
    metrics.cached("auto", "hit")
    assert value(metrics, "decisions_total", route="auto", reason="difficult") == 1
    assert value(metrics, "findings_total", type="email") == 2
    assert value(metrics, "guard_refusals_total", deployment="large", zone="cloud") == 1
    assert value(metrics, "attempts_total", deployment="large", zone="cloud", outcome="timeout") == 1
    assert value(metrics, "cache_total", route="auto", result="hit") == 1


def test_tokens_by_kind_and_first_token() -> None:
    metrics = Metrics()
    metrics.used("large", 100, 20, cached=60, reasoning=5)
    metrics.used("large", 10, 0)
    metrics.first_token("large", 0.15)
    counted = {
        kind: value(metrics, "tokens_total", deployment="large", kind=kind)
        for kind in ("prompt", "completion", "cached", "reasoning")
    }
    assert counted == {"prompt": 110, "completion": 20, "cached": 60, "reasoning": 5}
    assert value(metrics, "first_token_seconds_bucket", deployment="large", le="0.2") == 1


def test_health_faults_and_versions() -> None:
    metrics = Metrics()
    metrics.up("small", "local", True)
    metrics.up("large", "cloud", False)
    metrics.store_fault("redis", "timeout")
    metrics.stored("kept")
    metrics.journal_fault()
    metrics.configured(3)
    metrics.in_flight(1)
    metrics.in_flight(1)
    metrics.in_flight(-1)
    assert value(metrics, "deployment_up", deployment="small", zone="local") == 1
    assert value(metrics, "deployment_up", deployment="large", zone="cloud") == 0
    assert value(metrics, "store_faults_total", store="redis", kind="timeout") == 1
    assert value(metrics, "stored_responses_total", result="kept") == 1
    assert value(metrics, "journal_faults_total") == 1
    assert value(metrics, "config_version") == 3
    assert value(metrics, "requests_in_flight") == 1
    assert any(("version", VERSION) in labels for name, labels in read(metrics.render()[0]) if name.endswith("info"))


def test_declared_names_stand_at_zero_before_the_first_event() -> None:
    metrics = Metrics()
    metrics.declare(["auto"], [("large", "cloud")])
    assert value(metrics, "guard_refusals_total", deployment="large", zone="cloud") == 0
    assert value(metrics, "cost_unknown_total", deployment="large") == 0
    assert value(metrics, "requests_total", route="auto", status="5xx", stream="false") == 0


def test_the_format_follows_the_accept_header() -> None:
    metrics = Metrics()
    body, content_type = metrics.render()
    assert content_type.startswith("text/plain; version=0.0.4")
    assert not body.endswith(b"# EOF\n")
    body, content_type = metrics.render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")


def test_label_sets_without_end_do_not_grow_without_end() -> None:
    metrics = Metrics()
    for number in range(MAX_CHILDREN + 10):
        metrics.refused(f"deployment-{number}", "cloud")
    assert value(metrics, "guard_refusals_total", deployment="other", zone="other") == 10
    series = [labels for name, labels in read(metrics.render()[0]) if name == "tidegate_guard_refusals_total"]
    assert len(series) == MAX_CHILDREN + 1


def test_two_of_them_share_nothing_and_the_library_s_registry_stays_empty() -> None:
    one, other = Metrics(), Metrics()
    one.decided("auto", "easy")
    assert value(other, "decisions_total", route="auto", reason="easy") is None
    assert b"tidegate_" not in prometheus_client.generate_latest()


WORKER = """
import os
from decimal import Decimal
from gateway.telemetry.metrics import Metrics
metrics = Metrics()
metrics.configured(int(os.environ["SNAPSHOT"]))
metrics.answered("auto", "local", 200, False, 0.2)
metrics.spent("auto", "small", "dev", None, Decimal("0.25"), Decimal("1"))
metrics.in_flight(2)
metrics.up("small", "local", os.environ["UP"] == "1")
metrics.flush()
print(os.getpid())
"""
READER = "import sys; from gateway.telemetry.metrics import Metrics; sys.stdout.buffer.write(Metrics().render()[0])"


def run(program: str, environment: dict[str, str]) -> bytes:
    return subprocess.run([sys.executable, "-c", program], env=environment, check=True, capture_output=True).stdout


def test_what_is_added_up_is_handed_on_once_for_many_requests() -> None:
    asked: list[Callable[[], None]] = []
    metrics = Metrics(asked.append)
    hits = ("tidegate_cache_total", frozenset({("route", "auto"), ("result", "hit")}))
    for _ in range(1000):
        metrics.cached("auto", "hit")
    assert len(asked) == 1
    assert hits not in read(metrics.encoded()[0])
    asked.pop()()
    assert read(metrics.encoded()[0])[hits] == 1000
    metrics.cached("auto", "hit")
    assert len(asked) == 1


def test_several_workers_are_one_sum_and_a_dead_one_leaves_its_counts(tmp_path: Path) -> None:
    shared = tmp_path / "metrics"
    environment = prepare(shared)
    pids = [
        int(run(WORKER, environment | {"SNAPSHOT": snapshot, "UP": up}))
        for snapshot, up in (("2", "1"), ("1", "1"), ("2", "0"))
    ]
    auto, dev = ("route", "auto"), ("key", "dev")

    def seen(name: str, *labels: tuple[str, str]) -> float | None:
        return samples.get((f"tidegate_{name}", frozenset(labels)))

    samples = read(run(READER, environment))
    assert seen("requests_total", auto, ("status", "2xx"), ("stream", "false")) == 3
    assert seen("request_duration_seconds_count", auto) == 3
    assert seen("request_duration_seconds_bucket", auto, ("le", "0.25")) == 3
    assert seen("saved_dollars_total", auto, dev, ("team", "")) == 2.25
    assert seen("requests_in_flight") == 6
    assert seen("deployment_up", ("deployment", "small"), ("zone", "local")) == 0  # the last word

    forget(pids[1], shared)
    forget(pids[2], shared)
    samples = read(run(READER, environment))
    assert seen("requests_total", auto, ("status", "2xx"), ("stream", "false")) == 3
    assert seen("requests_in_flight") == 2
    assert seen("deployment_up", ("deployment", "small"), ("zone", "local")) == 1

    prepare(shared)
    assert list(shared.iterdir()) == []
