"""If these fail, nobody hears that a budget runs out; or everybody does, from every worker, and after every restart."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.e2e.test_keys import admin
from tests.harness.client import ask, post
from tests.harness.configs import deployment
from tests.harness.gateway import Gateway
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer
from tests.servers.webhooks import SECRET, Told, WebhookReceiver

DEAR = {"tokens": {"input": "1000", "output": "1000"}}  # a thousandth of a dollar a token
AMOUNT = 2
TOLD = 'tidegate_webhook_tries_total{result="told"'
SHARE = 'tidegate_budget_share{budget="soft"'
SHARES = [("budget.share", "0.5"), ("budget.share", "0.8"), ("budget.share", "1")]


def configuration(upstreams: Upstreams, receiver: WebhookReceiver, **more: Any) -> str:
    """A soft budget for the team, a hard one for everybody; somebody who hears of all, and somebody of limits only."""
    settings = {
        "deployments": {"large": deployment(upstreams.cloud, "cloud", price=DEAR)},
        "routes": {"away": {"large": ["large"]}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}", "team": "lab"}],
        "budgets": {
            "soft": {"amount": AMOUNT, "period": "month", "hard": False, "each": "team"},
            "hard": {"amount": 2 * AMOUNT, "period": "month"},
        },
        "alerts": {
            "webhooks": {
                "ops": {"url": receiver.url, "secret": "${HOOK_SECRET}"},
                "chat": {"url": f"{receiver.url}&only=limits", "secret": "${HOOK_SECRET}", "events": ["budget.limit"]},
            }
        },
        "ledger": {"url": "sqlite:///tidegate.db"},
        "redis": {"url": "${REDIS_URL:-}"},
    }
    return json.dumps({**settings, **more})


def spend(gateway: Gateway, requests: int) -> Counter[int]:
    """Each of some three cents, several at a time."""
    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(lambda _: post(gateway, ask(EASY, "away", max_tokens=30)).status_code, range(requests)))


def events(receiver: WebhookReceiver, budget: str, path: str = "/alerts?team=ops") -> Counter[tuple[str, str | None]]:
    """By type and share."""
    told = [hook for hook in receiver.told if hook.path == path and hook.json["data"]["budget"] == budget]
    return Counter((hook.json["type"], hook.json["data"]["share"]) for hook in told)


def assert_once(receiver: WebhookReceiver) -> None:
    assert events(receiver, "soft") == dict.fromkeys(SHARES, 1)
    hard = events(receiver, "hard")
    assert hard.pop(("budget.share", "1"), 0) <= 1  # it may be spent to the last cent, and need not
    assert hard == dict.fromkeys([*SHARES[:2], ("budget.limit", None)], 1)
    assert events(receiver, "hard", "/alerts?team=ops&only=limits") == {("budget.limit", None): 1}
    assert events(receiver, "soft", "/alerts?team=ops&only=limits") == {}


def assert_signed(hook: Told) -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    headers = hook.headers
    over = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + hook.body
    expected = base64.b64encode(hmac.new(key, over, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 120


def metric(gateway: Gateway, series: str) -> float:
    """The sum of what `/metrics` shows of it; series as it begins there."""
    page = httpx.get(f"{gateway.root}/metrics", trust_env=False).text
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(series))


def test_two_workers_tell_each_share_once_whatever_happens_to_them_and_to_redis(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer, webhooks: WebhookReceiver
) -> None:
    environment = {"REDIS_URL": valkey.url, "HOOK_SECRET": SECRET}
    gateway = start_gateway(configuration(upstreams, webhooks), workers=2, environment=environment)
    until("all to know of one another", lambda: spend(gateway, 1)[200] == 1, 10)
    until("the money to be gone", lambda: spend(gateway, 16)[200] == 0, 60)
    until(f"all alerts, not {len(webhooks.told)}", lambda: len(webhooks.told) >= 7, 30)
    until("all to be counted", lambda: metric(gateway, TOLD) >= 7, 30)
    for hook in webhooks.told:
        assert_signed(hook)

    os.kill(gateway.workers()[0], signal.SIGKILL)
    until("a new worker", lambda: len(gateway.workers()) == 2 and spend(gateway, 8)[429] == 8, 20)
    with valkey.client() as client:
        client.flushall()
    until("it to be counted again", lambda: spend(gateway, 8)[429] == 8, 20)
    assert_once(webhooks)
    assert metric(gateway, 'tidegate_alerts_total{budget="soft",kind="budget.share"}') == len(SHARES)
    assert metric(gateway, 'tidegate_alerts_total{budget="hard",kind="budget.limit"}') == 1
    assert metric(gateway, 'tidegate_limit_refusals_total{kind="budget",scope="total"}') > 10
    assert metric(gateway, 'tidegate_budget_share{budget="soft",whose="lab"') > 1
    gateway.wait_for_output("Budget soft of team lab has passed 50 %")
    assert gateway.output.count("Budget soft of team lab has passed 50 %") == 1
    assert SECRET not in gateway.output
    assert webhooks.url not in gateway.output


def test_a_restart_tells_what_was_not_told_and_nothing_else(
    start_gateway: StartGateway, upstreams: Upstreams, webhooks: WebhookReceiver
) -> None:
    """Without Redis too."""
    soft = {"soft": {"amount": AMOUNT, "period": "month", "hard": False}}
    gateway = start_gateway(configuration(upstreams, webhooks, budgets=soft), environment={"HOOK_SECRET": SECRET})
    webhooks.answers = [204, *[503] * 1000]
    until("all of it to be spent", lambda: spend(gateway, 8)[200] == 8 and metric(gateway, SHARE) >= 1, 60)
    until("a try that fails", lambda: len(webhooks.told) > 1, 20)
    gateway.stop()
    webhooks.answers = []
    del webhooks.told[1:]
    gateway.start()
    until("the rest to be told", lambda: len(webhooks.told) == 3, 20)
    assert spend(gateway, 1)[200] == 1
    assert events(webhooks, "soft") == dict.fromkeys(SHARES, 1)


def test_budgets_that_are_made_while_it_runs_are_told_of_too(
    start_gateway: StartGateway, upstreams: Upstreams, webhooks: WebhookReceiver
) -> None:
    """A key's own, and that of its team."""
    root = [{"name": "dev", "key": "${TIDEGATE_KEY}", "role": "admin"}]
    config = configuration(upstreams, webhooks, budgets={}, keys=root)
    gateway = start_gateway(config, environment={"HOOK_SECRET": SECRET})
    pocket = {"pocket": {"amount": "0.06", "period": "day", "hard": False, "alerts": [0.5]}}
    assert admin(gateway, "POST", "/teams", {"name": "lab", "budgets": pocket}).status_code == 201
    answer = admin(gateway, "POST", "/keys", {"name": "ann", "team": "lab", "budgets": pocket})
    assert answer.status_code == 201, answer.text
    for _ in range(3):
        assert post(gateway, ask(EASY, "away", max_tokens=30), key=answer.json()["key"]).status_code == 200
    until(f"both alerts, not {len(webhooks.told)}", lambda: len(webhooks.told) >= 2, 20)
    told = [hook.json["data"] for hook in webhooks.told]
    assert sorted((each["budget"], each["scope"], each["whose"]) for each in told) == [
        ("keys.ann.pocket", "key", "ann"),
        ("teams.lab.pocket", "team", "lab"),
    ]
    until("both to be shown", lambda: metric(gateway, 'tidegate_budget_share{budget="teams.lab.pocket"') > 0.5, 10)
