"""A user loses: a shipped model that learns which benchmark a prompt comes from instead of what makes it hard."""

from __future__ import annotations

import numpy as np
import pytest

from router.content import content_of_text
from router.difficulty.features import read
from router.difficulty.labels import Labels
from router.difficulty.model import DifficultyModel
from router.difficulty.parts import StructurePart
from router.difficulty.pretraining import Corpus, Pretraining, pretrain
from router.difficulty.shape import SHAPE_NAMES
from router.difficulty.structure import STRUCTURE_NAMES
from router.difficulty.supplement import Example
from router.difficulty.view import view_of_text

SUBJECTS = ("tulips", "engines", "opera", "chess", "cheese", "volcanoes", "knitting", "satellites")


def corpus() -> Corpus:
    """Eight sources; in each, prompts with "theorem" are harder. Every second source is harder altogether."""
    readings, weak, group = [], [], []
    for source in range(8):
        for number in range(30):
            hard = number % 2
            word = "theorem" if hard else "greeting"
            readings.append(read(view_of_text(f"a question on {SUBJECTS[source]} number {number} {word}")))
            weak.append(0.0 if hard or (source % 2 and number % 3) else 1.0)
            group.append(source)
    failing = 1.0 - np.array(weak)
    return Corpus(tuple(readings), Labels(np.array(weak), np.ones(len(weak))), failing, np.array(group))


SUPPLEMENT = [
    *(Example(f"hello dear friend {name}", hard=False, language="en", held_back=False) for name in "abcdefgh"),
    *(
        Example(f"derive the formula rigorously {name}", hard=True, language="en", held_back=False)
        for name in "abcdefgh"
    ),
]


@pytest.fixture(scope="module")
def centred() -> DifficultyModel:
    return pretrain(corpus(), SUPPLEMENT, Pretraining())


def estimate(model: DifficultyModel, text: str) -> float:
    return model.estimate(content_of_text(text)).probability


def test_what_is_harder_within_every_source_is_learned(centred: DifficultyModel) -> None:
    assert estimate(centred, "a theorem") > estimate(centred, "a greeting") + 0.1


def test_a_harder_source_is_told_apart_as_far_as_it_is_not_centred(centred: DifficultyModel) -> None:
    def told(model: DifficultyModel) -> float:
        scores = [model.parts["meaning"].score(read(view_of_text(f"a question on {subject}"))) for subject in SUBJECTS]
        return float(np.mean(scores[1::2]) - np.mean(scores[::2]))

    half, whole = told(centred), told(pretrain(corpus(), SUPPLEMENT, Pretraining(centring=1.0)))
    assert abs(whole) < 0.6 * half


def test_of_the_structural_numbers_the_core_weighs_the_shape_alone(centred: DifficultyModel) -> None:
    structure = centred.parts["structure"]
    assert isinstance(structure, StructurePart)
    weighed = {STRUCTURE_NAMES[at] for at in np.flatnonzero(structure.weights)}
    assert "numbers" in weighed
    assert weighed <= set(SHAPE_NAMES)


def test_the_ends_are_silent_in_the_middle(centred: DifficultyModel) -> None:
    assert centred.ends is not None
    assert abs(centred.ends.score(read(view_of_text("a question on tulips number 7 theorem")))) < 0.01
    assert centred.ends.score(read(view_of_text("derive the formula rigorously"))) > 0.1


def test_the_supplement_is_learned(centred: DifficultyModel) -> None:
    assert estimate(centred, "hello dear friend") < 0.5 < estimate(centred, "derive the formula")


def test_a_corpus_can_be_taken_apart() -> None:
    part = corpus().take(np.array([0, 239]))
    assert part.group.tolist() == [0, 7]
    assert len(part.readings) == part.labels.gap.size == part.failing.size == 2


def test_how_sources_are_numbered_changes_nothing() -> None:
    one = corpus()
    other = Corpus(one.readings, one.labels, one.failing, one.group * 5)
    models = [pretrain(each, SUPPLEMENT, Pretraining()) for each in (one, other)]
    assert models[0].calibration == models[1].calibration
