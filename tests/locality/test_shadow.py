"""Shadow evaluation sends prompts and answers to more places than a client asked for: nothing planted reaches any that
may not see it, neither in a prompt nor in an answer; and the harmless twins are compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.harness.client import ask, post
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.wait import until
from tests.locality.cases import CASES, NOT_AGAIN, SENTENCE, Case, send
from tests.locality.plants import KINDS, plant
from tests.locality.test_random_requests import COUNT
from tests.locality.world import World, config, everywhere, started

PRICE = {"price": {"tokens": CLOUD_PRICE}}
SHADOW = {"share": 1, "of": ["small", "large"], "max_per_minute": 6000, "budget": 1_000_000}
PATIENCE = 30.0  # seconds: as much is evaluated as is asked, one after the other
QUESTION = "What is the capital of France?"
PLACED = re.compile(r'^tidegate_shadow_total\{result="(\w+)",route="[^"]*"\} ([0-9.e+]+)$', re.MULTILINE)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All routes for text are evaluated: some with a large model in Europe and a judge in the cloud, some the other way
    round, and what holds an account number may be seen in Europe only. `both` has both in the cloud."""
    with everywhere() as upstreams:
        home, europe, cloud, _ = upstreams
        base = json.loads(config(home, europe, cloud))
        afar = {"judge-cloud": (cloud, "cloud"), "judge-europe": (europe, "eu"), "large": (cloud, "cloud")}
        deployments: dict[str, Any] = {
            name: deployment(upstream, zone, "letter:A" if name.startswith("judge") else "", **PRICE)
            for name, (upstream, zone) in {**afar, "european": (europe, "eu")}.items()
        }
        routes = base["routes"]
        for number, route in enumerate(route for route in routes.values() if route.get("small") and route.get("large")):
            large, judge = ("european", "judge-cloud") if number % 2 else ("large", "judge-europe")
            shadow = {**SHADOW, "judge": judge, "both_orders": number % 3 == 0}
            route |= {"large": [large], "shadow": shadow, "learning": {"enabled": True}}
        shadow = {**SHADOW, "judge": "judge-cloud"}
        both = {"small": ["home-ok"], "large": ["large"], "shadow": shadow, "learning": {"enabled": True}}
        routes["both-small"] = {**both, "prefer": "small"}
        routes["both-large"] = {**both, "prefer": "large"}
        routes["judged-in-europe"] = {**routes["both-small"], "shadow": {**SHADOW, "judge": "judge-europe"}}
        directory = tmp_path_factory.mktemp("shadow")
        world = started(directory, upstreams, changes={"routes": routes}, more_deployments=deployments)
        try:
            yield world
            world.stop()
        finally:
            world.gateway.kill()


def results(world: World) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in PLACED.findall(world.metrics()):
        found[name] = found.get(name, 0) + float(value)
    return found


def quiet(world: World) -> dict[str, float]:
    """The results once nothing more comes of what was asked before: no attempt there takes as long as we look."""
    same, last = 0, results(world)

    def still() -> bool:
        nonlocal same, last
        now = results(world)
        same, last = same + 1 if now == last else 0, now
        return same >= 40

    until("an end of all evaluations", still, PATIENCE)
    return last


def settled(world: World, before: dict[str, float]) -> dict[str, float]:
    """Once there is one more result; which are more."""
    until("an evaluation", lambda: sum(results(world).values()) > sum(before.values()), PATIENCE)
    return {name: count - before.get(name, 0) for name, count in results(world).items() if count > before.get(name, 0)}


@given(case=CASES)
@settings(
    max_examples=COUNT,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_nothing_of_any_request_leaves(world: World, case: Case) -> None:
    world.haystack.add(case.plant.value, str(case))
    world.harmless.add_needles({case.plant.mark.encode()}, str(case))
    for words, form in ((case.plant.value, case.form), (case.plant.twin, case.twin_form)):
        with case.going_wrong(world):
            answer = send(world, case, case.request(words, form), **NOT_AGAIN)
        assert answer.status_code != 500


@pytest.mark.parametrize("route", ["both-small", "both-large"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_a_prompt_holds_is_not_compared(world: World, kind: str, route: str) -> None:
    planted = plant(kind, 2100)
    world.haystack.add(planted.value, f"{kind}, on a route that compares")
    before = quiet(world)
    assert post(world.gateway, ask(SENTENCE.format(planted.value), route), headers=NOT_AGAIN).status_code == 200
    assert settled(world, before) == {"forbidden": 1}


@pytest.mark.parametrize("route", ["both-small", "both-large"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_an_answer_given_at_home_holds_is_shown_to_no_judge(world: World, kind: str, route: str) -> None:
    """The question may go anywhere. At home something sensitive is said to it."""
    planted = plant(kind, 2200)
    world.haystack.add(planted.value, f"{kind}, in an answer")
    before = quiet(world)
    world.home.next(f"say:{SENTENCE.format(planted.value)}")
    assert post(world.gateway, ask(QUESTION, route), headers=NOT_AGAIN).status_code == 200
    assert settled(world, before) == {"forbidden": 1}


@pytest.mark.parametrize("route", ["both-small", "both-large", "judged-in-europe"])
def test_what_is_harmless_is_compared(world: World, route: str) -> None:
    """Or the tests before show nothing."""
    planted = plant("card", 2300 + len(route))
    world.harmless.add_needles({planted.mark.encode()}, "twin, compared")
    before = quiet(world)
    assert post(world.gateway, ask(SENTENCE.format(planted.twin), route), headers=NOT_AGAIN).status_code == 200
    (result,) = settled(world, before)
    assert result in ("small", "large")
    where = world.europe if route == "judged-in-europe" else world.cloud
    judged = [exchange.body for exchange in where.journal.exchanges if b"=== first answer" in exchange.body]
    assert planted.mark.encode() in judged[-1]


def test_in_the_end_nothing_got_out_and_something_was_judged(world: World) -> None:
    """Runs last in this file: of all that was asked before."""
    quiet(world)
    for upstream in (world.cloud, world.europe):
        assert any(b"=== first answer" in exchange.body for exchange in upstream.journal.exchanges), upstream.name
    world.assert_nothing_got_out()
    assert world.stumbles() == []
