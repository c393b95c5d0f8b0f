"""What an upstream says it used is what the user pays for: every provider's way of saying it must be understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounting.usage import MOST_TOKENS, Usage, estimated_usage, usage_of

SHAPES: dict[str, tuple[dict[str, Any], Usage]] = {
    "plain": ({"prompt_tokens": 19, "completion_tokens": 10, "total_tokens": 29}, Usage(19, 10)),
    "OpenAI, cached and reasoning": (
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "total_tokens": 2306,
            "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 192, "audio_tokens": 0, "accepted_prediction_tokens": 0},
        },
        Usage(2006, 300, cached_tokens=1920, reasoning_tokens=192),
    ),
    "OpenAI, audio": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "prompt_tokens_details": {"audio_tokens": 60},
            "completion_tokens_details": {"audio_tokens": 40},
        },
        Usage(100, 50, audio_prompt_tokens=60, audio_completion_tokens=40),
    ),
    "OpenAI, embedding": ({"prompt_tokens": 8, "total_tokens": 8}, Usage(8, 0)),
    "OpenAI, Responses": (
        {
            "input_tokens": 36,
            "input_tokens_details": {"cached_tokens": 32},
            "output_tokens": 87,
            "output_tokens_details": {"reasoning_tokens": 64},
            "total_tokens": 123,
        },
        Usage(36, 87, cached_tokens=32, reasoning_tokens=64),
    ),
    "Anthropic, Messages: the cache is not in input_tokens": (
        {
            "input_tokens": 21,
            "cache_creation_input_tokens": 188,
            "cache_read_input_tokens": 1000,
            "output_tokens": 393,
        },
        Usage(1209, 393, cached_tokens=1000, written_tokens=188),
    ),
    "Anthropic through litellm": (
        {
            "prompt_tokens": 1209,
            "completion_tokens": 393,
            "total_tokens": 1602,
            "prompt_tokens_details": {"cached_tokens": 1000, "cache_creation_tokens": 188},
            "cache_creation_input_tokens": 188,
            "cache_read_input_tokens": 1000,
        },
        Usage(1209, 393, cached_tokens=1000, written_tokens=188),
    ),
    "DeepSeek": (
        {
            "prompt_tokens": 16,
            "completion_tokens": 10,
            "total_tokens": 26,
            "prompt_cache_hit_tokens": 12,
            "prompt_cache_miss_tokens": 4,
        },
        Usage(16, 10, cached_tokens=12),
    ),
    "Gemini: thinking only in the total": (
        {"prompt_tokens": 12, "completion_tokens": 20, "total_tokens": 532},
        Usage(12, 520, reasoning_tokens=500),
    ),
    "xAI: reasoning beside the completion": (
        {
            "prompt_tokens": 32,
            "completion_tokens": 9,
            "total_tokens": 135,
            "completion_tokens_details": {"reasoning_tokens": 94},
        },
        Usage(32, 103, reasoning_tokens=94),
    ),
    "Groq: times beside the counts": (
        {
            "queue_time": 0.03,
            "prompt_tokens": 30,
            "prompt_time": 0.001,
            "completion_tokens": 8,
            "completion_time": 0.02,
            "total_tokens": 38,
        },
        Usage(30, 8),
    ),
    "vLLM: details are null": (
        {"prompt_tokens": 7, "total_tokens": 12, "completion_tokens": 5, "prompt_tokens_details": None},
        Usage(7, 5),
    ),
    "OpenAI, Responses with images": (
        {
            "input_tokens": 100,
            "input_tokens_details": {"text_tokens": 20, "image_tokens": 80},
            "output_tokens": 10,
            "total_tokens": 110,
        },
        Usage(100, 10, image_prompt_tokens=80),
    ),
    "OpenAI, written to the cache": (
        {
            "prompt_tokens": 2000,
            "completion_tokens": 5,
            "total_tokens": 2005,
            "prompt_tokens_details": {"cached_tokens": 500, "cache_write_tokens": 1000},
        },
        Usage(2000, 5, cached_tokens=500, written_tokens=1000),
    ),
    "Anthropic, Messages: kept for an hour, searched, in a tier": (
        {
            "input_tokens": 10,
            "cache_creation_input_tokens": 300,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
            "output_tokens": 7,
            "server_tool_use": {"web_search_requests": 2},
            "service_tier": "priority",
        },
        Usage(310, 7, written_tokens=300, written_hour_tokens=200, searches=2, tier="priority"),
    ),
    "Anthropic through litellm: kept for an hour": (
        {
            "prompt_tokens": 310,
            "completion_tokens": 7,
            "total_tokens": 317,
            "prompt_tokens_details": {
                "cached_tokens": 0,
                "cache_creation_tokens": 300,
                "cache_creation_token_details": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
                "web_search_requests": 1,
            },
            "cache_creation_input_tokens": 300,
        },
        Usage(310, 7, written_tokens=300, written_hour_tokens=200, searches=1),
    ),
    "more kept for an hour than was written": (
        {
            "input_tokens": 10,
            "cache_creation_input_tokens": 5,
            "cache_creation": {"ephemeral_1h_input_tokens": 900},
            "output_tokens": 7,
        },
        Usage(15, 7, written_tokens=5, written_hour_tokens=5),
    ),
    "Gemini through litellm: images in and out": (
        {
            "prompt_tokens": 268,
            "completion_tokens": 1300,
            "total_tokens": 1568,
            "prompt_tokens_details": {"text_tokens": 10, "image_tokens": 258},
            "completion_tokens_details": {"text_tokens": 10, "image_tokens": 1290},
        },
        Usage(268, 1300, image_prompt_tokens=258, image_completion_tokens=1290),
    ),
    "sound that was in the cache is counted as cached": (
        {
            "prompt_tokens": 100,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": 60},
        },
        Usage(100, 5, cached_tokens=80, audio_prompt_tokens=20),
    ),
    "more sound than there is": (
        {"prompt_tokens": 100, "completion_tokens": 5, "prompt_tokens_details": {"audio_tokens": 600}},
        Usage(100, 5),
    ),
    "xAI: sources": (
        {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12, "num_sources_used": 4},
        Usage(7, 5, searches=4),
    ),
    "Perplexity: a fee by the size of the search": (
        {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12, "search_context_size": "low"},
        Usage(7, 5, searches=1),
    ),
    "whole floats": ({"prompt_tokens": 7.0, "completion_tokens": 5.0}, Usage(7, 5)),
    "an empty answer": ({"prompt_tokens": 7, "completion_tokens": 0, "total_tokens": 7}, Usage(7, 0)),
    "a total that is too small": ({"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 3}, Usage(7, 5)),
    "more cached than there is": (
        {"prompt_tokens": 7, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 70}},
        Usage(7, 5),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape(name: str) -> None:
    raw, usage = SHAPES[name]
    assert usage_of(raw) == usage


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"prompt_tokens": None, "completion_tokens": None},
        {"prompt_tokens": 5},
        {"completion_tokens": 5, "total_tokens": 10},
        {"prompt_tokens": -1, "completion_tokens": 5},
        {"prompt_tokens": 5, "completion_tokens": -5},
        {"prompt_tokens": 5, "completion_tokens": -5, "total_tokens": 50},
        {"prompt_tokens": 5.5, "completion_tokens": 5},
        {"prompt_tokens": "5", "completion_tokens": "5"},
        {"prompt_tokens": True, "completion_tokens": True},
        {"prompt_tokens": float("nan"), "completion_tokens": 5},
        {"prompt_tokens": float("inf"), "completion_tokens": 5},
        {"prompt_tokens": 10**30, "completion_tokens": 5},
        {"prompt_tokens": [5], "completion_tokens": {"a": 5}},
        {"input_tokens": 5},
        {"input_tokens": 0, "output_tokens": 0},
    ],
)
def test_what_makes_no_sense_is_unusable(raw: dict[str, object]) -> None:
    assert usage_of(raw) is None


def test_a_stream_metered_as_zero_is_not_free() -> None:
    assert usage_of({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}) is None


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        (None, ""),
        ("default", ""),
        ("standard", ""),
        ("on_demand", ""),
        ("ON_DEMAND", ""),
        ("auto", ""),
        ("flex", "flex"),
        ("Priority", "priority"),
        ("ultrafast", "ultrafast"),
        ("x" * 100, "x" * 32),
        (7, ""),
    ],
)
def test_the_tier_that_an_answer_names(said: object, tier: str) -> None:
    plain = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    assert usage_of(plain, said) == Usage(7, 5, tier=tier)
    assert usage_of({**plain, "service_tier": said}, None) == Usage(7, 5, tier=tier)
    assert estimated_usage(4, 4, said) == Usage(1, 1, estimated=True, tier=tier)


@pytest.mark.parametrize(("characters", "tokens"), [(-3, 0), (0, 0), (1, 1), (4, 1), (5, 2), (4000, 1000)])
def test_estimates_round_up(characters: int, tokens: int) -> None:
    assert estimated_usage(characters, characters) == Usage(tokens, tokens, estimated=True)


NUMBERS = st.one_of(st.integers(-10, 2**33), st.floats(), st.none(), st.booleans(), st.text(max_size=3))
FIELDS = st.sampled_from(
    [
        *("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens"),
        *("cached_tokens", "reasoning_tokens", "audio_tokens", "cache_creation_tokens"),
        *("prompt_cache_hit_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
    ]
)
DETAILS = st.sampled_from(["prompt_tokens_details", "completion_tokens_details", "output_tokens_details"])
RAW = st.dictionaries(FIELDS, NUMBERS).flatmap(
    lambda flat: st.dictionaries(DETAILS, st.one_of(NUMBERS, st.dictionaries(FIELDS, NUMBERS))).map(
        lambda deep: {**flat, **deep}
    )
)


@given(RAW)
def test_whatever_is_said_no_kind_of_token_is_negative(raw: dict[str, object]) -> None:
    usage = usage_of(raw)
    if usage is None:
        return
    assert 0 < usage.prompt_tokens <= MOST_TOKENS
    assert 0 <= usage.completion_tokens <= MOST_TOKENS
    assert usage.cached_tokens + usage.written_tokens + usage.audio_prompt_tokens <= usage.prompt_tokens
    assert usage.reasoning_tokens + usage.audio_completion_tokens <= usage.completion_tokens
    assert min(usage.cached_tokens, usage.written_tokens, usage.reasoning_tokens) >= 0
