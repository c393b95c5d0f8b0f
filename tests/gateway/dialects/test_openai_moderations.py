"""If these fail, a client takes a text for harmless that was never looked at, or an SDK cannot read the verdict."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import ModerationCreateResponse

from gateway.dialects.openai_moderations import SCANNER, OpenAIModerations, _inputs_of
from gateway.wire.errors import BadRequest, NoDeployment, UpstreamFailed
from gateway.wire.http import Reply, Request
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, EASY, House, deployment, header
from tests.servers.upstream import Upstreams

IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}


async def ask(house: House, value: object, **fields: Any) -> Reply:
    body = json.dumps({"input": value, **fields}).encode()
    request = Request("POST", "/v1/moderations", {}, body, "req_1")
    return await OpenAIModerations().answer(request, house.pipeline, DEVELOPER)


async def results(house: House, value: object, **fields: Any) -> list[dict[str, Any]]:
    reply = await ask(house, value, **fields)
    assert reply.status == 200
    said = json.loads(reply.body)
    assert said["model"] == SCANNER
    ModerationCreateResponse.model_validate(said)  # strictly: every field that the SDK's types want
    found: list[dict[str, Any]] = said["results"]
    return found


async def test_a_harmless_text_is_not_flagged(house: House, upstreams: Upstreams) -> None:
    (result,) = await results(house, EASY, model="omni-moderation-latest")
    assert not result["flagged"]
    assert not any(result["categories"].values())
    assert set(result["category_scores"].values()) == {0.0}
    assert result["categories"].keys() == result["category_scores"].keys()
    assert result["categories"].keys() == result["category_applied_input_types"].keys()
    assert result["category_applied_input_types"]["violence"] == []  # it was not looked for
    assert upstreams.local.journal.raw == b""
    upstreams.assert_cloud_saw_nothing()


async def test_what_would_stay_at_home_is_flagged_by_type_and_the_text_not_repeated(house: House) -> None:
    reply = await ask(house, CARD)
    (result,) = json.loads(reply.body)["results"]
    assert result["flagged"]
    assert {name for name, value in result["categories"].items() if value} == {"sensitive", "sensitive/CREDIT_CARD"}
    assert 0.5 <= result["category_scores"]["sensitive/CREDIT_CARD"] == result["category_scores"]["sensitive"] <= 1
    assert b"4970" not in reply.body
    assert (header(reply, "x-request-id"), header(reply, "x-tidegate-zone")) == ("req_1", "local")


async def test_every_text_of_a_list_has_a_result_and_a_list_of_parts_one(house: House) -> None:
    assert [result["flagged"] for result in await results(house, [EASY, CARD, EASY])] == [False, True, False]
    (result,) = await results(house, [{"type": "text", "text": EASY}, {"type": "text", "text": CARD}])
    assert result["flagged"]


async def test_an_image_cannot_be_read_and_is_flagged_as_that(house: House) -> None:
    (result,) = await results(house, [{"type": "text", "text": EASY}, IMAGE])
    assert result["flagged"]
    assert {name for name, value in result["categories"].items() if value} == {"sensitive", "sensitive/unreadable"}


async def test_it_is_counted_as_a_request_and_as_no_models_answer(house: House) -> None:
    reply = await ask(house, CARD)
    assert reply.over is not None
    reply.over()
    assert house.counted("tidegate_requests_total", route="none", status="2xx") == 1
    assert house.counted("tidegate_answered_total") == 0
    assert house.records() == []


@pytest.mark.parametrize(
    ("value", "param"),
    [
        (None, "input"),
        (5, "input"),
        ({"text": "x"}, "input"),
        ([], "input"),
        (["x", 5], "input[1]"),
        ([1, 2], "input[0]"),
        ([["x"]], "input[0]"),
        (["x", {"type": "text", "text": "x"}], "input[1]"),
        ([{"type": "text", "text": "x"}, "x"], "input[1]"),
        ([{"type": "text"}], "input[0]"),
        ([{"type": "input_audio", "input_audio": {}}], "input[0]"),
        ([{"type": ["text"]}], "input[0]"),
    ],
)
async def test_what_is_wrong_is_named(house: House, value: object, param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        await ask(house, value)
    assert (caught.value.param, caught.value.status) == (param, 400)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "image_url"]), inner, max_size=3)
        | st.just({"type": "text", "text": "x"})
    ),
    max_leaves=8,
)


@given(values)
def test_any_json_is_read_or_a_bad_request(value: object) -> None:
    with contextlib.suppress(BadRequest):
        assert _inputs_of({"input": value})


@pytest.fixture
def moderating(open_house: OpenHouse, upstreams: Upstreams) -> House:
    here = deployment(upstreams.local, "local", price={"tokens": {"input": 0, "output": 0}})
    there = deployment(upstreams.cloud, "cloud")
    routes = {"guarded": {"moderations": ["there", "here"]}, "away": {"moderations": ["there"]}}
    return open_house(deployments={"here": here, "there": there}, routes=routes, keys=[])


async def test_a_route_with_deployments_for_it_asks_them(moderating: House, upstreams: Upstreams) -> None:
    reply = await ask(moderating, ["something bad", "fine"], model="guarded", metadata={"tags": "atlas"})
    assert moderating.intents()[0].tags == ("atlas",)
    assert [result["flagged"] for result in json.loads(reply.body)["results"]] == [True, False]
    assert header(reply, "x-tidegate-deployment") == "there"
    assert upstreams.cloud.journal.last.path == "/v1/moderations"
    assert moderating.settlements()[0].outcome == "ok"
    assert (await results(moderating, EASY))[0]["flagged"] is False  # no model named: the scanner
    assert (await results(moderating, EASY, model="other"))[0]["flagged"] is False


@pytest.mark.parametrize("value", [CARD, [EASY, CARD], [{"type": "text", "text": EASY}, IMAGE]])
async def test_under_the_clearance_of_what_is_to_be_judged(
    moderating: House, upstreams: Upstreams, value: object
) -> None:
    assert header(await ask(moderating, value, model="guarded"), "x-tidegate-deployment") == "here"
    with pytest.raises(NoDeployment):
        await ask(moderating, value, model="away")
    upstreams.assert_cloud_saw_nothing()


async def test_a_result_too_few_is_no_answer(moderating: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("short")
    with pytest.raises(UpstreamFailed):
        await ask(moderating, ["one", "two"], model="away")


def test_nobody_is_let_in_without_a_key() -> None:
    assert not OpenAIModerations().open_to_all
    assert OpenAIModerations().credential({b"authorization": b"Bearer x"}) == b"Bearer x"
