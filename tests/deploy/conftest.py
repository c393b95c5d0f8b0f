"""One Prometheus for the tests of this directory: it loads the shipped rules and scrapes real metrics of a bad day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.queries import Value, ask
from gateway.telemetry.metrics import Metrics
from tests.harness.ports import free_port
from tests.servers.prometheus import Exposition, Prometheus, running_prometheus

DEPLOY = Path(__file__).parents[2] / "deploy"


def bad_day(metrics: Metrics) -> None:
    """What happened since the last scrape: something of everything, and enough of it to raise every alert."""
    metrics.configured(1)
    for _ in range(100):
        metrics.turned_away("low", 1)
    metrics.queue_delay(0.4, True)
    metrics.up("small", "local", False)
    metrics.up("large", "cloud", True)
    for status in (200, 200, 503, 404):
        metrics.answered("auto", "local" if status == 200 else None, status, False, 45)
    metrics.answered("auto", "cloud", 200, True, 2)
    for reason in ("difficult", "findings"):
        metrics.decided("auto", reason)
    for large in (False, False, True):
        metrics.dialled("auto", large)
    metrics.dial("auto", 0.3, 0.31, 0.62)
    metrics.found(["email", "iban"])
    metrics.masked(["email"])
    for _ in range(20):
        metrics.waited("small", "full", 0.0)
        metrics.refused("large", "cloud")
        metrics.store_fault("redis", "timeout")
        metrics.stored("failed")
    metrics.attempted("small", "local", "failed")
    metrics.attempted("large", "cloud", "ok")
    metrics.first_token("large", 0.4)
    metrics.room("small", 4, 4, 9, 12.5)
    metrics.waited("small", "seated", 3.0)
    metrics.used("large", 900, 200, cached=500, reasoning=60)
    metrics.spent("auto", "large", "dev", "web", Decimal("0.02"), Decimal("0.01"))
    metrics.spent("auto", "small", "dev", "web", Decimal("0.001"), Decimal("0.05"))
    metrics.spent("auto", "large", "dev", "web", None, None)
    metrics.cached("auto", "hit")
    metrics.cached("auto", "miss")
    metrics.likened("auto", "hit")
    metrics.likened("auto", "guard", "numbers")
    metrics.retried("small")
    metrics.hedged("auto", "won")
    metrics.flew("led")
    metrics.cascaded("auto", "kept")
    metrics.shadowed("auto", "large")
    metrics.judged("judge", "first")
    metrics.journal_fault()
    metrics.labelled("auto", "thumbs")
    metrics.not_learned("full")
    metrics.headed({"small": "shipped"})
    metrics.head_fault("small")
    metrics.head_said("small", "small", "large")
    metrics.head_scored("small", "challenger", 0.21)
    metrics.head_drifted("small", 0.4)
    for _ in range(500):  # more than one a second over five minutes
        metrics.limited("key", "tokens")
    metrics.budget("month", "web", Decimal(200), Decimal(190), Decimal("0.02"))
    metrics.budget_unknown("month")
    metrics.reserved(2)
    metrics.alerted("month", "budget.limit")
    metrics.webhook_tried("ops", "5xx")
    metrics.alert_lost("webhook:ops", "gave_up")


@dataclass(frozen=True, slots=True)
class BadDay:
    prometheus: Prometheus
    exposition: Exposition

    def values(self, expression: str) -> list[Value]:
        return ask(self.prometheus.url, expression)

    def wait_until(self, true: Callable[[], object]) -> None:
        """Scrape by scrape; the test fails where it still is not after ten."""
        for _ in range(10):
            if true():
                return
            self.exposition.wait(1)
        pytest.fail("not within ten scrapes")


@pytest.fixture(scope="session")
def bad_day_seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BadDay]:
    """The shipped configuration with the target's address, the intervals and the rules' path replaced."""
    directory = tmp_path_factory.mktemp("prometheus")
    metrics = Metrics()
    metrics.in_flight(3)
    metrics.look_at_journal(lambda: (200_000_000, 3))
    metrics.declare(["auto"], [("small", "local"), ("large", "cloud")])
    with Exposition(metrics, bad_day).serving() as exposition:
        config: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        config["rule_files"] = [str(DEPLOY / "prometheus" / "rules.yml")]
        dead = f"127.0.0.1:{free_port()}"
        config["scrape_configs"][0]["static_configs"] = [{"targets": [exposition.address, dead]}]
        file = directory / "prometheus.yml"
        file.write_text(yaml.safe_dump(config))
        with running_prometheus(file, directory / "data") as prometheus:
            exposition.wait(3)  # two are stored: enough for every rate
            seen = BadDay(prometheus, exposition)
            seen.wait_until(lambda: seen.values("tidegate:error_ratio:rate5m"))
            yield seen
