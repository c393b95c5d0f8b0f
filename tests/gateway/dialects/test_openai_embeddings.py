"""If these fail, vectors are another text's, another model's or too short, or a text left the house for them."""

from __future__ import annotations

import base64
import contextlib
import json
import struct
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.openai_embeddings import OpenAIEmbeddings, call_of
from gateway.wire.call import Call
from gateway.wire.errors import BadRequest, BudgetSpent, NoDeployment, UpstreamFailed
from gateway.wire.http import Reply, Request
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, DEVELOPER, House, deployment, header
from tests.harness.configs import CLOUD_PRICE
from tests.servers.upstream import Upstreams

PRICE = {"tokens": {"input": "0.02", "output": 0}}


def request(headers: Mapping[str, str] | None = None, **fields: Any) -> Request:
    body = {"model": "both", "input": "Hello there", **fields}
    raw = {name.encode(): value.encode() for name, value in (headers or {}).items()}
    return Request("POST", "/v1/embeddings", raw, json.dumps(body).encode(), "req_1")


async def ask(house: House, headers: Mapping[str, str] | None = None, **fields: Any) -> Reply:
    return await OpenAIEmbeddings().answer(request(headers, **fields), house.pipeline, DEVELOPER)


def vectors(reply: Reply) -> list[list[float]]:
    found = []
    for item in json.loads(reply.body)["data"]:
        vector = item["embedding"]
        if isinstance(vector, str):
            packed = base64.b64decode(vector)
            vector = list(struct.unpack(f"<{len(packed) // 4}f", packed))
        found.append(vector)
    return found


@pytest.fixture
def embedding(open_house: OpenHouse, upstreams: Upstreams) -> House:
    """The same model at home and outside; the one outside is preferred."""
    return open_house(
        deployments={
            "here": deployment(upstreams.local, "local", model="bge-m3", price={"tokens": {"input": 0, "output": 0}}),
            "there": deployment(upstreams.cloud, "cloud", model="bge-m3", price=PRICE),
            "chat": deployment(upstreams.cloud, "cloud", price={"tokens": CLOUD_PRICE}),
        },
        routes={
            "both": {"embeddings": ["there", "here"], "large": ["chat"]},
            "away": {"embeddings": ["there"]},
            "homely": {"embeddings": ["here", "there"]},
        },
        keys=[],
        cache={"enabled": True},
    )


def test_a_request_becomes_a_call_with_nothing_taken_out() -> None:
    fields = {"encoding_format": "base64", "dimensions": 4, "user": "u", "anything": [None]}
    found = call_of(request({"x-tidegate-locality": "local", "cache-control": "no-store"}, **fields))
    assert found.body == {"model": "both", "input": "Hello there", **fields}
    assert (found.route, found.request_id, found.endpoint.path) == ("both", "req_1", "/embeddings")
    assert (found.localities, found.cache_control, found.streamed) == (("local",), "no-store", False)


@pytest.mark.parametrize(
    ("value", "count", "tokens"),
    [("x", 1, 0), (["x", "y"], 2, 0), ([1, 2, 3], 1, 3), ([[1, 2], [3]], 2, 3), (["x"] * 2048, 2048, 0)],
)
def test_it_is_known_how_many_vectors_there_must_be(value: object, count: int, tokens: int) -> None:
    found = call_of(request(input=value))
    assert (found.choices, found.tokens) == (count, tokens)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": ""}, "model"),
        ({"input": None}, "input"),
        ({"input": 5}, "input"),
        ({"input": []}, "input"),
        ({"input": [{"type": "text"}]}, "input[0]"),
        ({"input": ["x", None]}, "input[1]"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"encoding_format": ["float"]}, "encoding_format"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": "4"}, "dimensions"),
        ({"dimensions": True}, "dimensions"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as caught:
        call_of(request(**fields))
    assert (caught.value.param, caught.value.status) == (param, 400)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(values | st.dictionaries(st.sampled_from(["model", "input", "encoding_format", "dimensions"]), values))
def test_any_json_is_a_call_or_a_bad_request(body: object) -> None:
    with contextlib.suppress(BadRequest):
        assert isinstance(call_of(Request("POST", "/", {}, json.dumps(body).encode(), "r")), Call)


@pytest.mark.parametrize("fields", [{}, {"encoding_format": "float"}, {"encoding_format": "base64"}])
async def test_an_answer_passes_as_it_came_with_its_receipt_and_its_cost(
    embedding: House, upstreams: Upstreams, fields: dict[str, Any]
) -> None:
    reply = await ask(embedding, input=["one", "and two"], dimensions=4, **fields)
    said = json.loads(reply.body)
    assert isinstance(said["data"][0]["embedding"], str if fields.get("encoding_format") == "base64" else list)
    assert [len(vector) for vector in vectors(reply)] == [4, 4]
    asked = upstreams.cloud.journal.last
    assert (asked.path, asked.json()["model"], asked.json()["dimensions"]) == ("/v1/embeddings", "bge-m3", 4)
    (settlement,) = embedding.settlements()
    assert settlement.usage is not None
    assert (settlement.usage.prompt_tokens, settlement.usage.completion_tokens) == (3, 0)
    assert settlement.cost == settlement.counterfactual == Decimal("0.00000006")
    assert header(reply, "x-tidegate-cost-usd") == "0.00000006"
    assert header(reply, "x-tidegate-reason") == "embeddings"


@pytest.mark.parametrize("value", ["one", ["one", "two words"], [1, 2, 3], [[1, 2], [3]]])
async def test_base64_is_made_of_numbers_where_a_server_knows_no_better(
    embedding: House, upstreams: Upstreams, value: object
) -> None:
    """Else the SDKs take the list for base64 and decode it to a vector of a quarter the length."""
    numbers = await ask(embedding, model="homely", input=value)
    upstreams.local.next("floats")
    packed = await ask(embedding, model="homely", input=value, encoding_format="base64")
    assert upstreams.local.journal.last.json()["encoding_format"] == "base64"
    assert all(isinstance(item["embedding"], str) for item in json.loads(packed.body)["data"])
    assert vectors(packed) == vectors(numbers)


async def test_a_vector_too_few_is_no_answer(embedding: House, upstreams: Upstreams) -> None:
    upstreams.local.next("short")
    reply = await ask(embedding, model="homely", input=["one", "two"])
    assert header(reply, "x-tidegate-deployment") == "there"
    upstreams.cloud.next("short")
    with pytest.raises(UpstreamFailed):
        await ask(embedding, model="away", input=["three", "four"])


async def test_where_the_first_is_down_the_next_embeds(embedding: House, upstreams: Upstreams) -> None:
    upstreams.cloud.next("status:500")
    assert header(await ask(embedding), "x-tidegate-deployment") == "here"
    settlement = embedding.settlements()[-1]
    assert (settlement.cost, settlement.counterfactual) == (Decimal(0), Decimal("0.00000004"))


@pytest.mark.parametrize(
    "fields",
    [
        {"input": CARD},
        {"input": ["Hello", CARD]},
        {"user": "4970 1000 0000 0154"},
        {"unknown": {"deep": [CARD]}},
        {"input": [4970, 1000]},
        {"input": [[4970], [1000]]},
    ],
)
async def test_what_is_sensitive_or_cannot_be_read_stays(
    embedding: House, upstreams: Upstreams, fields: dict[str, Any]
) -> None:
    assert header(await ask(embedding, **fields), "x-tidegate-deployment") == "here"
    with pytest.raises(NoDeployment):
        await ask(embedding, model="away", **fields)
    upstreams.local.always("status:500")
    with pytest.raises(NoDeployment):
        await ask(embedding, headers={"cache-control": "no-cache"}, **fields)
    upstreams.assert_cloud_saw_nothing()


async def test_a_callers_label_keeps_it_at_home(embedding: House, upstreams: Upstreams) -> None:
    reply = await ask(embedding, headers={"x-tidegate-locality": "local"})
    assert header(reply, "x-tidegate-deployment") == "here"
    upstreams.assert_cloud_saw_nothing()


async def test_the_same_text_again_is_not_embedded_again(embedding: House, upstreams: Upstreams) -> None:
    first = await ask(embedding, encoding_format="base64")
    await embedding.pipeline.parts.background.drained()
    again = await ask(embedding, encoding_format="base64")
    assert again.body == first.body
    assert header(again, "x-tidegate-cache") == "hit"
    assert header(await ask(embedding), "x-tidegate-cache") == "miss"  # as numbers it is another answer
    assert len(upstreams.cloud.journal.exchanges) == 2
    hit = embedding.settlements()[1]
    assert (hit.outcome, hit.cost, hit.counterfactual) == ("hit", Decimal(0), Decimal("0.00000004"))


async def test_usage_that_nobody_counted_is_estimated(embedding: House, upstreams: Upstreams) -> None:
    upstreams.local.next("usage_missing", "usage_missing")
    await ask(embedding, model="homely", input="x" * 40)
    await ask(embedding, model="homely", input=[7] * 50)
    first, second = (settlement.usage for settlement in embedding.settlements())
    assert first is not None
    assert second is not None
    assert first.estimated
    assert first.prompt_tokens >= 10
    assert second.prompt_tokens >= 50
    assert second.completion_tokens == 0


def test_nobody_is_let_in_without_a_key() -> None:
    assert not OpenAIEmbeddings().open_to_all
    assert OpenAIEmbeddings().credential({b"authorization": b"Bearer x"}) == b"Bearer x"


async def test_a_budget_of_a_tag_is_for_vectors_too(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(
        deployments={"there": deployment(upstreams.cloud, "cloud", model="bge-m3", price=PRICE)},
        routes={"away": {"embeddings": ["there"]}},
        keys=[],
        budgets={"atlas": {"amount": 0, "period": "day", "tag": "atlas"}},
    )
    with pytest.raises(BudgetSpent):
        await ask(house, {"x-tidegate-tags": "atlas"}, model="away")
    await ask(house, model="away")
    assert [line.tags for line in house.intents()] == [()]
