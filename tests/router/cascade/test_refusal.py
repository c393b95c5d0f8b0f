"""A user loses: "I'm sorry, I can't" as an answer, or an apology inside a letter that is taken for one."""

from __future__ import annotations

import pytest

from router.cascade.refusal import is_refusal


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot do this.",
        "As an AI language model, I have no opinion.",
        "I'm ready to help. What's your task?",
        "Je suis désolé, je ne peux pas répondre.",
        "Désolé, je ne sais pas.",
        "Es tut mir leid, das weiß ich nicht.",
        "Ich kann nicht sagen, wie das Wetter wird.",
        "Lo siento, no puedo ayudarte.",
    ],
)
def test_refusals(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Paris.",
        "The capital of Norway is Oslo.",
        "Als Kind wohnte er in Bonn.",
        "Como iaido se conoce un arte marcial.",
        "Dear Ms Meyer, " + "thank you for your letter of last week. " * 8 + "I'm sorry for the delay.",
    ],
)
def test_answers(text: str) -> None:
    assert not is_refusal(text)
