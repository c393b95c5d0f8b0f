"""If these fail, a client waits for learning, money is spent that nobody allowed, or content goes where it may not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.pipeline.shadow import is_drawn
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, House, call, deployment, read
from tests.gateway.pipeline.shadows import IBAN, evaluated, evaluating, labels, result, spending
from tests.servers.upstream import Upstreams


async def test_the_large_model_answers_too_and_a_judge_compares(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams))
    reply = await house.ask(call())
    assert b"local-model says" in reply.body
    await evaluated(house)
    assert labels(house) == [("req_1", 0.0, 1.0, 0.5)]
    assert result(house, "large") == 1
    home = upstreams.local.journal.last.json()
    other, judging = (exchange.json() for exchange in upstreams.cloud.journal.exchanges)
    assert other["messages"] == home["messages"]
    assert (other["model"], "stream" in other) == ("cloud-model", False)
    material = judging["messages"][1]["content"]
    assert all(words in material for words in (EASY, "local-model says", "cloud-model says"))


async def test_every_call_is_in_the_books_with_its_role(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams))
    await house.ask(call())
    await evaluated(house)
    ended = house.settlements()
    assert [(one.intent.role, one.intent.deployment, one.outcome) for one in ended] == [
        ("answer", "small", "ok"),
        ("shadow", "large", "ok"),
        ("judge", "judge", "ok"),
    ]
    assert [one.attempt_id for one in ended] == ["req_1-1", "req_1-2", "req_1-3"]
    assert [one.attempt_id for one in house.intents()] == ["req_1-1", "req_1-2", "req_1-3"]
    assert [one.counterfactual for one in ended[1:]] == [Decimal(0)] * 2
    spent = [one.cost for one in ended]
    assert all(cost is not None and cost > 0 for cost in spent[1:])
    assert spending(house) == sum(cost or 0 for cost in spent)  # what was held beyond that was given back


async def test_a_stream_is_put_together_and_compared(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams, "prefer:local-model"))
    reply = await house.ask(call(stream=True))
    assert (await read(reply)).endswith(b"data: [DONE]\n\n")
    await evaluated(house)
    assert labels(house) == [("req_1", 1.0, 0.0, 0.5)]
    assert result(house, "small") == 1


async def test_what_the_large_model_answered_is_tried_at_home(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams, of=["large"]))
    await house.ask(call(model="auto"))
    assert house.pipeline.shadows._tasks == set()  # the small model's answers are not asked for
    await house.ask(call(model="cloud"))
    await evaluated(house)
    assert labels(house) == [("req_1", 0.0, 1.0, 0.5)]
    assert [one.intent.deployment for one in house.settlements() if one.intent.role == "shadow"] == ["small"]


@pytest.mark.parametrize(
    ("judge", "label", "name"),
    [
        ("prefer:local-model", (1.0, 0.0, 1.0), "small"),
        ("letter:C", (1.0, 1.0, 1.0), "tie"),
        ("letter:D", (0.0, 0.0, 1.0), "neither"),
        ("letter:A", (0.5, 0.5, 0.5), "disagreed"),
        ("letter:B", (0.5, 0.5, 0.5), "disagreed"),
    ],
)
async def test_in_both_orders_a_judge_that_likes_a_place_gives_itself_away(
    open_house: OpenHouse, upstreams: Upstreams, judge: str, label: tuple[float, float, float], name: str
) -> None:
    house = open_house(**evaluating(upstreams, judge, both_orders=True))
    await house.ask(call())
    await evaluated(house)
    assert labels(house) == [("req_1", *label)]
    assert result(house, name) == 1
    assert house.counted("tidegate_judge_verdicts_total", deployment="judge") == 2


@pytest.mark.parametrize(
    "said", ["say:A is better", "say:The first one.", 'say:{"verdict":"E"}', "say: ", "tool_calls"]
)
async def test_a_judge_that_does_not_keep_to_the_form_has_said_nothing(
    open_house: OpenHouse, upstreams: Upstreams, said: str
) -> None:
    house = open_house(**evaluating(upstreams, said, both_orders=True))
    await house.ask(call())
    await evaluated(house)
    assert (labels(house), result(house, "unreadable")) == ([], 1)
    assert house.counted("tidegate_judge_verdicts_total", verdict="unreadable") == 1  # and is not asked again


async def test_a_judge_without_schemas_is_asked_for_a_letter(open_house: OpenHouse, upstreams: Upstreams) -> None:
    plain = deployment(upstreams.cloud, "cloud", model="judge!letter:A", json_schema=False)
    house = open_house(**evaluating(upstreams, deployments={"judge": plain}))
    await house.ask(call())
    await evaluated(house)
    assert "response_format" not in upstreams.cloud.journal.last.json()
    assert len(labels(house)) == 1


# --- what is never evaluated


async def test_what_is_sensitive_is_not_even_where_all_is_at_home(open_house: OpenHouse, upstreams: Upstreams) -> None:
    large = deployment(upstreams.local, "local", model="local-large")
    house = open_house(**evaluating(upstreams, zone="local", deployments={"large": large}))
    await house.ask(call(CARD))
    await evaluated(house)
    assert result(house, "forbidden") == 1
    assert len(house.settlements()) == 1
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(("zone_of_large", "zone_of_judge"), [("eu", "cloud"), ("cloud", "eu")])
async def test_both_have_to_be_where_the_content_may_go(
    open_house: OpenHouse, upstreams: Upstreams, zone_of_large: str, zone_of_judge: str
) -> None:
    large = deployment(upstreams.cloud, zone_of_large)
    europe = {"policy": {"rules": [{"teams": ["lab"], "zones": ["eu", "local"]}, {"types": ["*"]}]}}
    house = open_house(**evaluating(upstreams, zone=zone_of_judge, deployments={"large": large}), **europe)
    await house.ask(call())
    await evaluated(house)
    assert result(house, "forbidden") == 1
    upstreams.assert_cloud_saw_nothing()


async def test_where_both_may_see_it_it_is_evaluated(open_house: OpenHouse, upstreams: Upstreams) -> None:
    large = deployment(upstreams.cloud, "eu")
    europe = {"locality": "eu+local"}
    house = open_house(**evaluating(upstreams, zone="eu", deployments={"large": large}, route=europe))
    await house.ask(call())
    await evaluated(house)
    assert len(labels(house)) == 1


async def test_what_the_caller_keeps_close_is_not(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams))
    await house.ask(call(headers={"x-tidegate-locality": "cloud+local"}))
    await evaluated(house)
    assert result(house, "forbidden") == 1
    upstreams.assert_cloud_saw_nothing()


async def test_an_answer_that_holds_something_sensitive_is_not_shown_to_a_judge_outside(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """The question was harmless; the answer given at home is not."""
    small = deployment(upstreams.local, "local", model=f"local-model!say:{CARD}")
    house = open_house(**evaluating(upstreams, deployments={"small": small}))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "forbidden") == 1
    assert b"4970" not in upstreams.cloud.journal.raw
    assert [one.intent.role for one in house.settlements()] == ["answer", "shadow"]


async def test_what_a_rule_sent_where_it_went_is_not(open_house: OpenHouse, upstreams: Upstreams) -> None:
    rule = {"rules": [{"name": "staff", "when": {"teams": ["lab"]}, "use": "small"}]}
    house = open_house(**evaluating(upstreams, route=rule))
    await house.ask(call())
    await evaluated(house)
    assert len(house.settlements()) == 1
    assert house.counted("tidegate_shadow_total") == 0


MASK = {"policy": {"rules": [{"types": ["IBAN"], "action": "mask"}, {"types": ["*"]}]}}


async def test_what_is_masked_is_not_compared_outside(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams), **MASK)
    await house.ask(call(IBAN))
    await evaluated(house)
    assert result(house, "forbidden") == 1
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("model", ["auto", "cloud"])
async def test_what_is_masked_is_compared_by_a_judge_at_home(
    open_house: OpenHouse, upstreams: Upstreams, model: str
) -> None:
    """The other deployment gets what the guard gives out, and its answer is compared with its values in it."""
    echoing = deployment(upstreams.cloud, "cloud", model="cloud-model!echo")
    house = open_house(
        **evaluating(upstreams, "letter:A", zone="local", of=["small", "large"], deployments={"large": echoing}), **MASK
    )
    await house.ask(call(IBAN, model))
    await evaluated(house)
    assert b"0532" not in upstreams.cloud.journal.raw
    assert b"<IBAN_1>" in upstreams.cloud.journal.raw
    assert len(labels(house)) == 1
    judging = next(e for e in upstreams.local.journal.exchanges if e.json()["model"].startswith("judge"))
    material = judging.json()["messages"][1]["content"]
    assert material.count("DE89 3704 0044 0532 0130 00") == 2  # in the request, and in what was echoed
    assert "<IBAN_1>" not in material


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://a.b/c.png"}}]}]},
        {"messages": [{"role": "user", "content": EASY}, {"role": "tool", "tool_call_id": "1", "content": "4"}]},
        {"n": 2},
        {"logprobs": True},
        {"x_upstream": {"local-model": "finish:length"}},
        {"x_upstream": {"local-model": "refusal"}},
        {"x_upstream": {"local-model": "text:2000"}},
    ],
)
async def test_what_no_judge_can_compare_is_left_out(
    open_house: OpenHouse, upstreams: Upstreams, more: dict[str, Any]
) -> None:
    house = open_house(**evaluating(upstreams, route={"unreadable": {"image": "any"}}))
    await house.ask(call(**more))
    await evaluated(house)
    assert result(house, "skipped") == 1
    upstreams.assert_cloud_saw_nothing()


async def test_what_the_first_of_the_other_class_does_not_say_is_not_said_by_another(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """A label is about two deployments: the one that answered, and the first of the other class."""
    second = {"second": deployment(upstreams.local, "local", model="second")}
    route = {"small": ["small", "second"]}
    house = open_house(**evaluating(upstreams, of=["large"], deployments=second, route=route))
    fleet = house.pipeline.parts.fleet
    while fleet.view()["small"].up:
        fleet.failed("small")
    await house.ask(call(model="cloud"))
    await evaluated(house)
    assert result(house, "skipped") == 1
    assert upstreams.local.journal.exchanges == ()


async def test_an_answer_from_the_cache_is_no_answer_to_compare(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams), cache={"enabled": True})
    for _ in range(2):
        await house.ask(call())
        await house.pipeline.parts.background.drained()
        await evaluated(house)
    assert len(labels(house)) == 1
    assert [one.outcome for one in house.settlements()].count("hit") == 1


async def test_a_route_that_does_not_say_so_compares_nothing(house: House, upstreams: Upstreams) -> None:
    await house.ask(call())
    assert house.pipeline.shadows._tasks == set()
    upstreams.assert_cloud_saw_nothing()


def test_the_draw_is_the_requests_own_and_as_large_as_it_should_be() -> None:
    ids = [f"req_{number:032x}" for number in range(20_000)]
    drawn = [name for name in ids if is_drawn(name, 0.02)]
    assert drawn == [name for name in ids if is_drawn(name, 0.02)]
    assert 320 <= len(drawn) <= 480  # four standard deviations
    assert set(drawn) <= {name for name in ids if is_drawn(name, 0.1)}
    assert all(is_drawn(name, 1) for name in ids)
