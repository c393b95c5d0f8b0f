"""A user loses: a server that decides by other numbers than those that were evaluated."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.artifact import ArtifactError
from router.content import Content, content_of_messages, content_of_text
from router.difficulty import vectors
from router.difficulty.ends import Ends
from router.difficulty.estimator import Estimator
from router.difficulty.model import Calibration, DifficultyModel
from router.difficulty.parts import MeaningPart, Part, StructurePart, WordPart
from router.difficulty.structure import STRUCTURE_NAMES
from router.difficulty.supplement import examples
from router.difficulty.vectors import DIMENSIONS
from router.difficulty.view import TASK_CHARS
from router.difficulty.words import BUCKETS

EXACT = 1e-6  # of a probability
SHIPPED = DifficultyModel.shipped()
PROMPTS = [example.prompt for example in examples()]
PIECES = (
    "What is it?",
    "Prove (rigorously) that x_1 = 2^n;",
    "`def f(): return 7`",
    "Übersetze: «où est-il?»\n",
    "a b",
)
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    st.sampled_from(PROMPTS),
)
CONVERSATIONS = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": TEXTS}), max_size=5
).map(content_of_messages)


def parts(seed: int) -> dict[str, Part]:
    """All kinds, with weights about everything."""
    random = np.random.Generator(np.random.PCG64(seed))

    def numbers(size: int, low: float, high: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return random.uniform(low, high, size).astype(np.float32)

    size = len(STRUCTURE_NAMES)
    return {
        "words": WordPart(numbers(BUCKETS, -2, 2), numbers(BUCKETS, 1, 10)),
        "meaning": MeaningPart(numbers(DIMENSIONS, -1, 1)),
        "structure": StructurePart(numbers(size, -0.05, 0.05), numbers(size, 0, 2), numbers(size, 0.05, 2)),
    }


OWN = DifficultyModel(parts(1), 0.1, Calibration(1.0, 0.0), SHIPPED.familiarity)
MODELS = {
    "shipped": SHIPPED,
    "own, without ends": OWN,
    "own, with ends": replace(OWN, ends=Ends(parts(2), -0.05, 0.4)),
    "own, ends that count for nothing": replace(OWN, ends=Ends(parts(2), -0.05, 0.0)),
    "words alone": replace(OWN, parts={"words": OWN.parts["words"]}),
}
ESTIMATORS = {name: Estimator.of(model, vectors.shipped()) for name, model in MODELS.items()}


def assert_alike(name: str, content: Content) -> None:
    fast, exact = ESTIMATORS[name].estimate(content), MODELS[name].estimate(content)
    assert fast.probability == pytest.approx(exact.probability, abs=EXACT)
    assert fast.abstained == exact.abstained


@pytest.mark.parametrize("name", MODELS)
@given(content=CONVERSATIONS)
def test_it_estimates_what_the_model_does(name: str, content: Content) -> None:
    assert_alike(name, content)


@pytest.mark.parametrize("name", MODELS)
def test_so_it_does_for_prompts_people_write(name: str) -> None:
    for prompt in PROMPTS:
        assert_alike(name, content_of_text(prompt))


MOST_WORDS = " ".join(chr(0x4E00 + number) for number in range(TASK_CHARS))


@pytest.mark.parametrize("text", ["", MOST_WORDS, "İ" * TASK_CHARS, "… " * TASK_CHARS, "\ud800 x" * 9])
def test_no_text_is_too_much(text: str) -> None:
    assert_alike("shipped", content_of_text(text))


def test_the_shipped_estimator_is_that_of_the_shipped_model() -> None:
    assert Estimator.shipped().estimate(content_of_text(PROMPTS[0])) == ESTIMATORS["shipped"].estimate(
        content_of_text(PROMPTS[0])
    )


def test_a_stored_model_is_served(tmp_path: Path) -> None:
    MODELS["own, with ends"].save(tmp_path)
    content = content_of_text(PROMPTS[-1])
    assert Estimator.load(tmp_path).estimate(content) == ESTIMATORS["own, with ends"].estimate(content)
    with pytest.raises(ArtifactError, match="cannot be read"):
        Estimator.load(tmp_path / "nowhere")


def test_models_that_share_a_lexicon_estimate_as_they_do_alone() -> None:
    together = Estimator.of_all(list(MODELS.values()), vectors.shipped())
    assert len({id(each.lexicon) for each in together}) == 1
    for prompt in ("", *PROMPTS[::9]):
        alone = [ESTIMATORS[name].estimate(content_of_text(prompt)) for name in MODELS]
        assert [each.estimate(content_of_text(prompt)) for each in together] == alone


def test_what_it_cannot_serve_it_refuses() -> None:
    with pytest.raises(TypeError, match="oracle"):
        Estimator.of(replace(OWN, parts={"oracle": OWN.parts["words"]}), vectors.shipped())


def test_it_takes_little_memory() -> None:
    lexicon = ESTIMATORS["shipped"].lexicon
    assert lexicon.rows.nbytes + lexicon.table.nbytes < 7 << 20


def test_estimates_do_not_depend_on_the_process() -> None:
    code = (
        "import sys; from router.difficulty.estimator import Estimator; from router.content import content_of_text;"
        "print(Estimator.shipped().estimate(content_of_text(sys.argv[1])).probability.hex());"
        "assert not {'sklearn', 'scipy', 'pickle5'} & set(sys.modules)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, PROMPTS[-1]],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {ESTIMATORS["shipped"].estimate(content_of_text(PROMPTS[-1])).probability.hex()}
