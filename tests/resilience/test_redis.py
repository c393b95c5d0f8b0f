"""A whole gateway on Redis as a Cluster and behind Sentinel, while the server that leads dies or is replaced.

If these fail, requests fail or wait because of a failover, or a budget is not what was spent.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.harness.client import ask, get, post
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.gateway import KEY, Gateway, bearer
from tests.harness.ledger import rows
from tests.harness.stalls import Stalls
from tests.harness.traffic import Act, Answer, Ask, paced
from tests.harness.wait import until
from tests.servers.cluster import ClusterOfSix
from tests.servers.sentinel import SentinelSet
from tests.servers.upstream import Upstreams
from tests.servers.valkey import Served, ValkeyServer

RATE: Final = 40.0  # requests a second
SECONDS: Final = 6.0
BOUND: Final = 1.0  # seconds for any answer, without the time that those who make it waited for a processor
PATIENCE: Final = 45.0
STRICT: Final = "tg-of-refuse"
QUESTION: Final = "What is the capital of France?"
UNKNOWN: Final = "budget_unavailable"


class Case(NamedTuple):
    """A Redis, which of its servers are needed, and what befalls it."""

    redis: Served
    servers: Callable[[], Sequence[ValkeyServer]]
    befall: Callable[[], object]


@pytest.fixture(params=["cluster: dies", "cluster: slot moves", "sentinel: dies", "sentinel: failover"])
def case(request: pytest.FixtureRequest) -> Case:
    of, _, what = request.param.partition(": ")
    acts: dict[str, Callable[[], object]]
    if of == "cluster":
        cluster: ClusterOfSix = request.getfixturevalue("own_cluster" if what == "dies" else "steady_cluster")
        acts = {"dies": lambda: die(cluster), "slot moves": lambda: move(cluster)}
        return Case(cluster, lambda: cluster.nodes, acts[what])
    watched: SentinelSet = request.getfixturevalue("own_sentinel")
    acts = {"dies": lambda: watched.leader.kill(), "failover": watched.fail_over}
    return Case(watched, lambda: watched.servers, acts[what])


def die(cluster: ClusterOfSix) -> None:
    cluster.of("{quota}").kill()


def move(cluster: ClusterOfSix) -> None:
    for _ in range(3):
        at = cluster.of("{quota}")
        cluster.move("{quota}", next(one for one in cluster.leaders() if one is not at))


def configuration(upstreams: Upstreams, redis: Served) -> str:
    settings: dict[str, Any] = {
        "deployments": {"large": deployment(upstreams.cloud, "cloud", price={"tokens": CLOUD_PRICE})},
        "routes": {"auto": {"large": ["large"], "max_tokens": 100}},
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}", "role": "admin"},
            {"name": "strict", "key": STRICT, "limits": {"requests_per_minute": 100_000}},
        ],
        "budgets": {"strict": {"key": "strict", "amount": "1000", "period": "month", "without_store": "refuse"}},
        "redis": redis.settings,
        "cache": {"enabled": True},
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    return json.dumps(settings, indent=1)  # JSON is YAML


@pytest.fixture
def gateway(case: Case, upstreams: Upstreams, tmp_path: Path) -> Iterator[Gateway]:
    directory = tmp_path / "gateway"
    directory.mkdir()
    with Gateway(directory, configuration(upstreams, case.redis), workers=2) as gateway:
        yield gateway


def test_requests_go_on_and_books_are_right(case: Case, gateway: Gateway) -> None:
    until("a budget that is known", lambda: is_served(gateway), PATIENCE)
    until("an answer that is kept", lambda: is_hit(gateway), PATIENCE)
    lasting = gateway.processes()

    def partakers() -> list[int]:
        return [*lasting, *(server.pid for server in case.servers() if server.pid is not None)]

    with Stalls(partakers) as stalls:
        answers = paced(asks(gateway), RATE, [Act(1.0, case.befall)])
    seen = Counter((answer.kind, answer.status, answer.code) for answer in answers)
    assert {kind for kind in seen if kind[1] != 200} <= {("strict", 503, UNKNOWN)}, seen
    assert all(answer.whole for answer in answers)
    assert [answer for answer in answers if is_late(answer, stalls)] == []
    until("a budget that is known again", lambda: is_served(gateway), PATIENCE)
    until("an answer that is kept again", lambda: is_hit(gateway), PATIENCE)
    served = {answer.request_id for answer in answers if answer.status == 200}
    until("the books to be right", lambda: books_are_right(gateway, served), PATIENCE)


def asks(gateway: Gateway) -> list[Ask]:
    """A cached question, one that is new, and one of a key with a budget, by turns."""
    made = []
    for number in range(int(RATE * SECONDS / 3)):
        new = ask(f"What is the capital of country {number}?")
        made.append(Ask(gateway, ask(QUESTION), kind="cached"))
        made.append(Ask(gateway, new, kind="new", headers={"cache-control": "no-cache"}))
        made.append(Ask(gateway, new, STRICT, kind="strict", headers={"cache-control": "no-cache"}))
    return made


def is_late(answer: Answer, stalls: Stalls) -> bool:
    return answer.seconds >= BOUND and answer.seconds - stalls.between(answer.at, answer.at + answer.seconds) >= BOUND


def is_served(gateway: Gateway) -> bool:
    """Four times in a row, since a worker of two may be behind."""
    return all(post(gateway, ask("Who?"), key=STRICT).status_code == 200 for _ in range(4))


def is_hit(gateway: Gateway) -> bool:
    return all(post(gateway, ask(QUESTION)).headers.get("x-tidegate-cache") == "hit" for _ in range(4))


def books_are_right(gateway: Gateway, served: set[str]) -> bool:
    """A row for each answer, and what the budget says is spent is what the rows of its key cost."""
    booked = rows(gateway)
    times = Counter(row["request_id"] for row in booked)
    if any(times[request_id] != 1 for request_id in served):
        return False
    spent = sum((Decimal(row["cost"]) for row in booked if row["key"] == "strict"), Decimal(0))
    (budget,) = get(gateway, "/admin/v1/budgets", bearer(KEY)).json()["data"]
    return budget["spent"] is not None and Decimal(budget["spent"]) == spent  # None: it is not known at the moment
