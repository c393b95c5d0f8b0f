"""The whole chain: clients → a gateway of two workers → /metrics → Prometheus → the dashboard's queries.

If it fails, a panel is empty in a real installation although the metrics' own tests pass.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import yaml

from deploy.grafana.queries import Query, ask, queries
from gateway.learning.heads import heads_of
from router.difficulty.model import DifficultyModel
from tests.harness.client import ask as chat
from tests.harness.client import post
from tests.harness.gateway import Gateway
from tests.harness.prompts import EASY, HARD_CODE, HARD_PROOF, SENSITIVE
from tests.harness.wait import until
from tests.servers.prometheus import Prometheus, running_prometheus
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer
from tests.servers.webhooks import SECRET

MORE = 12  # requests a round, of which a challenger sees one in twenty
CROWD = 6  # requests at once, in each round
ROUNDS = 6  # of the requests below, before and after the first scrape
SLOW = "Drift"  # is told of after 1,000 requests; `test_dashboard.py` sees it, and what takes an encoder
QUERIES = [query for query in queries() if query.title != SLOW and "tidegate_semantic_" not in query.expression]

CONFIG = """\
deployments:
  small:
    {zone: local, engine: openai, base_url: "LOCAL_URL", model: local-model, api_key: "${LOCAL_KEY}",
     price: {machine: {watts: 45, per_kwh: "0.30"}}}
  large:
    {zone: cloud, engine: openai, base_url: "CLOUD_URL", model: cloud-model, api_key: "${CLOUD_KEY}",
     price: {tokens: {input: "2.50", output: "10"}}}
  judge:
    {zone: cloud, engine: openai, base_url: "CLOUD_URL", model: judge-model, api_key: "${CLOUD_KEY}",
     price: {tokens: {input: "0.10", output: "0.40"}}}
  slow:
    {zone: local, engine: openai, base_url: "LOCAL_URL", model: "local-model!slow_json:0.3", api_key: "${LOCAL_KEY}",
     price: {machine: {watts: 45, per_kwh: "0.30"}}}
  scarce:
    {zone: local, engine: openai, base_url: "LOCAL_URL", model: "local-model!slow_json:0.05", api_key: "${LOCAL_KEY}",
     price: {machine: {watts: 45, per_kwh: "0.30"}}, concurrent: 2}
routes:
  auto:
    {small: [small], large: [large], dial: {share: 0.4}, learning: {enabled: true},
     shadow: {judge: judge, share: 1, max_per_minute: 600}}
  careful: {small: [small], large: [large], cascade: {band: [0, 1]}}
  cloud: {large: [large], small: [small], prefer: large}
  masks: {large: [large]}
  queue: {small: [scarce]}
  twice: {small: [slow, small], hedge: {after: 0.01}}
policy: {rules: [{types: [EMAIL], action: mask}]}
keys:
  - {name: dev, key: "${TIDEGATE_KEY}", team: web}
redis: {url: "${REDIS_URL}"}
cache: {enabled: true}
learning: {zone: cloud}
ledger: {url: "sqlite:///tidegate.db"}
budgets: {month: {amount: 100, period: month, each: team, without_store: allow}}
alerts: {webhooks: {ops: {url: "http://127.0.0.1:9/", secret: "${HOOK_SECRET}"}}}
"""


def load(gateway: Gateway, number: int) -> None:
    """Easy, hard, sensitive, streamed, looked at, repeated, waiting, refused and found good: one of each."""
    for text in (EASY, f"{HARD_PROOF} ({number})", f"{HARD_CODE} ({number})", *SENSITIVE):
        assert post(gateway, chat(text)).status_code == 200
    for text in (f"{EASY} ({number})", f"{HARD_CODE} [{number}]"):
        assert post(gateway, chat(text, stream=True)).status_code == 200
    assert post(gateway, chat(EASY, model="cloud")).status_code == 200
    assert post(gateway, chat(f"{HARD_CODE} {number}", model="careful")).status_code == 200
    for again in range(MORE):
        text = EASY if again % 2 else HARD_CODE  # so that a challenger sees some of either kind
        assert post(gateway, chat(f"{text} {number}.{again}")).status_code == 200
    with ThreadPoolExecutor(CROWD) as crowd:  # for two seats, and for one answer
        apart = [chat(f"{EASY} {number}-{each}", model="queue") for each in range(CROWD)]
        same = [chat(f"{EASY} {number} and all", model="twice")] * CROWD
        asked = [crowd.submit(post, gateway, body) for body in (*apart, *same)]
    assert [answer.result().status_code for answer in asked] == [200] * (2 * CROWD)
    learned = post(gateway, chat(f"{EASY} <{number}>"))
    until("the request to be kept", lambda: said_of(gateway, learned.headers["x-request-id"]) == 200)
    assert post(gateway, chat("Is ann@example.org a valid address?", model="masks")).status_code == 200
    assert post(gateway, chat(EASY), key="tg-nobody").status_code == 401


def said_of(gateway: Gateway, request_id: str) -> int:
    return post(gateway, {"request_id": request_id, "thumbs": "up"}, path="/v1/feedback").status_code


def a_challenger(state: Path) -> None:
    """What `tidegate learn` leaves behind where it did not promote."""
    heads = heads_of(state, "small")
    with heads.changing():
        figures = {"brier": {"old": [0.21, 0.2, 0.22], "new": [0.22, 0.2, 0.24], "change": None}}
        replace(DifficultyModel.shipped(), card={"figures": figures}).save(heads.draft())
        heads.on_trial()


@pytest.fixture(scope="module")
def prometheus(
    upstreams_of_session: Upstreams, valkey_of_session: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    upstreams_of_session.reset()
    with valkey_of_session.client() as client:
        client.flushall()
    directory = tmp_path_factory.mktemp("live")
    text = CONFIG.replace("LOCAL_URL", upstreams_of_session.local.base_url).replace(
        "CLOUD_URL", upstreams_of_session.cloud.base_url
    )
    a_challenger(directory / ".tidegate")
    environment = {"REDIS_URL": valkey_of_session.url, "HOOK_SECRET": SECRET}
    with Gateway(directory, text, workers=2, environment=environment) as gateway:
        config = {
            "global": {"scrape_interval": "1s"},
            "scrape_configs": [
                {"job_name": "tidegate", "static_configs": [{"targets": [f"127.0.0.1:{gateway.port}"]}]}
            ],
        }
        file: Path = directory / "prometheus.yml"
        file.write_text(yaml.safe_dump(config))
        with running_prometheus(file, directory / "data") as server:
            for number in range(ROUNDS):
                load(gateway, number)
            count = "sum(tidegate_requests_total)"
            until("a first scrape", lambda: bool(ask(server.url, count)), timeout=20)
            for number in range(ROUNDS, 2 * ROUNDS):
                load(gateway, number)
            until(  # workers hand their numbers on every now and then, so what is there is asked for anew
                "a last scrape",
                lambda: ask(server.url, count)[0].value == sum(requests_in(gateway).values()),
                timeout=20,
            )
            yield server


def requests_in(gateway: Gateway) -> dict[str, float]:
    """`tidegate_requests_total` as the gateway shows it right now."""
    page = httpx.get(f"{gateway.root}/metrics", trust_env=False).text
    lines = [line.rsplit(" ", 1) for line in page.splitlines() if line.startswith("tidegate_requests_total{")]
    return {series: float(value) for series, value in lines}


@pytest.mark.parametrize("query", QUERIES, ids=[f"{number}-{query.title}" for number, query in enumerate(QUERIES)])
def test_a_query_has_data(query: Query, prometheus: Prometheus) -> None:
    values = ask(prometheus.url, query.filled(rate="5m", over="1h"))
    assert [value for value in values if math.isfinite(value.value)]


def test_two_workers_are_counted_as_one(prometheus: Prometheus) -> None:
    answered = ask(prometheus.url, "sum(tidegate_answered_total)")
    assert answered[0].value == 2 * ROUNDS * (11 + MORE + 2 * CROWD)
    in_flight = ask(prometheus.url, "tidegate_requests_in_flight")
    assert [value.value for value in in_flight] == [0]
