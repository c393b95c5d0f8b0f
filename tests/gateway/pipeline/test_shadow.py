"""If these fail, a client waits for learning, money is spent that nobody allowed, or content goes where it may not."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from gateway.accounting.record import Settlement
from gateway.pipeline.shadow import MOST_WAITING, Shadows, is_drawn
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, KEY, House, call, deployment, read
from tests.servers.upstream import Upstreams

SHADOW = {"judge": "judge", "share": 1, "budget": "1"}
LEARNS = {"learning": {"enabled": True}}
IBAN = "Is DE89 3704 0044 0532 0130 00 a valid IBAN?"


def evaluating(
    upstreams: Upstreams,
    judge: str = "prefer:cloud-model",
    *,
    zone: str = "cloud",
    route: dict[str, Any] | None = None,
    deployments: dict[str, Any] | None = None,
    **shadow: Any,
) -> dict[str, Any]:
    """Settings of a house in which everything is compared."""
    judging = upstreams.local if zone == "local" else upstreams.cloud
    here = {
        "small": deployment(upstreams.local, "local", price={"tokens": {"input": 0, "output": 0}}),
        "large": deployment(upstreams.cloud, "cloud"),
        "judge": deployment(judging, zone, model=f"judge!{judge}"),
        **(deployments or {}),
    }
    both = {"small": ["small"], "large": ["large"], "shadow": {**SHADOW, **shadow}, **LEARNS, **(route or {})}
    routes = {"auto": {**both, "prefer": "small"}, "cloud": {**both, "prefer": "large"}}
    return {"deployments": here, "routes": routes, "keys": [{"name": "dev", "key": KEY, "team": "lab"}]}


async def evaluated(house: House) -> None:
    while tasks := house.pipeline.shadows._tasks:
        await asyncio.wait(tuple(tasks))
    if (lessons := house.pipeline.parts.lessons) is not None:
        await lessons.notebook.flush()


def labels(house: House) -> list[tuple[str, float, float, float]]:
    """Request, weak, strong and weight of all labels."""
    engine = create_engine(f"sqlite:///{house.directory}/.tidegate/learning.db")
    with engine.connect() as connection:
        query = "SELECT request_id, weak, strong, weight FROM learning_labels WHERE source = 'shadow'"
        there_are = inspect(connection).has_table("learning_labels")
        rows = [tuple(row) for row in connection.execute(text(query))] if there_are else []
    engine.dispose()
    return rows


def spending(house: House) -> Decimal:
    engine = create_engine(f"sqlite:///{house.directory}/.tidegate/learning.db")
    with engine.connect() as connection:
        quanta = connection.execute(text("SELECT sum(amount) FROM learning_spending")).scalar_one()
    engine.dispose()
    return Decimal(quanta).scaleb(-12)


def result(house: House, name: str) -> float:
    return house.counted("tidegate_shadow_total", result=name)


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


# --- limits


async def test_a_budget_is_not_overrun(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """Held is what it can cost at the most: here too much for what is left."""
    house = open_house(**evaluating(upstreams, budget="0.000001"))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "budget") == 1
    assert len(house.settlements()) == 1
    upstreams.assert_cloud_saw_nothing()


async def test_what_has_no_price_fits_into_no_budget(open_house: OpenHouse, upstreams: Upstreams) -> None:
    judge = deployment(upstreams.cloud, "cloud", model="judge!letter:A", price=None)
    house = open_house(**evaluating(upstreams, deployments={"judge": judge}))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "budget") == 1


async def test_what_it_cost_is_not_known_so_it_cost_as_much_as_it_could(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**evaluating(upstreams, "reset"))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "failed") == 1
    known = sum(one.cost for one in house.settlements() if one.cost is not None)
    assert spending(house) > known


async def test_more_than_so_many_a_minute_are_dropped(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**evaluating(upstreams, max_per_minute=2))
    for _ in range(4):
        await house.ask(call())
        await evaluated(house)
    assert (result(house, "large"), result(house, "busy")) == (2, 2)


async def test_one_at_a_time_and_few_wait(open_house: OpenHouse, upstreams: Upstreams) -> None:
    patient = deployment(upstreams.cloud, "cloud", timeouts={})
    house = open_house(**evaluating(upstreams, max_per_minute=100, deployments={"large": patient}))
    upstreams.cloud.next("hold")
    for _ in range(MOST_WAITING + 3):
        await house.ask(call())
    assert result(house, "busy") == 3
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    assert len([one for one in house.intents() if one.role == "shadow"]) == 1
    upstreams.cloud.release()
    await evaluated(house)
    assert result(house, "large") == MOST_WAITING


async def test_at_the_end_it_is_cancelled_and_its_books_are_closed(open_house: OpenHouse, upstreams: Upstreams) -> None:
    held = deployment(upstreams.cloud, "cloud", model="cloud-model!hold", timeouts={})
    house = open_house(**evaluating(upstreams, deployments={"large": held}))
    for _ in range(3):
        await house.ask(call())
    await asyncio.to_thread(upstreams.cloud.journal.wait_for_requests, 1)
    shadows: Shadows = house.pipeline.shadows
    await shadows.close()
    ended: dict[str, Settlement] = {one.attempt_id: one for one in house.settlements()}
    assert {one.attempt_id for one in house.intents()} == ended.keys()
    assert [(one.intent.role, one.outcome) for one in ended.values() if one.intent.role != "answer"] == [
        ("shadow", "cancelled")
    ]
    assert result(house, "cancelled") == 3
    await house.ask(call())
    assert shadows._tasks == set()


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


async def test_no_more_is_shown_to_a_judge_than_money_is_held_for(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """A server that writes more than it was asked for, and does not count it."""
    wordy = deployment(upstreams.cloud, "cloud", model="cloud-model!long_line:5000")
    house = open_house(**evaluating(upstreams, deployments={"large": wordy}, max_tokens=100))
    await house.ask(call())
    await evaluated(house)
    assert result(house, "budget") == 1
    assert [one.intent.role for one in house.settlements()] == ["answer", "shadow"]


@pytest.mark.parametrize("wrong", [False, True])
async def test_a_second_sample_of_a_cascade_is_not_evaluated_besides(
    open_house: OpenHouse, upstreams: Upstreams, wrong: bool
) -> None:
    given = evaluating(upstreams, of=["small", "large"])
    route = {**given["routes"]["auto"], "prefer": "auto", "cascade": {"band": [0, 1], "samples": 2}}
    house = open_house(**{**given, "routes": {"auto": route}})
    said = "say:2 + 2 = 5." if wrong else "say:2 + 2 = 4."
    upstreams.local.next(said, said)
    await house.ask(call("What is two and two?"))
    await evaluated(house)
    ended = [one.intent.role for one in house.settlements()]
    assert ended.count("shadow") == 1
    attempts = [one.attempt_id for one in house.intents()]
    assert len(set(attempts)) == len(attempts)  # else the ledger takes two for one


async def test_a_second_sample_that_nobody_was_given_is_not_compared(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    settings = evaluating(upstreams, of=["small"])
    del settings["routes"]["auto"]["prefer"]
    settings["routes"]["auto"]["cascade"] = {"band": [0, 1], "samples": 2}
    house = open_house(**settings)
    reply = await house.ask(call())
    assert b"local-model says" in reply.body
    await evaluated(house)
    assert [one.intent.role for one in house.settlements()].count("judge") == 1
    assert result(house, "large") == 1
