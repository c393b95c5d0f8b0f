"""If these fail, a prompt of a file goes where it may not, or is said to have cost something else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.pipeline.labelling import Bill, Costs, Kept, Labelling, Unlike, label
from gateway.wire.errors import UpstreamFailed, UpstreamRefused
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, KEY, House, call, deployment
from tests.servers.upstream import Upstreams


def with_judge(upstreams: Upstreams, said: str = "prefer:local-model", **more: Any) -> dict[str, Any]:
    deployments = {
        "small": deployment(upstreams.local, "local", price={"tokens": {"input": 1, "output": 1}}),
        "large": deployment(upstreams.cloud, "cloud"),
        "judge": deployment(upstreams.cloud, "cloud", model=f"judge!{said}"),
    }
    routes = {"auto": {"small": ["small"], "large": ["large"]}}
    return {"deployments": deployments, "routes": routes, "keys": [{"name": "dev", "key": KEY, "team": "lab"}], **more}


def labelling(house: House, *, judge: bool = True, both_orders: bool = True) -> Labelling:
    targets = house.pipeline.parts.targets["auto"]
    return Labelling(targets["small"], targets["large"], targets["judge"] if judge else None, both_orders, 50, 9)


async def labelled(
    house: House, bill: Bill, text: str = "Yes or no?", answer: str | None = None, *, judge: bool = True, **more: Any
) -> tuple[float, float, float]:
    how = labelling(house, judge=judge)
    parts = house.pipeline.parts
    return await label(parts, call(text, **more), DEVELOPER, how, answer=answer, code="bada", bill=bill)


async def test_both_answer_and_the_judge_compares(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house, bill = open_house(**with_judge(upstreams)), Bill()
    assert await labelled(house, bill) == (1.0, 0.0, 1.0)
    ended = {one.attempt_id: one for one in house.settlements()}
    assert [ended[name].intent.role for name in sorted(ended)] == ["shadow", "shadow", "judge", "judge"]
    cost = {name: one.cost or Decimal(0) for name, one in ended.items()}
    assert bill.costs == Costs(cost["req_1-1"], cost["req_1-2"], cost["req_1-3"] + cost["req_1-4"])
    assert bill.total == sum(cost.values())
    assert upstreams.local.journal.last.json()["max_tokens"] == 50
    assert upstreams.local.journal.last.json()["model"] == "local-model"


async def test_a_right_answer_needs_no_judge(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house, bill = open_house(**with_judge(upstreams)), Bill()
    upstreams.local.always("say:It is 5.")
    assert await labelled(house, bill, answer="5", judge=False) == (1.0, 0.0, 1.0)
    assert bill.costs.judge == 0


async def test_what_the_policy_keeps_is_put_to_nobody(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house, bill = open_house(**with_judge(upstreams)), Bill()
    with pytest.raises(Kept):
        await labelled(house, bill, CARD)
    assert (house.settlements(), bill.costs) == ([], Costs(Decimal(0), Decimal(0), Decimal(0)))
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("action", ["block", "mask"])
async def test_what_is_blocked_or_masked_is_kept_too(open_house: OpenHouse, upstreams: Upstreams, action: str) -> None:
    rules = {"rules": [{"types": ["*"], "action": action}]}
    house = open_house(**with_judge(upstreams, policy=rules))
    with pytest.raises(Kept):
        await labelled(house, Bill(), CARD)
    upstreams.assert_cloud_saw_nothing()
    assert upstreams.local.journal.exchanges == ()


async def test_what_both_have_cost_is_known_though_one_failed(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house, bill = open_house(**with_judge(upstreams)), Bill()
    upstreams.local.always("status:500")
    with pytest.raises(UpstreamRefused):
        await labelled(house, bill)
    strong = bill.costs.strong
    assert strong is not None
    assert strong > 0
    assert (bill.costs.weak, bill.total) == (Decimal(0), strong)


async def test_what_one_has_cost_may_not_be_known(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house, bill = open_house(**with_judge(upstreams)), Bill()
    upstreams.local.always("garbage_json")
    with pytest.raises(UpstreamFailed):
        await labelled(house, bill)
    assert (bill.costs.weak, bill.total) == (None, None)


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("finish:length", {}),
        ("refusal", {}),
        ("ok", {"tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}]}),
    ],
)
async def test_what_cannot_be_compared_is_said(
    open_house: OpenHouse, upstreams: Upstreams, said: str, more: dict[str, Any]
) -> None:
    house = open_house(**with_judge(upstreams))
    upstreams.local.always(said)
    with pytest.raises(Unlike):
        await labelled(house, Bill(), **more)


async def test_a_judge_without_a_verdict_gives_no_scores(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house, bill = open_house(**with_judge(upstreams, "say:Hm")), Bill()
    with pytest.raises(Unlike):
        await labelled(house, bill)
    judged = bill.costs.judge
    assert judged is not None
    assert judged > 0


async def test_no_prompt_costs_more_than_the_most(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house, bill = open_house(**with_judge(upstreams)), Bill()
    one = call("Yes or no?")
    bound = labelling(house).most(house.pipeline.parts, one.body, judged=True)
    without = labelling(house).most(house.pipeline.parts, one.body, judged=False)
    once = labelling(house, both_orders=False).most(house.pipeline.parts, one.body, judged=True)
    assert bound is not None
    assert without is not None
    assert once is not None
    assert without < once < bound
    await labelled(house, bill)
    assert bill.total is not None
    assert bill.total < bound
