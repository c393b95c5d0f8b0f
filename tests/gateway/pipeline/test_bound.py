"""If these fail, an attempt costs more than was held for it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.accounting.entry import Window
from gateway.accounting.tariff import Rates, Tariff
from gateway.dialects import openai_completions, openai_embeddings
from gateway.pipeline.admit import admit
from gateway.pipeline.bound import (
    ANSWER_TOKENS,
    FILE_TOKENS,
    FOUND_TOKENS,
    FRAME_TOKENS,
    LIKELY_TOKENS,
    LONGEST_ANSWER,
    PICTURE_TOKENS,
    SEARCHES,
    TOOLS_TOKENS,
    Bound,
    bound_of,
    named_limit,
    searches_of,
    tier_of,
    writing,
)
from gateway.pipeline.decide import decide
from gateway.wire.call import Call
from gateway.wire.endpoint import EMBEDDINGS
from gateway.wire.http import Request
from tests.gateway.house import DEVELOPER, House, call

UNKNOWN = Window()
PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
FILE = {"type": "file", "file": {"file_id": "file-1"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}}


def request(path: str, **more: Any) -> Request:
    return Request("POST", path, {}, json.dumps({"model": "auto", **more}).encode(), "req_1")


def completion(**more: Any) -> Call:
    return openai_completions.call_of(request("/v1/completions", **{"prompt": "Hi", **more}))


async def bound(
    house: House, asked: Call, size: int = 100, window: Window = UNKNOWN, longest: int | None = None
) -> Bound:
    exchange = admit(house.pipeline.parts, asked, DEVELOPER)
    if asked.endpoint is not EMBEDDINGS:
        await decide(house.pipeline.parts, exchange)
    return bound_of(exchange, size, window, longest)


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 6}, 6),
        ({"max_tokens": 5, "max_completion_tokens": 6}, 6),  # servers differ in which they heed
        ({"max_tokens": 5, "n": 3}, 15),
        ({"max_tokens": 0}, ANSWER_TOKENS),  # to some it means: without end
        ({"max_tokens": -1}, ANSWER_TOKENS),
        ({"max_tokens": "5"}, ANSWER_TOKENS),
        ({"max_tokens": True}, ANSWER_TOKENS),
        ({"max_tokens": 5.0}, ANSWER_TOKENS),
        ({"max_completion_tokens": 99_999.5}, 100_000),  # which some servers take for the number that it is
        ({"max_tokens": "100000"}, 100_000),
        ({"max_tokens": "9" * 5000}, ANSWER_TOKENS),
        ({"max_tokens": 2**64 - 1}, LONGEST_ANSWER),  # its money would be more than any store can count
        ({"max_tokens": 1e300}, LONGEST_ANSWER),
        ({"max_tokens": 5, "prediction": {"type": "content", "content": "Hi"}}, 105),
        ({"max_tokens": None, "n": 2}, 2 * ANSWER_TOKENS),
    ],
)
async def test_the_longest_answer_of_a_chat(house: House, more: dict[str, Any], answer: int) -> None:
    assert (await bound(house, call(**more))).answer == answer


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ({"max_tokens": 5}, 5),
        ({"max_tokens": 5, "n": 2, "best_of": 4}, 20),
        ({"max_tokens": 5, "prompt": ["a", "b"], "n": 2}, 20),
    ],
)
async def test_the_longest_answer_of_a_completion(house: House, more: dict[str, Any], answer: int) -> None:
    assert bound_of(admit(house.pipeline.parts, completion(**more), DEVELOPER), 9, UNKNOWN, None).answer == answer


async def test_a_token_is_at_least_a_byte_and_a_model_takes_no_more_than_its_window(house: House) -> None:
    assert await bound(house, call(max_tokens=7), 100) == Bound(356, 7, 363, False)
    assert await bound(house, call(max_tokens=7000), 100_000, Window(8000, 4000)) == Bound(8000, 4000, 12_000, False)
    assert (await bound(house, call(), 100, Window(None, 4000))).answer == 4000


async def test_what_a_server_puts_around_a_prompt_is_held_too(house: House) -> None:
    assert (await bound(house, call(), 100)).prompt == 100 + FRAME_TOKENS
    tool = {"type": "function", "function": {"name": "f"}}
    assert (await bound(house, call(tools=[tool]), 100)).prompt == 100 + TOOLS_TOKENS


async def test_of_answers_that_nobody_bounds_the_money_is_held_in_full_and_of_limits_what_is_likely(
    house: House,
) -> None:
    found = await bound(house, call(n=2), 100)
    assert (found.answer, found.tokens) == (2 * ANSWER_TOKENS, 356 + 2 * LIKELY_TOKENS)
    assert (await bound(house, call(), 100, Window(None, 50))).tokens == 406


async def test_pictures_files_and_sound(house: House) -> None:
    content = [{"type": "text", "text": "Hi"}, PICTURE, PICTURE, FILE, SOUND]
    asked = call()
    asked.body["messages"] = [{"role": "user", "content": content}]
    found = await bound(house, asked, 100)
    assert found.prompt == 356 + 2 * PICTURE_TOKENS + 2 * FILE_TOKENS
    assert found.sound
    assert (await bound(house, call(modalities=["text", "audio"]), 100)).sound


async def test_vectors_have_no_answer_in_tokens(house: House) -> None:
    asked = call(model="embed")
    asked.endpoint = EMBEDDINGS
    assert await bound(house, asked, 100) == Bound(356, 0, 356, False)


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        (openai_embeddings.call_of(request("/v1/embeddings", input=["a", "b", "c"])), 3),
        (openai_embeddings.call_of(request("/v1/embeddings", input="a")), 1),
        (completion(prompt=["a", "b"], n=4), 2),
        (completion(n=4, best_of=8), 1),
        (call(n=4), 1),
    ],
)
async def test_the_window_is_that_of_each_text_that_a_model_reads_by_itself(
    house: House, asked: Call, texts: int
) -> None:
    exchange = admit(house.pipeline.parts, call(), DEVELOPER)
    exchange.call = asked
    assert bound_of(exchange, 1_000_000, Window(8000, 1), None).prompt == texts * 8000


async def test_what_a_search_finds_is_billed_as_prompt(house: House) -> None:
    asked = call(web_search_options={})
    assert (await bound(house, asked, 100)).prompt == 356 + SEARCHES * FOUND_TOKENS
    assert (await bound(house, asked, 100, Window(128_000, None))).prompt == 128_000


@pytest.mark.parametrize("odd", [100_000.0, "100000", -1])
async def test_no_other_limit_stands_beside_the_routes(house: House, odd: object) -> None:
    """A server that reads a number out of it would heed that."""
    target = house.pipeline.parts.targets["auto"]["small"]
    for name in ("max_tokens", "max_completion_tokens"):
        asked = call()
        asked.body[name] = odd
        sent = json.loads(writing(asked, target, 77, None)[0](asked.body))
        assert (sent["max_tokens"], sent.get("max_completion_tokens", 77)) == (77, 77)
    asked = call(max_completion_tokens=None)
    assert json.loads(writing(asked, target, 77, None)[0](asked.body))["max_completion_tokens"] is None


async def test_the_routes_bound_stands_in_the_body_where_the_client_names_none(house: House) -> None:
    target = house.pipeline.parts.targets["auto"]["small"]
    asked = call()
    written, longest = writing(asked, target, 77, {"logprobs": True})
    sent = json.loads(written(asked.body))
    assert (sent["max_tokens"], sent["logprobs"], longest) == (77, True, 77)
    assert (await bound(house, asked, 100, longest=longest)).answer == 77
    for own in (call(max_tokens=200), call(max_completion_tokens=200)):
        written, longest = writing(own, target, 77, None)
        assert longest is None
        assert json.loads(written(own.body)).get("max_tokens") == own.body.get("max_tokens")
    assert named_limit(completion(max_completion_tokens=9)) is None  # no word of that endpoint
    assert json.loads(writing(completion(), target, 77, None)[0](completion().body))["max_tokens"] == 77


def tariff(dollars: str, **services: Tariff) -> Tariff:
    return Tariff(Rates(Decimal(dollars), Decimal(dollars)), services=services)


TIERED = tariff("0.001", priority=tariff("0.002"), flex=tariff("0.0005"))


@pytest.mark.parametrize(
    ("asked", "dollars"),
    [
        (None, "0.2"),  # whatever the account stands at
        ("auto", "0.2"),
        ("default", "0.1"),
        ("priority", "0.2"),
        ("flex", "0.1"),  # it may be given the usual one all the same
        ("cheapest", None),
        (7, "0.2"),
    ],
)
def test_a_service_tier_is_held_at_the_dearest_it_can_turn_out_to_be(asked: object, dollars: str | None) -> None:
    more: dict[str, Any] = {} if asked is None else {"service_tier": asked}
    most = TIERED.most(60, 40, tier=tier_of(call(**more)))
    assert most == (None if dollars is None else Decimal(dollars))


@pytest.mark.parametrize(
    ("more", "searches"),
    [
        ({}, 0),
        ({"web_search_options": {}}, SEARCHES),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, SEARCHES),
        ({"tools": [{"type": "function", "function": {"name": "search"}}]}, 0),
        ({"tools": [7]}, 0),
    ],
)
def test_searches_of_the_providers_are_paid_for_too(more: dict[str, Any], searches: int) -> None:
    assert searches_of(call(**more)) == searches


def test_the_page_says_what_is_assumed() -> None:
    page = (Path(__file__).parents[3] / "docs" / "budgets.md").read_text()
    held = page.partition("### What is held")[2].partition("###")[0]
    for amount in (FRAME_TOKENS, TOOLS_TOKENS, PICTURE_TOKENS, FILE_TOKENS, ANSWER_TOKENS, SEARCHES, FOUND_TOKENS):
        assert f"{amount:,}" in held
    assert f"{LIKELY_TOKENS:,} tokens are taken" in page
