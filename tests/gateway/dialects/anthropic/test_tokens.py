"""If these fail, a client thinks that a conversation is much longer or shorter than it is."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.dialects.anthropic.tokens import IMAGE_TOKENS, estimated_tokens
from tests.gateway.dialects.anthropic.asking import question

# Texts, and how many tokens OpenAI's cl100k_base makes of twenty of them in a row.
ENGLISH = "The quick brown fox jumps over the lazy dog, and then it sleeps until the next morning. ", 381
RUSSIAN = "Быстрая коричневая лиса прыгает через ленивую собаку и спит до следующего утра. ", 761
CHINESE = "敏捷的棕色狐狸跳过了懒狗，然后一直睡到第二天早上。", 780


def tokens(**asked: Any) -> int:
    return estimated_tokens(question(**asked).call.body)


def said(content: object) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    ("text", "counted", "least", "most"), [(*ENGLISH, 1, 1.3), (*RUSSIAN, 0.9, 1.3), (*CHINESE, 0.45, 1)]
)
def test_a_long_text_is_estimated_well_enough(text: str, counted: int, least: float, most: float) -> None:
    """As docs/dialects.md says: scripts such as Chinese may take twice as many."""
    assert counted * least < tokens(**said(text * 20)) < counted * most


def test_system_prompt_tools_and_calls_count() -> None:
    least = tokens(**said("Hi"))
    assert tokens(**said("Hi"), system="Be brief. " * 40) >= least + 100
    tool = {"name": "look", "description": "Looks. " * 40, "input_schema": {"type": "object"}}
    assert tokens(**said("Hi"), tools=[tool]) >= least + 70
    call = {"type": "tool_use", "id": "t", "name": "look", "input": {"x": "y " * 200}}
    turns = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": "."},
    ]
    assert tokens(messages=turns) >= least + 100
    assert tokens(**said("Hi"), metadata={"user_id": "u" * 400}) == least


def test_an_image_is_not_counted_by_its_letters() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "A" * 100_000}
    found = tokens(**said([{"type": "text", "text": "What?"}, {"type": "image", "source": source}]))
    assert IMAGE_TOKENS < found < IMAGE_TOKENS + 50
