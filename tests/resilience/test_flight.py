"""One question, asked a thousand times at once on two replicas: one call, and two where the first to make it is killed.

Real gateways with workers of their own, and a real Redis between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from tests.harness.client import ask, get, post
from tests.harness.configs import standard
from tests.harness.gateway import Gateway
from tests.harness.ledger import rows
from tests.harness.prompts import EASY
from tests.harness.traffic import Act, Answer, Ask, at_once
from tests.harness.wait import until
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

CROWD: Final = 1000
SOME: Final = 200
CALM: Final = 60.0  # seconds that all of them may take to arrive on a busy machine


@pytest.fixture(scope="module")
def replicas(
    upstreams_of_session: Upstreams, valkey_of_session: ValkeyServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sequence[Gateway]]:
    """The first has two workers, so three share one call."""
    text = standard(upstreams_of_session.local, upstreams_of_session.cloud)
    environment = {"REDIS_URL": valkey_of_session.url}
    first = Gateway(tmp_path_factory.mktemp("first"), text, workers=2, environment=environment)
    second = Gateway(tmp_path_factory.mktemp("second"), text, environment=environment)
    with first, second:
        yield first, second


def question(request: pytest.FixtureRequest, *, stream: bool) -> dict[str, Any]:
    return ask(f"{EASY} ({request.node.name})", stream=stream)


def followed(gateway: Gateway) -> int:
    """How many requests have waited for an answer that another had asked for."""
    found = 0.0
    for line in get(gateway, "/metrics").text.splitlines():
        if line.startswith("tidegate_flights_total{") and 'result="followed"' in line:
            found += float(line.rpartition(" ")[2])
    return int(found)


def calls(upstreams: Upstreams) -> int:
    """For answers: whether the server is well is asked now and then, too."""
    return sum(exchange.path.endswith("/completions") for exchange in upstreams.local.journal.exchanges)


def once_all_wait(replicas: Sequence[Gateway], count: int, act: Callable[[], object]) -> Act:
    """Once so many more wait for one answer."""
    before = {gateway.port: followed(gateway) for gateway in replicas}

    def wait_and_act() -> None:
        def are_there() -> bool:
            return sum(followed(gateway) - before[gateway.port] for gateway in replicas) >= count

        until(f"{count} to wait", are_there, CALM)
        act()

    return Act(0, wait_and_act)


def said(answers: Sequence[Answer]) -> set[bytes]:
    """The answers but for what is each request's own."""
    return {answer.body for answer in answers}


@pytest.mark.parametrize("stream", [False, True])
def test_a_thousand_at_once_are_one_call(
    request: pytest.FixtureRequest, replicas: Sequence[Gateway], upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.next("hold:2")
    body = question(request, stream=stream)
    asks = [Ask(replicas[number % 2], body) for number in range(CROWD)]
    answers = at_once(asks, CROWD, [once_all_wait(replicas, CROWD - 1, upstreams.local.release)])
    assert calls(upstreams) == 1
    assert Counter((answer.status, answer.whole) for answer in answers) == {(200, True): CROWD}
    assert len(said(answers)) == 1
    assert Counter(answer.headers["x-tidegate-cache"] for answer in answers) == {"hit": CROWD - 1, "miss": 1}
    ids = {answer.request_id for answer in answers}

    def booked() -> Counter[str]:
        return Counter(row["outcome"] for gateway in replicas for row in rows(gateway) if row["request_id"] in ids)

    until("all to be in the ledgers", lambda: booked().total() >= CROWD, CALM)
    assert booked() == {"hit": CROWD - 1, "ok": 1}


@pytest.mark.parametrize("stream", [False, True])
def test_when_the_replica_that_asks_is_killed_another_asks(
    request: pytest.FixtureRequest, replicas: Sequence[Gateway], upstreams: Upstreams, stream: bool
) -> None:
    """Nothing of an answer had come: who waited at the other replica gets one, of a single second call."""
    first, second = replicas
    upstreams.local.next("hold:0" if stream else "hold")
    body = question(request, stream=stream)
    answers = killed_while_all_wait(first, second, upstreams, body)
    assert Counter((answer.status, answer.whole) for answer in answers) == {(200, True): SOME}
    assert len(said(answers)) == 1
    assert calls(upstreams) == 2


def test_a_stream_whose_replica_is_killed_is_cut_for_all_who_read_it(
    request: pytest.FixtureRequest, replicas: Sequence[Gateway], upstreams: Upstreams
) -> None:
    """They have some of it, so nothing else may follow but an error."""
    first, second = replicas
    upstreams.local.next("hold:3")
    answers = killed_while_all_wait(first, second, upstreams, question(request, stream=True))
    assert Counter((answer.status, answer.whole) for answer in answers) == {(200, False): SOME}
    assert all(b'"error"' in answer.body for answer in answers)
    assert calls(upstreams) == 1


def killed_while_all_wait(
    first: Gateway, second: Gateway, upstreams: Upstreams, body: dict[str, Any]
) -> Sequence[Answer]:
    """One at the first replica leads, all others wait at the second. What those got."""

    def kill() -> None:
        first.kill()
        upstreams.local.release()
        first.start()

    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(post, first, body)
        until("the first call", lambda: calls(upstreams) == 1, CALM)
        answers = at_once([Ask(second, body)] * SOME, SOME, [once_all_wait([second], SOME, kill)])
        with pytest.raises(httpx.TransportError):
            leader.result()
    return answers
