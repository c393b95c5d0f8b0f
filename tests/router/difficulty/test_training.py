"""A user loses: a model trained on own traffic that is no better than the one before, or figures on known rows."""

from __future__ import annotations

import numpy as np
import pytest

from router.content import content_of_text
from router.difficulty.evaluation import apgr, auroc
from router.difficulty.features import read
from router.difficulty.labels import Labels
from router.difficulty.model import DifficultyModel
from router.difficulty.training import MIN_ROWS, CannotTrain, Trained, train
from router.difficulty.view import View, view_of_text

SHIPPED = DifficultyModel.shipped()
TOPICS = ("invoices", "parking", "holidays", "printers", "passwords", "lunch")


def traffic(count: int, seed: int) -> tuple[list[View], Labels]:
    """Questions on six topics; on two of them the small model mostly fails. Everything else is noise."""
    random = np.random.Generator(np.random.PCG64(seed))
    topics = random.integers(0, len(TOPICS), count)
    fails = (random.random(count) < np.where(topics < 2, 0.8, 0.15)).astype(np.float64)
    views = [view_of_text(f"A question about {TOPICS[topic]}, case {number}") for number, topic in enumerate(topics)]
    return views, Labels(1.0 - fails, np.ones(count))


@pytest.fixture(scope="module")
def trained() -> Trained:
    return train(*traffic(400, 1), SHIPPED)


def test_own_rows_beat_the_prior_on_rows_never_seen(trained: Trained) -> None:
    views, labels = traffic(400, 2)
    fresh, old = (np.array([m.score(read(view)) for view in views]) for m in (trained.model, SHIPPED))
    new, before = apgr(fresh, labels.gap), apgr(old, labels.gap)
    assert new is not None
    assert before is not None
    assert new > before + 0.05


def test_the_figures_are_those_of_rows_never_seen(trained: Trained) -> None:
    views, labels = traffic(2000, 3)
    scores = np.array([trained.model.score(read(view)) for view in views])
    unseen = auroc(scores, labels.gap > 0)
    assert unseen is not None
    assert trained.figures.auroc.value == pytest.approx(unseen, abs=0.07)
    assert (trained.figures.ece.value or 1) < 0.06


def test_noise_is_not_reported_as_skill() -> None:
    views, _ = traffic(300, 4)
    noise = Labels(np.random.Generator(np.random.PCG64(5)).integers(0, 2, 300).astype(float), np.ones(300))
    figure = train(views, noise).figures.auroc
    assert figure.low is not None
    assert figure.low < 0.5


def test_copies_of_a_prompt_do_not_leak_into_the_figures() -> None:
    views, _ = traffic(60, 6)
    random = np.random.Generator(np.random.PCG64(7)).integers(0, 2, 60).astype(float)
    figure = train(views * 5, Labels(np.tile(random, 5), np.ones(300))).figures.auroc
    assert figure.value is not None
    assert figure.value < 0.75


def test_a_prior_that_helps_is_kept_and_everyday_prompts_stay_easy() -> None:
    easy = [f"What is the capital of country {number}?" for number in range(40)]
    hard = [f"Prove the theorem {number} rigorously by induction" for number in range(40)]
    labels = Labels(np.array([1.0] * 40 + [0.0] * 40), np.ones(80))
    found = train([view_of_text(text) for text in easy + hard], labels, SHIPPED)
    assert found.prior_figures is not None
    assert found.prior_weight > 0
    assert found.model.estimate(content_of_text("Hello, how are you?")).probability < 0.5


def test_a_prior_that_is_wrong_here_is_not_kept() -> None:
    hard = [f"What is the capital of country {number}?" for number in range(60)]
    easy = [f"Prove the theorem {number} rigorously by induction" for number in range(60)]
    labels = Labels(np.array([0.0] * 60 + [1.0] * 60), np.ones(120))
    assert train([view_of_text(text) for text in hard + easy], labels, SHIPPED).prior_weight == 0


def test_the_same_rows_give_the_same_model(trained: Trained) -> None:
    again = train(*traffic(400, 1), SHIPPED)
    reading = read(view_of_text("A question about parking"))
    assert again.model.score(reading) == trained.model.score(reading)
    assert again.figures == trained.figures


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(CannotTrain, match=f"49 rows, at least {MIN_ROWS}"):
        train(*traffic(49, 1))
    train(*traffic(MIN_ROWS, 1))


def test_rows_without_anything_to_gain_are_refused() -> None:
    views, _ = traffic(80, 1)
    with pytest.raises(CannotTrain, match="not better"):
        train(views, Labels(np.ones(80), np.ones(80)))
