"""If these fail, a key that was made while the gateway runs does not work, or one that was taken back still does."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx
import openai
import pytest

from tests.harness.client import ask, http, sdk
from tests.harness.configs import deployment
from tests.harness.gateway import CLOUD_KEY, KEY, LOCAL_KEY, Gateway, bearer, command
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.postgres import PostgresServer
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

DEAR = {"tokens": {"input": "1000", "output": "1000"}}  # a thousandth of a dollar a token
IN_FORCE = 3.0  # seconds: two, and one for a busy machine
LOOKS = 12  # requests on connections of their own: with two workers, both have been asked


def configuration(upstreams: Upstreams, **more: Any) -> str:
    return json.dumps(
        {
            "deployments": {
                "small": deployment(upstreams.local, "local", price={"tokens": {"input": 0, "output": 0}}),
                "large": deployment(upstreams.cloud, "cloud", price=DEAR),
            },
            "routes": {"auto": {"small": ["small"]}, "away": {"large": ["large"]}},
            "keys": [{"name": "root", "key": "${TIDEGATE_KEY}", "role": "admin"}],
            "log": {"level": "debug", "requests": True},
            **more,
        }
    )


def admin(gateway: Gateway, method: str, path: str, body: object = None, *, key: str = KEY) -> httpx.Response:
    with http() as client:
        return client.request(method, f"{gateway.root}/admin/v1{path}", json=body, headers=bearer(key))


def made(gateway: Gateway, name: str, **more: Any) -> str:
    answer = admin(gateway, "POST", "/keys", {"name": name, **more})
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["key"]
    return key


def works(gateway: Gateway, key: str, model: str = "auto") -> bool:
    try:
        with sdk(gateway, key) as client:
            client.chat.completions.create(**ask(EASY, model))
    except openai.AuthenticationError:
        return False
    return True


def everywhere(gateway: Gateway, key: str, good: bool) -> Callable[[], bool]:
    return lambda: all(works(gateway, key) is good for _ in range(LOOKS))


def tidegate(gateway: Gateway, *words: str) -> str:
    environment = {**os.environ, "TIDEGATE_KEY": KEY, "LOCAL_KEY": LOCAL_KEY, "CLOUD_KEY": CLOUD_KEY}
    options = ("--config", str(gateway.file))
    done = subprocess.run(
        [*command(), *words, *options], check=True, capture_output=True, text=True, env=environment, cwd="/"
    )
    return done.stdout.strip()


def test_a_key_of_the_api_works_in_openais_sdk_until_it_is_revoked(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    gateway = start_gateway(configuration(upstreams))
    key = made(gateway, "ann", routes=["auto"], tags=["x"])
    assert works(gateway, key)
    with sdk(gateway, key) as client:
        assert [model.id for model in client.models.list()] == ["auto"]
        with pytest.raises(openai.PermissionDeniedError):
            client.chat.completions.create(**ask(EASY, "away"))
    assert admin(gateway, "GET", "/me", key=key).json()["name"] == "ann"
    refused = admin(gateway, "GET", "/keys", key=key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    second = admin(gateway, "POST", "/keys/ann/rotate", {"overlap_seconds": 60}).json()["key"]
    assert works(gateway, key)
    assert works(gateway, second)
    assert admin(gateway, "POST", "/keys/ann/revoke").status_code == 200
    assert not works(gateway, key)
    assert not works(gateway, second)
    gateway.stop()
    left = b"".join(file.read_bytes() for file in gateway.directory.rglob("*") if file.is_file())
    for secret in (key, second):
        assert secret not in gateway.output, "a key in the log"
        assert secret.encode() not in left, "a key on the disk"


def test_changes_are_in_force_in_all_workers_within_two_seconds(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer, postgres: PostgresServer
) -> None:
    config = configuration(
        upstreams, redis={"url": valkey.url}, ledger={"url": postgres.database()}, access={"secret": "s" * 40}
    )
    gateway = start_gateway(config, workers=2)
    other = start_gateway(config)  # a replica
    key = made(gateway, "ann")
    until("the key to open everywhere", everywhere(gateway, key, True), IN_FORCE)
    until("the key to open at the replica", lambda: works(other, key), IN_FORCE)
    admin(other, "POST", "/keys/ann/revoke")
    until("the key to open nowhere", everywhere(gateway, key, False), IN_FORCE)
    postgres_key = made(gateway, "bob")
    gateway.stop()
    until("the key to open at the replica", lambda: works(other, postgres_key), IN_FORCE)


def test_the_command_line_makes_and_revokes_keys_of_a_gateway_that_runs(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    gateway = start_gateway(configuration(upstreams))
    key = tidegate(gateway, "keys", "new", "--name", "ann", "--team", "lab")
    until("the key to open", lambda: works(gateway, key), IN_FORCE)
    gateway.kill()
    gateway.start()
    assert works(gateway, key), "it was lost with the process, or is not known from the start"
    tidegate(gateway, "keys", "revoke", "ann")
    until("the key not to open", lambda: not works(gateway, key), IN_FORCE)
    events = admin(gateway, "GET", "/access-events").json()["data"]
    assert [(event["action"], event["actor"]) for event in events] == [
        ("key.revoked", "command line"),
        ("key.created", "command line"),
    ]


def test_who_may_only_look_does_not_ask_models(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(configuration(upstreams))
    key = made(gateway, "eve", role="viewer")
    with sdk(gateway, key) as client, pytest.raises(openai.PermissionDeniedError, match="viewer"):
        client.chat.completions.create(**ask(EASY))
    assert admin(gateway, "GET", "/me", key=key).json()["role"] == "viewer"


def test_a_stored_key_brings_its_own_budget_and_that_of_its_team(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    gateway = start_gateway(configuration(upstreams))
    poor = {"month": {"amount": "0.000001", "period": "month"}}
    assert admin(gateway, "POST", "/teams", {"name": "lab", "budgets": poor}).status_code == 201
    keys = {
        "its own": made(gateway, "ann", budgets=poor),
        "its team's": made(gateway, "bob", team="lab"),
        "none": made(gateway, "carl"),
    }
    for whose, key in keys.items():
        with sdk(gateway, key) as client:
            if whose == "none":
                client.chat.completions.create(**ask(EASY, "away", max_tokens=5))
                continue
            with pytest.raises(openai.RateLimitError) as caught:
                client.chat.completions.create(**ask(EASY, "away", max_tokens=5))
            assert caught.value.code == "insufficient_quota", whose


def test_limits_of_a_stored_key_hold(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(configuration(upstreams))
    key = made(gateway, "ann", limits={"requests_per_minute": 2})
    assert works(gateway, key)
    assert works(gateway, key)
    with sdk(gateway, key) as client, pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(**ask(EASY))
    assert caught.value.code == "rate_limit_exceeded"


def test_whoever_tries_keys_waits_and_a_right_key_does_not(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(configuration(upstreams))
    times = []
    for number in range(12):
        started = time.monotonic()
        assert not works(gateway, f"tg-guess-{number}")
        times.append(time.monotonic() - started)
    assert min(times[:9]) < 1 < times[11], times
    started = time.monotonic()
    assert works(gateway, KEY)
    assert time.monotonic() - started < times[11]
    gateway.wait_for_output("many wrong keys from 127.0.0.1")


def test_without_a_key_in_the_file_the_generated_one_makes_others(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    gateway = start_gateway(configuration(upstreams, keys=[]))
    key = gateway.wait_for_output("^key: ").removeprefix("key: ").strip()  # printed when all workers serve
    answer = admin(gateway, "POST", "/keys", {"name": "ann"}, key=key)
    assert answer.status_code == 201
    assert works(gateway, answer.json()["key"])


def test_the_administration_can_be_switched_off(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(configuration(upstreams, server={"admin": False}))
    answer = admin(gateway, "GET", "/me")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_url")
