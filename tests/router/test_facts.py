"""If these fail, a rule is asked of another text than the one it is about."""

from __future__ import annotations

from typing import Any

import pytest

from router.asker import NOBODY
from router.capability import NO_NEEDS
from router.content import content_of
from router.facts import Facts
from router.occasion import NO_OCCASION

CHAT: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "You are a clerk."},
        {"role": "user", "content": "Bonjour, qui êtes-vous ?"},
        {"role": "assistant", "content": "A clerk."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "What is the time"}, {"type": "text", "text": "in Rome?"}],
        },
    ]
}


def facts(body: dict[str, Any]) -> Facts:
    return Facts(content_of(body), NOBODY, NO_OCCASION, NO_NEEDS, body)


def test_of_a_conversation() -> None:
    told = facts(CHAT)
    assert (told.turns, told.last, told.system) == (2, "What is the time\nin Rome?", "You are a clerk.")
    assert told.language == "en"
    assert told.length == len("You are a clerk.Bonjour, qui êtes-vous ?A clerk.What is the timein Rome?")
    assert told.kinds == {"text"}
    assert told.last_readable == b"What is the time\nin Rome?"
    assert told.system_readable == b"You are a clerk."


@pytest.mark.parametrize("body", [{}, {"messages": [{"role": "system", "content": "Hi"}]}])
def test_without_a_user_there_is_no_turn(body: dict[str, Any]) -> None:
    told = facts(body)
    assert (told.turns, told.last, told.language) == (0, "", "unknown")


def test_an_image_is_an_image() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/cat.png"}}
    assert facts({"messages": [{"role": "user", "content": [image]}]}).kinds == {"image"}
