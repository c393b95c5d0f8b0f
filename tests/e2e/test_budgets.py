"""If these fail, a client does not understand that a limit or a budget refused it, or money is spent beyond one."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import anthropic
import httpx
import ollama
import openai
import pytest

from tests.harness.anthropic_client import ask as ask_claude
from tests.harness.anthropic_client import claude
from tests.harness.client import ask, error_of, get, http, post, read_stream, sdk
from tests.harness.configs import deployment
from tests.harness.gateway import OTHER_KEY, Gateway
from tests.harness.ledger import rows, wait_for_rows
from tests.harness.ollama_client import client as ollama_client
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

DEAR = {"tokens": {"input": "1000", "output": "1000"}}  # a thousandth of a dollar a token
MONTH = {"period": "month"}
FREE = {"tokens": {"input": 0, "output": 0}}


def configuration(upstreams: Upstreams, **more: Any) -> dict[str, Any]:
    return {
        "deployments": {
            "small": deployment(upstreams.local, "local", price=FREE),
            "large": deployment(upstreams.cloud, "cloud", price=DEAR),
        },
        "routes": {
            "auto": {"small": ["small"]},
            "cloud": {"large": ["large"], "small": ["small"], "prefer": "large"},
            "away": {"large": ["large"]},
            "embed": {"embeddings": ["small"]},
        },
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}", "team": "lab"}],
        "ledger": {"url": "sqlite:///tidegate.db"},
        **more,
    }


def limited_to(key: str, **limits: int) -> dict[str, Any]:
    return {"keys": [{"name": "dev", "key": key, "team": "lab", "limits": limits}]}


@pytest.fixture(scope="module")
def of_session(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Whose one key may make no request, and whose other has no money."""
    config = configuration(
        upstreams_of_session,
        keys=[
            {"name": "halted", "key": "${TIDEGATE_KEY}", "limits": {"requests_per_minute": 0}},
            {"name": "broke", "key": "${OTHER_KEY}"},
        ],
        budgets={"pocket-money": {"amount": "0.01", "key": "broke", **MONTH}},
    )
    with Gateway(tmp_path_factory.mktemp("spent"), json.dumps(config)) as gateway:
        yield gateway


@pytest.fixture
def spent(of_session: Gateway, upstreams: Upstreams) -> Gateway:
    return of_session


def counting(gateway: Gateway, **more: Any) -> tuple[openai.OpenAI, list[httpx.Request]]:
    """The OpenAI SDK as it comes, and what it sends."""
    sent: list[httpx.Request] = []
    client = http(event_hooks={"request": [sent.append]})
    return openai.OpenAI(base_url=gateway.base_url, http_client=client, **{"max_retries": 2, **more}), sent


@pytest.mark.parametrize("stream", [False, True])
def test_openais_sdk_learns_that_the_money_is_gone_and_does_not_try_again(
    spent: Gateway, upstreams: Upstreams, stream: bool
) -> None:
    client, sent = counting(spent, api_key=OTHER_KEY)
    with client, pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**ask(EASY, "away"), stream=stream)
    assert (caught.value.status_code, caught.value.code, caught.value.type) == (
        429,
        "insufficient_quota",
        "insufficient_quota",
    )
    assert "`pocket-money`" in str(caught.value)
    assert "It begins anew at " in str(caught.value)
    assert len(sent) == 1
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(
    "asked",
    [
        lambda client: client.chat.completions.create(**ask(EASY)),
        lambda client: client.chat.completions.create(**ask(EASY), stream=True),
        lambda client: client.completions.create(model="auto", prompt=EASY),
        lambda client: client.responses.create(model="auto", input=EASY),
        lambda client: client.responses.create(model="auto", input=EASY, stream=True),
        lambda client: client.embeddings.create(model="embed", input=EASY),
    ],
)
def test_openais_sdk_learns_of_a_limit_wherever_it_asks(spent: Gateway, asked: Any) -> None:
    client, sent = counting(spent, api_key=spent.key)
    with client, pytest.raises(openai.RateLimitError) as caught:
        asked(client)
    assert caught.value.code == "rate_limit_exceeded"
    assert caught.value.response.headers["x-ratelimit-limit-requests"] == "0"
    assert caught.value.response.headers["x-should-retry"] == "false"  # no waiting helps against a limit of nothing
    assert len(sent) == 1


def test_anthropics_sdk_learns_of_both(spent: Gateway) -> None:
    for key, model, words in ((spent.key, "auto", "0 requests a minute"), (OTHER_KEY, "away", "`pocket-money`")):
        with claude(spent, key) as client, pytest.raises(anthropic.RateLimitError) as caught:
            client.messages.create(**{**ask_claude(EASY), "model": model})
        body: Any = caught.value.body
        assert body["error"]["type"] == "rate_limit_error"
        assert words in body["error"]["message"]
        assert caught.value.response.headers["x-should-retry"] == "false"


def test_ollamas_client_learns_of_both(spent: Gateway) -> None:
    for key, model, words in ((spent.key, "auto", "0 requests a minute"), (OTHER_KEY, "away", "`pocket-money`")):
        with ollama_client(spent, key) as client, pytest.raises(ollama.ResponseError, match=words) as caught:
            client.chat(model=model, messages=[{"role": "user", "content": EASY}])
        assert caught.value.status_code == 429


def test_an_answer_says_how_the_limits_stand_and_a_refusal_when_to_come_again(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    limits = limited_to("${TIDEGATE_KEY}", requests_per_minute=2, tokens_per_minute=10_000)
    gateway = start_gateway(json.dumps(configuration(upstreams, **limits)))
    for left, stream in (("1", False), ("0", True)):
        answer = post(gateway, ask(EASY, max_tokens=10, stream=stream))
        assert answer.status_code == 200
        assert answer.headers["x-ratelimit-limit-requests"] == "2"
        assert answer.headers["x-ratelimit-remaining-requests"] == left
        assert answer.headers["x-ratelimit-limit-tokens"] == "10000"
        assert 9_000 < int(answer.headers["x-ratelimit-remaining-tokens"]) < 9_990
        for kind in ("requests", "tokens"):
            assert re.fullmatch(r"1m[0-2](\.\d+)?s|59(\.\d+)?s", answer.headers[f"x-ratelimit-reset-{kind}"])
    refused = post(gateway, ask(EASY, max_tokens=10))
    assert refused.status_code == 429
    assert error_of(refused)["code"] == "rate_limit_exceeded"
    assert 55 <= int(refused.headers["retry-after"]) <= 62
    assert refused.headers["x-ratelimit-remaining-requests"] == "0"


def test_a_stream_is_under_way_until_its_client_has_left(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(json.dumps(configuration(upstreams, **limited_to("${TIDEGATE_KEY}", concurrent=1))))
    upstreams.local.next("stall:2")
    with (
        http() as client,
        client.stream(
            "POST",
            f"{gateway.base_url}/chat/completions",
            json=ask(EASY, stream=True),
            headers={"authorization": f"Bearer {gateway.key}"},
        ) as answer,
    ):
        assert answer.status_code == 200
        next(answer.iter_lines())
        refused = post(gateway, ask(EASY))
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    until("there to be room again", lambda: post(gateway, ask(EASY)).status_code == 200)
    (row,) = wait_for_rows(gateway, answer.headers["x-request-id"])
    assert row["outcome"] == "cancelled"
    read_stream(post(gateway, ask(EASY, stream=True))).assert_clean()


def test_what_was_spent_is_known_after_everything_was_killed(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """Also of a call that was under way: the most that it can have cost."""
    budgets = {"all": {"amount": "1.5", **MONTH}}
    gateway = start_gateway(json.dumps(configuration(upstreams, budgets=budgets)))
    assert post(gateway, ask(EASY, "away", max_tokens=100)).status_code == 200
    upstreams.cloud.next("hang")
    asked: dict[str, Any] = {
        "json": ask(EASY, "away", max_tokens=500),
        "headers": {"authorization": f"Bearer {gateway.key}"},
    }
    with ThreadPoolExecutor(1) as pool, http() as client:
        waiting = pool.submit(client.post, f"{gateway.base_url}/chat/completions", **asked)
        upstreams.cloud.journal.wait_for_requests(2)
        for pid in gateway.children():
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            waiting.result()
    until("it to serve again", lambda: post(gateway, ask(EASY)).status_code == 200)
    refused = post(gateway, ask(EASY, "away", max_tokens=500))
    assert refused.status_code == 429, refused.text
    assert post(gateway, ask(EASY, "away", max_tokens=10)).status_code == 200
    abandoned = [row for row in rows(gateway) if row["outcome"] == "abandoned"]
    assert [row["cost"] for row in abandoned] == [None]
    assert Decimal(abandoned[0]["held"]) > Decimal("0.5")


def test_who_asks_right_after_the_start_finds_budgets_known(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    budgets = {"all": {"amount": "100", "without_store": "refuse", **MONTH}}
    gateway = start_gateway(json.dumps(configuration(upstreams, budgets=budgets)))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(gateway, ask(EASY, "away", max_tokens=10)), range(16)))
    assert [answer.status_code for answer in answers] == [200] * 16


def test_two_workers_share_their_limits_and_budgets(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    """Nobody knows what is left until those who may have spent something have said so, which takes some seconds."""
    limited = {"name": "dev", "key": "${TIDEGATE_KEY}", "limits": {"requests_per_minute": 40}}
    config = configuration(
        upstreams,
        budgets={"all": {"amount": "1.5", **MONTH}},
        redis={"url": "${REDIS_URL}"},
        keys=[limited, {"name": "other", "key": "${OTHER_KEY}"}],
    )
    gateway = start_gateway(json.dumps(config), workers=2, environment={"REDIS_URL": valkey.url})
    first = ask(EASY, "away", max_tokens=1)
    until("the store to know all", lambda: post(gateway, first, key=OTHER_KEY).status_code == 200, 10)
    with ThreadPoolExecutor(8) as pool:
        homely = list(pool.map(lambda _: post(gateway, ask(EASY)), range(60)))
        dear = list(pool.map(lambda _: post(gateway, ask(EASY, "away", max_tokens=100), key=OTHER_KEY), range(60)))
    assert {answer.json()["error"]["code"] for answer in homely if answer.status_code != 200} <= {"rate_limit_exceeded"}
    metrics = get(gateway, "/metrics").text
    faults = re.findall(r'^tidegate_store_faults_total\{.*store="redis".*\} (\S+)$', metrics, re.MULTILINE)
    assert faults
    if not any(map(float, faults)):  # on a busy machine one is too slow; then a worker goes on by itself for a moment
        assert [answer.status_code for answer in homely].count(200) == 40
    served = [answer for answer in dear if answer.status_code == 200]
    assert 0 < len(served) < 60
    assert {answer.json()["error"]["code"] for answer in dear if answer.status_code != 200} == {"insufficient_quota"}
    until("all to be written down", lambda: len(rows(gateway)) == 40 + len(served) + 1)
    assert sum(Decimal(row["cost"]) for row in rows(gateway)) <= Decimal("1.5")


def test_a_budget_that_is_spent_turns_the_large_model_off_until_there_is_more(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    config = configuration(upstreams, budgets={"all": {"amount": "0", "at_limit": "stay-local", **MONTH}})
    gateway = start_gateway(json.dumps(config))
    answer = post(gateway, ask(EASY, "cloud"))
    assert answer.headers["x-tidegate-zone"] == "local"
    assert answer.headers["x-tidegate-reason"].endswith("; budget(all)")
    (row,) = wait_for_rows(gateway, answer.headers["x-request-id"])
    assert (row["reason"], row["deployment"]) == ("budget", "small")
    upstreams.assert_cloud_saw_nothing()
    config["budgets"]["all"]["amount"] = "1000"
    gateway.reload(json.dumps(config))
    until("there to be more", lambda: post(gateway, ask(EASY, "cloud")).headers["x-tidegate-zone"] == "cloud")


def test_every_dialect_bounds_answers_as_the_route_says(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    config = configuration(upstreams)
    config["routes"]["auto"]["max_tokens"] = 33
    gateway = start_gateway(json.dumps(config))
    with sdk(gateway) as client:
        client.chat.completions.create(**ask(EASY))
        client.completions.create(model="auto", prompt=EASY)
        client.responses.create(model="auto", input=EASY)
    with ollama_client(gateway) as client_of_ollama:
        client_of_ollama.chat(model="auto", messages=[{"role": "user", "content": EASY}])
    with claude(gateway) as client_of_anthropic:
        client_of_anthropic.messages.create(**{**ask_claude(EASY), "max_tokens": 7})
    sent = [exchange.json()["max_tokens"] for exchange in upstreams.local.journal.exchanges]
    assert sent == [33, 33, 33, 33, 7]
