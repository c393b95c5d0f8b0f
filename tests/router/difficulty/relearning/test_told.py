"""A user loses: labels that count for what they do not say, or that somebody multiplies by saying them often."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.relearning.told import AFTER_BAD, MOST_OF_ONE_PROMPT, Told, evidence, expected_after_bad
from tests.router.difficulty.relearning.traffic import reading

PROMPTS = tuple(reading(text) for text in ("What is a lease?", "Bake a cake.", "Play a song."))


def said(prompt: int = 0, **changes: object) -> Told:
    plain = Told(f"request-{prompt}", float(prompt), "dev", "thumbs", PROMPTS[prompt], -0.5, 1.0, None)
    return plain._replace(**changes)  # type: ignore[arg-type]


def test_a_good_answer_of_the_small_model_says_that_it_is_enough() -> None:
    found = evidence([said(weak=1.0)])
    assert found.share.tolist() == [0.0]
    assert found.said.tolist() == [1.0]


def test_a_bad_one_says_as_much_as_the_large_model_is_likely_to_be_right() -> None:
    found = evidence([said(weak=0.0)])
    assert found.share.tolist() == [1.0]
    assert found.said.tolist() == [pytest.approx(AFTER_BAD)]


def test_a_prompt_that_both_fail_on_says_nothing() -> None:
    found = evidence([said(weak=0.0, strong=0.0)])
    assert found.said.tolist() == [0.0]


def test_what_the_large_model_does_after_a_bad_answer_is_learned() -> None:
    pairs = [said(weak=0.0, strong=0.1)] * 1000
    assert expected_after_bad(pairs) == pytest.approx(0.1, abs=0.02)
    assert expected_after_bad([said(weak=1.0, strong=0.0)] * 1000) == pytest.approx(AFTER_BAD)
    assert expected_after_bad([said(weak=None, strong=0.0)] * 1000) == pytest.approx(AFTER_BAD)


def test_a_label_of_the_large_model_alone_is_no_row() -> None:
    assert len(evidence([said(weak=None, strong=1.0)])) == 0


def test_labels_of_one_key_for_one_prompt_are_one_row() -> None:
    found = evidence([said(weak=1.0, request=f"r{number}") for number in range(100)] + [said(weak=0.0, key="ops")])
    assert len(found) == 2
    assert found.said.max() == MOST_OF_ONE_PROMPT
    assert len(set(found.group.tolist())) == 1
    assert found.names == ("dev", "ops")


def test_trusted_labels_take_the_place_of_others() -> None:
    found = evidence([said(weak=1.0), said(weak=0.0, strong=1.0, source="shadow", key="")])
    assert found.share.tolist() == [1.0]
    assert found.trusted.tolist() == [True]
    other = evidence([said(weak=1.0), said(1, weak=0.0, strong=1.0, source="shadow", key="")])
    assert len(other) == 2


def test_weights_are_heeded() -> None:
    found = evidence([said(weak=1.0, weight=0.3), said(weak=0.0, weight=0.1), said(1, weight=0.0)])
    assert len(found) == 1
    assert 0.1 < found.share[0] < 0.3


def test_rows_are_in_the_order_of_time_and_can_be_taken() -> None:
    found = evidence([said(2), said(0), said(1)])
    assert found.at.tolist() == [0.0, 1.0, 2.0]
    assert found.take(np.array([False, True, True])).at.tolist() == [1.0, 2.0]
