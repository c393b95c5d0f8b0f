"""The dial on a running gateway: the share asked for, under traffic that changes, and every dialect's word for it."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from router.difficulty.supplement import examples
from router.steering import STEP
from tests.harness.client import ask, error_of, get, http, post
from tests.harness.gateway import Gateway, bearer
from tests.harness.prompts import CARD, EASY, HARD_PROOF
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

SHARE = 0.3
REQUESTS = 2400
CLIENTS = 16


def config(upstreams: Upstreams, **more: Any) -> str:
    home, away = upstreams.local, upstreams.cloud
    both = {"small": ["small"], "large": ["large"]}
    deployments = {
        "small": {"zone": "local", "engine": "openai", "base_url": home.base_url, "model": home.name},
        "large": {"zone": "cloud", "engine": "openai", "base_url": away.base_url, "model": away.name},
    }
    routes = {
        "auto": {**both, "dial": {"share": SHARE}},
        "free": {**both, "dial": {"share": SHARE, "callers": "any"}},
        "plain": both,
    }
    keys = [{"name": "dev", "key": "${TIDEGATE_KEY}"}]
    return json.dumps({"deployments": deployments, "routes": routes, "keys": keys, **more})


def drifting(requests: int) -> Iterator[str]:
    """Mostly easy ones first, then mostly hard ones, then none but hard ones, then both in turns."""
    dice = random.Random(12)
    easy = [example.prompt for example in examples() if not example.hard]
    hard = [example.prompt for example in examples() if example.hard]
    for number in range(requests):
        part = (0.1, 0.8, 1.0, 0.5)[number * 4 // requests]
        yield dice.choice(hard if dice.random() < part else easy)


def served(gateway: Gateway, prompts: Iterator[str]) -> tuple[int, int]:
    """How many answers came from the large model, and how many the dial had no say in. Sixteen clients, each with a
    connection of its own, take the next prompt in turns."""
    lock = threading.Lock()

    def client() -> list[httpx.Headers]:
        seen: list[httpx.Headers] = []
        with http() as own:
            while True:
                with lock:
                    prompt = next(prompts, None)
                if prompt is None:
                    return seen
                url = f"{gateway.base_url}/chat/completions"
                answer = own.post(url, json=ask(prompt), headers=bearer(gateway.key))
                assert answer.status_code == 200, answer.text
                seen.append(answer.headers)

    with ThreadPoolExecutor(CLIENTS) as pool:
        receipts = [receipt for each in [pool.submit(client) for _ in range(CLIENTS)] for receipt in each.result()]
    assert all(receipt["x-tidegate-dial"].startswith(f"share={SHARE}; threshold=") for receipt in receipts)
    heard = [receipt for receipt in receipts if receipt["x-tidegate-clearance"] == "any"]
    return sum(receipt["x-tidegate-deployment"] == "large" for receipt in heard), len(receipts) - len(heard)


def test_drifting_traffic_gets_the_share_that_was_asked_for(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(config(upstreams))
    large, others = served(gateway, drifting(REQUESTS))
    metrics = get(gateway, "/metrics").text
    heard = REQUESTS - others
    assert abs(large / heard - SHARE) <= (1 + STEP) / (STEP * heard)
    assert others < REQUESTS * 0.2
    assert f'tidegate_dialled_total{{route="auto",went="large"}} {float(large)}' in metrics
    assert f'tidegate_dial_share_asked{{route="auto"}} {SHARE}' in metrics
    assert 'tidegate_dial_share{route="auto"} 0.' in metrics
    assert 'tidegate_dial_threshold{route="auto"} ' in metrics


def test_two_workers_keep_the_share_together(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    gateway = start_gateway(config(upstreams, redis={"url": valkey.url}), workers=2)
    large, others = served(gateway, drifting(REQUESTS))
    gateway.stop()  # what was turned last is told before it ends
    heard = REQUESTS - others
    assert abs(large / heard - SHARE) <= 0.025
    with valkey.client() as client:
        (key,) = client.keys("tidegate:dial:*")
        assert key.startswith(b"tidegate:dial:{auto|share=0.3|")
        assert int(client.hget(key, "count")) == heard


def test_redis_that_goes_away_changes_nothing_about_the_share(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    gateway = start_gateway(config(upstreams, redis={"url": "redis://127.0.0.1:9/0"}))
    large, others = served(gateway, drifting(600))
    assert abs(large / (600 - others) - SHARE) <= (1 + STEP) / (STEP * 500)


@pytest.fixture(scope="module")
def dialled_of_module(upstreams_of_session: Upstreams, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("dialled"), config(upstreams_of_session)) as gateway:
        yield gateway


@pytest.fixture
def dialled(dialled_of_module: Gateway, upstreams: Upstreams) -> Gateway:
    return dialled_of_module


def test_every_dialect_hears_a_dial(dialled: Gateway) -> None:
    """Behind the model's name, and in the header."""
    text = HARD_PROOF
    turn = [{"role": "user", "content": text}]
    bodies: dict[str, dict[str, Any]] = {
        "/v1/chat/completions": {"messages": turn},
        "/v1/completions": {"prompt": text},
        "/v1/responses": {"input": text},
        "/v1/messages": {"messages": turn, "max_tokens": 99},
        "/api/chat": {"messages": turn, "stream": False},
        "/api/generate": {"prompt": text, "stream": False},
    }
    for path, body in bodies.items():
        for model, headers, deployment in (
            ("plain", {}, "large"),
            ("plain:threshold=0.99", {}, "small"),
            ("plain", {"x-tidegate-dial": "threshold=0.99"}, "small"),
            ("free:threshold=0", {}, "large"),
        ):
            answer = post(dialled, {"model": model, **body}, path=path, headers=headers)
            assert answer.status_code == 200, (path, answer.text)
            assert answer.headers["x-tidegate-deployment"] == deployment, (path, model)
            assert answer.headers["x-tidegate-route"] == model.partition(":")[0]


SAYS: dict[str, tuple[dict[str, Any], Any]] = {
    "/v1/chat/completions": ({"messages": [{"role": "user", "content": EASY}]}, lambda said: said["error"]["code"]),
    "/v1/completions": ({"prompt": EASY}, lambda said: said["error"]["code"]),
    "/v1/responses": ({"input": EASY}, lambda said: said["error"]["code"]),
    "/v1/messages": (
        {"messages": [{"role": "user", "content": EASY}], "max_tokens": 9},
        lambda said: said["type"] == "error" and said["error"]["type"],
    ),
    "/api/chat": ({"messages": [{"role": "user", "content": EASY}]}, lambda said: isinstance(said["error"], str)),
}


@pytest.mark.parametrize("path", SAYS)
@pytest.mark.parametrize(
    ("model", "headers"), [("auto:2", {}), ("auto:quality=0.9", {}), ("auto", {"x-tidegate-dial": "80%"})]
)
def test_a_bad_dial_is_refused_in_the_clients_own_words(
    dialled: Gateway, upstreams: Upstreams, path: str, model: str, headers: Mapping[str, str]
) -> None:
    body, code = SAYS[path]
    answer = post(dialled, {"model": model, **body}, path=path, headers=headers)
    assert answer.status_code == 400
    assert code(answer.json()) in ("invalid_dial", "dial_not_calibrated", "invalid_request_error", True)
    assert upstreams.local.journal.exchanges == upstreams.cloud.journal.exchanges == ()


def test_a_refusal_says_what_to_do(dialled: Gateway) -> None:
    error = error_of(post(dialled, ask(EASY, "auto:share=5")))
    assert error["param"] == "x-tidegate-dial"
    assert "share must be from 0 to 1" in error["message"]


def test_what_has_to_stay_stays_whatever_the_dial(dialled: Gateway, upstreams: Upstreams) -> None:
    answer = post(dialled, ask(CARD, "free:share=1"))
    assert answer.headers["x-tidegate-deployment"] == "small"
    upstreams.assert_cloud_saw_nothing()


def test_a_stored_response_keeps_the_policy_of_its_route_behind_a_dial(dialled: Gateway) -> None:
    answer = post(dialled, {"model": "auto:0.1", "input": EASY}, path="/v1/responses")
    assert answer.json()["store"] is True
    more = {"model": "auto:0.1", "input": "And of Spain?", "previous_response_id": answer.json()["id"]}
    assert post(dialled, more, path="/v1/responses").status_code == 200
