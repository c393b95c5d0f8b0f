"""If these fail, a judge is shown what it may not see, or its words count for more than they are."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.learning.judge import Comparison
from gateway.pipeline.admit import admit
from gateway.pipeline.decide import decide
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.judging import JudgeForbidden, Judgement, judge
from gateway.wire.errors import UpstreamFailed
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, EASY, KEY, House, call, deployment
from tests.servers.upstream import Upstreams

SHOWN = Comparison(EASY, "local-model says yes.", "cloud-model says no.")


def with_judge(upstreams: Upstreams, said: str = "prefer:local-model", **more: Any) -> dict[str, Any]:
    deployments = {
        "small": deployment(upstreams.local, "local"),
        "large": deployment(upstreams.cloud, "cloud"),
        "judge": deployment(upstreams.cloud, "cloud", **{"model": f"judge!{said}", **more}),
    }
    routes = {"auto": {"small": ["small"], "large": ["large"]}}
    return {"deployments": deployments, "routes": routes, "keys": [{"name": "dev", "key": KEY, "team": "lab"}]}


async def judged(
    house: House,
    shown: Comparison = SHOWN,
    *,
    orders: tuple[bool, ...] = (True, False),
    headers: dict[str, str] | None = None,
) -> tuple[Judgement, Exchange]:
    parts = house.pipeline.parts
    exchange = admit(parts, call(headers=headers), DEVELOPER)
    await decide(parts, exchange)
    judgement = Judgement([], [])
    target = parts.targets["auto"]["judge"]
    await judge(parts, exchange, target, shown, orders=orders, code="bada", max_tokens=9, judgement=judgement)
    return judgement, exchange


async def test_each_order_is_shown_and_told_apart(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**with_judge(upstreams))
    judgement, exchange = await judged(house)
    assert judgement.verdicts == [("first", True), ("second", False)]
    assert judgement.scores == (1.0, 0.0, 1.0)
    assert [attempt.id for attempt in judgement.attempts] == ["req_1-1", "req_1-2"]
    assert exchange.attempts == 2
    first, second = (exchange.json()["messages"][1]["content"] for exchange in upstreams.cloud.journal.exchanges)
    assert first.index(SHOWN.first) < first.index(SHOWN.second)
    assert second.index(SHOWN.first) > second.index(SHOWN.second)


async def test_what_the_judge_is_asked_for(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**with_judge(upstreams))
    await judged(house, orders=(True,))
    body = upstreams.cloud.journal.last.json()
    assert (body["max_tokens"], body["temperature"], body["model"]) == (9, 0, "judge!prefer:local-model")
    assert body["response_format"]["json_schema"]["name"] == "verdict"
    assert body.keys() == {"model", "messages", "max_tokens", "temperature", "response_format"}
    (settlement,) = house.settlements()
    assert (settlement.intent.role, settlement.intent.reason) == ("judge", "judge")


async def test_after_an_unreadable_verdict_it_is_not_asked_again(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**with_judge(upstreams, "say:Both"))
    judgement, _ = await judged(house)
    assert (judgement.scores, len(judgement.attempts)) == (None, 1)


async def test_what_failed_half_way_has_no_scores_and_its_attempts(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**with_judge(upstreams))
    upstreams.cloud.next("letter:A", "garbage_json")
    parts = house.pipeline.parts
    exchange = admit(parts, call(), DEVELOPER)
    await decide(parts, exchange)
    judgement = Judgement([], [])
    with pytest.raises(UpstreamFailed):
        await judge(parts, exchange, parts.targets["auto"]["judge"], SHOWN, orders=(True, False), code="bada",
                    max_tokens=9, judgement=judgement)  # fmt: skip
    assert (len(judgement.verdicts), len(judgement.attempts), judgement.scores) == (1, 2, None)


@pytest.mark.parametrize(
    "shown", [SHOWN._replace(first=CARD), SHOWN._replace(second=CARD), SHOWN._replace(request=CARD)]
)
async def test_what_is_sensitive_in_any_part_is_not_shown_outside(
    open_house: OpenHouse, upstreams: Upstreams, shown: Comparison
) -> None:
    house = open_house(**with_judge(upstreams))
    with pytest.raises(JudgeForbidden):
        await judged(house, shown)
    upstreams.assert_cloud_saw_nothing()


async def test_the_requests_clearance_binds_what_is_shown(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """Though nothing in what is shown would keep it."""
    house = open_house(**with_judge(upstreams))
    with pytest.raises(JudgeForbidden):
        await judged(house, headers={"x-tidegate-locality": "local"})
    upstreams.assert_cloud_saw_nothing()


async def test_a_large_comparison_is_read_off_the_event_loop(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**with_judge(upstreams))
    judgement, _ = await judged(house, SHOWN._replace(request="We walked on along the river. " * 1000))
    assert judgement.scores == (1.0, 0.0, 1.0)
