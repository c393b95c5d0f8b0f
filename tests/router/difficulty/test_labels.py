"""A user loses: a probability whose meaning depends on prompts that no model can answer."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.labels import Labels


def test_what_two_scores_say() -> None:
    labels = Labels(np.array([1.0, 0.0, 0.0, 1.0, 0.4]), np.array([1.0, 1.0, 0.0, 0.0, 0.8]))
    assert labels.gap.tolist() == pytest.approx([0, 1, 0, -1, 0.4])
    assert labels.share.tolist() == pytest.approx([0, 1, 0, 0, 0.5])


def test_a_prompt_that_neither_model_gets_right_has_no_weight() -> None:
    assert Labels(np.array([0.0, 1.0]), np.array([0.0, 0.0])).weight.tolist() == [0.0, 1.0]
