"""The router learns: feedback in the store, `tidegate learn`, and the running gateway sends a prompt elsewhere."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from gateway.cli.learn import NOT_PROMOTED
from tests.e2e.test_feedback import ROUTE
from tests.harness.client import ask, post
from tests.harness.configs import standard
from tests.harness.gateway import Gateway
from tests.harness.lessons import teach
from tests.harness.wait import until
from tests.router.difficulty.relearning.traffic import requests
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams

LEARNING = "auto:  {small: [small], large: [large], learning: {enabled: true}}"
CONTRACT = "Tell me which lawyer fits a contract or clause."
ANEW = {"cache-control": "no-cache, no-store"}


def answer(gateway: Gateway) -> Any:
    return post(gateway, ask(CONTRACT), headers=ANEW).headers


@pytest.fixture
def learner(start_gateway: StartGateway, upstreams: Upstreams) -> Gateway:
    text = standard(upstreams.local, upstreams.cloud)
    assert ROUTE in text
    return start_gateway(text.replace(ROUTE, LEARNING))


def test_feedback_changes_where_a_prompt_goes_and_a_rollback_brings_it_back(learner: Gateway) -> None:
    before = answer(learner)
    assert before["x-tidegate-deployment"] == "small"
    teach(f"sqlite:///{learner.directory}/.tidegate/learning.db", requests(500, 1), ended=time.time() - 60)
    stop, failures = threading.Event(), []

    def asking() -> None:
        while not stop.is_set():
            status = post(learner, ask(CONTRACT), headers=ANEW).status_code
            if status != 200:
                failures.append(status)

    other = threading.Thread(target=asking)
    other.start()
    try:
        assert "promoted" in learner.run("learn")
        until("the new head to serve", lambda: answer(learner)["x-tidegate-deployment"] == "large", 20)
        after = answer(learner)
        assert float(after["x-tidegate-difficulty"]) > float(before["x-tidegate-difficulty"]) + 0.1
        assert learner.run("learn", "--rollback", "small") == "small: the shipped head serves again\n"
        until("the old head to serve", lambda: answer(learner)["x-tidegate-deployment"] == "small", 20)
    finally:
        stop.set()
        other.join()
    assert failures == []
    assert answer(learner)["x-tidegate-difficulty"] == before["x-tidegate-difficulty"]


def test_poisoned_feedback_changes_nothing(learner: Gateway) -> None:
    before = answer(learner)
    url = f"sqlite:///{learner.directory}/.tidegate/learning.db"
    teach(url, requests(500, 1), ended=time.time() - 60, turned=True)
    ended = learner.ended("learn")
    assert ended.returncode == NOT_PROMOTED, ended.stderr
    until("the challenger to be noticed", lambda: "heads of difficulty have changed" in learner.output)
    assert answer(learner)["x-tidegate-difficulty"] == before["x-tidegate-difficulty"]
