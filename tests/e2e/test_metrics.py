"""`/metrics`, `/healthz` and `/v1/models`: what a monitoring system and a curious client see."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.harness.client import ask, get, post, read_stream
from tests.harness.configs import rich
from tests.harness.gateway import Gateway, bearer
from tests.harness.prompts import CARD, EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scrape(gateway: Gateway) -> Samples:
    """Every sample, by name and labels."""
    answer = get(gateway, "/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def total(samples: Samples, name: str, **labels: str) -> float:
    """The sum over all samples of that name which have these labels."""
    wanted = set(labels.items())
    return sum(value for (sample, have), value in samples.items() if sample == f"tidegate_{name}" and wanted <= have)


def test_the_routes_are_the_models(standard_gateway: Gateway) -> None:
    answer = get(standard_gateway, "/v1/models", bearer(standard_gateway.key))
    document = answer.json()
    assert document["object"] == "list"
    assert {model["id"] for model in document["data"]} == {"auto", "cloud", "embed"}
    for model in document["data"]:
        assert model.keys() >= {"id", "object", "created", "owned_by"}
        assert model["object"] == "model"
    assert answer.headers["x-request-id"]


def test_health(standard_gateway: Gateway) -> None:
    assert get(standard_gateway, "/healthz").status_code == 200


def test_an_answer_is_counted(gateway: Gateway, upstreams: Upstreams) -> None:
    before = scrape(gateway)
    answer = post(gateway, ask(EASY, "cloud"))
    usage = answer.json()["usage"]
    read_stream(post(gateway, ask(EASY, "cloud", stream=True)))
    post(gateway, ask(CARD, "only-cloud"))
    after = scrape(gateway)

    def grown(name: str, **labels: str) -> float:
        return total(after, name, **labels) - total(before, name, **labels)

    assert grown("requests_total", route="cloud", stream="false") == 1
    assert grown("requests_total", route="cloud", stream="true") == 1
    assert grown("requests_total", route="only-cloud", status="5xx") == 1
    assert grown("answered_total", route="cloud", zone="cloud") == 2
    assert grown("attempts_total", deployment="large", outcome="ok") == 2
    assert grown("tokens_total", deployment="large", kind="prompt") == 2 * usage["prompt_tokens"]
    assert grown("tokens_total", deployment="large", kind="completion") == 2 * usage["completion_tokens"]
    cost = 2 * float(answer.headers["x-tidegate-cost-usd"])
    assert grown("cost_dollars_total", route="cloud", deployment="large", key="dev", team="tests") == pytest.approx(
        cost
    )
    assert grown("decisions_total", route="cloud", reason="prefer-large") == 2
    assert grown("findings_total") >= 1
    assert grown("request_duration_seconds_count", route="cloud") == 2
    assert grown("first_token_seconds_count", deployment="large") == 2
    assert total(after, "requests_in_flight") == 0
    assert total(after, "deployment_up", deployment="large") == 1


def test_labels_hold_configured_names_only(gateway: Gateway) -> None:
    """An unknown model does not become a label: nobody can fill the memory of a monitoring system from outside."""
    post(gateway, ask(EASY, "nobody-knows-this-model"))
    post(gateway, ask(CARD))
    text = get(gateway, "/metrics").text
    assert "nobody-knows-this-model" not in text
    assert "4970 1000" not in text
    assert "4970100000" not in text
    assert gateway.key not in text


def test_of_two_workers_every_request_is_counted(pair: Gateway) -> None:
    before = total(scrape(pair), "requests_total", route="auto")
    for place in range(40):  # each on a connection of its own: the kernel deals them out
        post(pair, ask(f"{EASY} ({place})"), headers={"cache-control": "no-store, no-cache"})

    for _ in range(4):  # whichever worker answers, it tells of both
        until("all to be counted", lambda: total(scrape(pair), "requests_total", route="auto") == before + 40)


def test_metrics_may_need_a_key(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    server = {"server": {"metrics_key": "scrapers-own"}}
    gateway = start_gateway(rich(upstreams.local, upstreams.cloud, [], server))
    assert get(gateway, "/metrics").status_code == 401
    right = get(gateway, "/metrics", bearer("scrapers-own"))
    assert right.status_code == 200
