"""A user loses: prompts with holes in them, or a test on templates that were trained on."""

from __future__ import annotations

from collections import Counter

from router.difficulty.supplement import _slots, examples

ALL = list(examples())


def test_every_language_has_both_labels_in_both_parts() -> None:
    counts = Counter((example.language, example.hard, example.held_back) for example in ALL)
    assert set(counts) == {
        (lang, hard, held) for lang in ("en", "fr", "de", "es") for hard in (0, 1) for held in (0, 1)
    }
    assert min(counts.values()) >= 3


def test_no_slot_is_left_open() -> None:
    assert not [example.prompt for example in ALL if _slots(example.prompt)]


def test_no_prompt_is_both_trained_on_and_held_back() -> None:
    trained = {example.prompt for example in ALL if not example.held_back}
    assert not [example.prompt for example in ALL if example.held_back and example.prompt in trained]


def test_no_prompt_has_two_labels() -> None:
    assert not {e.prompt for e in ALL if e.hard} & {e.prompt for e in ALL if not e.hard}


def test_a_template_with_slots_gives_different_prompts() -> None:
    capitals = [example.prompt for example in ALL if example.prompt.startswith("What is the capital of")]
    assert len(set(capitals)) > 1
