"""If these fail, a dashboard or the documentation names a metric that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from gateway.telemetry.catalogue import CATALOGUE
from gateway.telemetry.family import PREFIX
from gateway.telemetry.metrics import Metrics

ROOT = Path(__file__).parents[3]
BOUNDED = {"route", "deployment", "zone", "key", "team", "status", "stream", "outcome", "reason", "kind", "type",
           "result", "source", "store", "verdict", "version", "python", "went", "head", "scope", "budget", "whose",
           "webhook", "sink", "priority"}  # fmt: skip


def test_what_is_declared_is_what_is_shown() -> None:
    shown = {
        family.name: (family.type, family.documentation)
        for family in text_string_to_metric_families(Metrics().render()[0].decode())
    }
    declared = {family.name.removesuffix("_total"): (family.kind, family.meaning) for family in CATALOGUE}
    assert shown == declared


def test_labels_are_bounded_and_names_keep_the_rules() -> None:
    for family in CATALOGUE:
        assert family.name.startswith(PREFIX)
        assert set(family.labels) <= BOUNDED, family.name
        assert family.name.endswith("_total") == (family.kind == "counter"), family.name
        assert (family.merge is not None) == (family.kind == "gauge"), family.name
        assert (family.buckets != ()) == (family.kind == "histogram"), family.name


def test_the_page_on_monitoring_lists_every_metric_with_its_labels_and_meaning() -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text()
    rows = re.findall(r"^\| `(tidegate_[a-z_]+)` \| (\w+) \| (.*?) \| (.*?) \|$", page, re.MULTILINE)
    listed = {name: (kind, re.findall(r"`(\w+)`", labels), meaning) for name, kind, labels, meaning in rows}
    assert listed == {family.name: (family.kind, list(family.labels), family.meaning) for family in CATALOGUE}
