"""If these fail, a panel stays empty in front of whoever needs it."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest

from deploy.grafana import queries as module
from deploy.grafana.queries import DASHBOARD, Query, QueryFailed, ask, queries
from gateway.telemetry.catalogue import CATALOGUE
from tests.deploy.conftest import BadDay

QUERIES = list(queries())


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DASHBOARD.read_text())
    return loaded


@pytest.mark.parametrize("query", QUERIES, ids=[f"{number}-{query.title}" for number, query in enumerate(QUERIES)])
def test_a_query_has_data(query: Query, bad_day_seen: BadDay) -> None:
    values = bad_day_seen.values(query.filled(rate="5m", over="1h"))
    assert [value for value in values if math.isfinite(value.value) and value.value != 0]


def test_every_metric_is_on_the_dashboard() -> None:
    text = " ".join(query.expression for query in QUERIES)
    assert [family.name for family in CATALOGUE if family.name not in text] == []


def test_panels_have_their_own_number_and_do_not_overlap(dashboard: dict[str, Any]) -> None:
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (column, line)
            for column in range(place["x"], place["x"] + place["w"])
            for line in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_titles_are_told_apart_and_the_data_source_is_the_provisioned_one(dashboard: dict[str, Any]) -> None:
    titles = [panel["title"] for panel in dashboard["panels"]]
    assert len(set(titles)) == len(titles)
    assert dashboard["templating"]["list"][0]["current"]["value"] == "prometheus"
    for panel in dashboard["panels"]:
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}"


def run(url: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(module.__file__), "--prometheus", url, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_list_of_queries_shows_every_panel_with_its_values(bad_day_seen: BadDay) -> None:
    done = run(bad_day_seen.prometheus.url)
    assert done.returncode == 0, done.stdout
    assert [query.title for query in QUERIES if query.title not in done.stdout] == []
    assert "deployment=large, zone=cloud" in done.stdout
    assert done.stdout.endswith("every query has data\n")


def test_the_list_of_queries_says_what_has_no_data(bad_day_seen: BadDay) -> None:
    done = run(bad_day_seen.prometheus.url, "--route", "no-such-route")
    assert done.returncode == 1
    assert "no data" in done.stdout


def test_a_query_that_is_wrong_is_refused(bad_day_seen: BadDay) -> None:
    with pytest.raises(QueryFailed, match="parse error"):
        ask(bad_day_seen.prometheus.url, "sum by (route (")
