"""Orders to an assistant: every language, every topic, the same for the same seed."""

from __future__ import annotations

from router.sensitivity.training.instructions import instructions


def test_orders() -> None:
    made = list(instructions(1))
    assert made == list(instructions(1))
    assert {language for _, language, _ in made} == {"en", "fr", "de", "es"}
    assert any(len(text) > 2_000 for text, _, _ in made)
    assert all(text.strip() for text, _, _ in made)
