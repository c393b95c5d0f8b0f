"""If these fail, an operator reads wrong numbers: spend, savings, local share, or those of one worker for all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import prometheus_client
from prometheus_client.parser import text_string_to_metric_families

from gateway.access.principal import Principal
from gateway.accounting.usage import Usage
from gateway.telemetry.metrics import Metrics
from gateway.telemetry.shared import forget, prepare
from router.clearance import ANY

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(body: bytes) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return read(metrics.render()[0]).get((f"tidegate_{name}", frozenset(labels.items())))


def test_each_event_is_counted_and_shown() -> None:
    """What it counts as is told in `test_counts.py`."""
    metrics = Metrics()
    metrics.declare(["auto"], [("spare", "cloud")])
    metrics.decided("auto", "difficult")
    metrics.found(["email", "email"])
    metrics.masked(["email"])
    metrics.refused("large", "cloud")
    metrics.attempted("large", "cloud", "timeout")
    metrics.settled(
        *("large", "cloud", "ok", "auto", Principal("dev", None, None, ANY)),
        *(Usage(10, 5), Decimal("0.5"), Decimal("0.75")),
    )
    metrics.used("large", 100, 0)
    metrics.spent("auto", "large", "dev", None, None, None)
    metrics.first_token("large", 0.15)
    metrics.cached("auto", "hit")
    metrics.answered("auto", "cloud", 200, True, 0.3)
    metrics.store_fault("redis", "timeout")
    metrics.stored("kept")
    metrics.labelled("auto", "thumbs")
    metrics.not_learned("full", 3)
    metrics.journal_fault()
    metrics.headed({"small": "shipped"})
    metrics.head_fault("small")
    metrics.head_said("small", "small", "large")
    metrics.head_scored("small", "champion", 0.25)
    metrics.head_drifted("small", 0.125)
    metrics.declare_budgets(["month"], ["ops"])
    metrics.limited("key", "tokens")
    metrics.budget("month", "web", Decimal(200), Decimal(150), Decimal("0.5"))
    metrics.budget_unknown("month")
    metrics.reserved(2)
    metrics.alerted("month", "budget.limit")
    metrics.webhook_tried("ops", "5xx")
    metrics.alert_lost("webhook:ops", "gave_up")
    metrics.up("large", "cloud", True)
    metrics.configured(3)
    large, auto, dev = {"deployment": "large"}, {"route": "auto"}, {"key": "dev", "team": ""}
    cloud = {**large, "zone": "cloud"}
    shown: list[tuple[str, dict[str, str], float]] = [
        ("guard_refusals_total", {"deployment": "spare", "zone": "cloud"}, 0),
        ("guard_refusals_total", cloud, 1),
        ("decisions_total", {**auto, "reason": "difficult"}, 1),
        ("findings_total", {"type": "email"}, 2),
        ("masked_total", {"type": "email"}, 1),
        ("attempts_total", {**cloud, "outcome": "timeout"}, 1),
        ("attempts_total", {**cloud, "outcome": "ok"}, 1),
        ("tokens_total", {**large, "kind": "prompt"}, 110),
        ("tokens_total", {**large, "kind": "completion"}, 5),
        ("cost_dollars_total", {**auto, **large, **dev}, 0.5),
        ("saved_dollars_total", {**auto, **dev}, 0.25),
        ("cost_unknown_total", large, 1),
        ("first_token_seconds_count", large, 1),
        ("cache_total", {**auto, "result": "hit"}, 1),
        ("requests_total", {**auto, "status": "2xx", "stream": "true"}, 1),
        ("store_faults_total", {"store": "redis", "kind": "timeout"}, 1),
        ("stored_responses_total", {"result": "kept"}, 1),
        ("labels_total", {"route": "auto", "source": "thumbs"}, 1),
        ("learning_dropped_total", {"reason": "full"}, 3),
        ("journal_faults_total", {}, 1),
        ("head_info", {"deployment": "small", "head": "shipped"}, 1),
        ("head_faults_total", {"deployment": "small"}, 1),
        ("head_requests_total", {"deployment": "small", "head": "champion", "verdict": "small"}, 1),
        ("head_requests_total", {"deployment": "small", "head": "challenger", "verdict": "large"}, 1),
        ("head_disagreements_total", {"deployment": "small"}, 1),
        ("head_brier", {"deployment": "small", "head": "champion"}, 0.25),
        ("difficulty_drift", {"deployment": "small"}, 0.125),
        ("limit_refusals_total", {"scope": "key", "kind": "tokens"}, 1),
        ("budget_spent_dollars", {"budget": "month", "whose": "web"}, 150),
        ("budget_unknown_total", {"budget": "month"}, 1),
        ("reservations_open", {}, 2),
        ("alerts_total", {"budget": "month", "kind": "budget.limit"}, 1),
        ("alerts_total", {"budget": "month", "kind": "budget.share"}, 0),
        ("webhook_tries_total", {"webhook": "ops", "result": "5xx"}, 1),
        ("alerts_lost_total", {"sink": "webhook:ops", "reason": "gave_up"}, 1),
        ("deployment_up", cloud, 1),
        ("config_version", {}, 3),
    ]
    for name, labels, expected in shown:
        assert value(metrics, name, **labels) == expected, name


def test_the_journal_is_looked_at_when_somebody_asks() -> None:
    metrics, seen = Metrics(), [(300, 2), (10, 1)]

    def look() -> tuple[int, int]:
        if not seen:
            raise OSError
        return seen.pop()

    metrics.look_at_journal(look)
    assert value(metrics, "journal_bytes") == 10
    assert value(metrics, "attempts_abandoned") == 2
    assert value(metrics, "journal_bytes") == 300


def test_requests_in_flight_are_those_that_came_and_are_not_over() -> None:
    metrics = Metrics()
    metrics.in_flight(1)
    metrics.in_flight(1)
    metrics.in_flight(-1)
    assert value(metrics, "requests_in_flight") == 1
    metrics.in_flight(-1)
    assert value(metrics, "requests_in_flight") == 0


def test_the_format_follows_the_accept_header() -> None:
    metrics = Metrics()
    body, content_type = metrics.render()
    assert content_type.startswith("text/plain; version=0.0.4")
    assert not body.endswith(b"# EOF\n")
    body, content_type = metrics.render("application/openmetrics-text; version=1.0.0")
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")


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
