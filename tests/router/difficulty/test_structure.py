"""A user loses: a router that cannot tell code from a greeting."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.features import read
from router.difficulty.structure import STRUCTURE_NAMES
from router.difficulty.view import View, view_of_text


def named(view: View) -> dict[str, float]:
    return dict(zip(STRUCTURE_NAMES, read(view).structure.tolist(), strict=True))


def structure(text: str) -> dict[str, float]:
    return named(view_of_text(text))


@given(st.text(max_size=300))
def test_any_text_gives_finite_numbers(text: str) -> None:
    found = read(view_of_text(text)).structure
    assert found.dtype == np.float32
    assert found.shape == (len(STRUCTURE_NAMES),)
    assert np.isfinite(found).all()


def test_cues_are_seen_in_four_languages() -> None:
    for text in ("Prove it", "Démontrez le théorème", "Beweise den Satz", "Demuestra el teorema"):
        assert structure(text)["has_prove"] == 1.0, text
    assert structure("What is the capital of France?")["has_prove"] == 0.0
    assert structure("What is the capital of France?")["has_question"] == 1.0
    assert structure("¿Cuál es la capital?")["has_question"] == 1.0
    assert structure("Übersetze ins Spanische")["has_simple"] == 1.0


def test_code_has_brackets_and_underscores() -> None:
    code, prose = structure("def f(x_1): return [x_1]"), structure("a walk along the sea")
    assert code["share_square"] == np.float32(2 / 24)
    assert code["share_underscore"] == np.float32(2 / 24)
    assert prose["share_square"] == 0
    assert code["has_code"] == 1.0


def test_counts_are_logarithms_of_one_plus_the_count() -> None:
    found = structure("1 + 22 =\n?")
    assert found["log_digit"] == np.float32(np.log1p(3))
    assert found["log_newline"] == np.float32(np.log1p(1))
    assert found["log_question"] == np.float32(np.log1p(1))
    assert found["words"] == np.float32(np.log1p(2))
    assert found["short"] == 1.0


def test_repetition_is_seen() -> None:
    assert structure("tea tea tea tea")["repeated"] == 0.75
    assert structure("tea or coffee")["repeated"] == 0.0


def test_the_shape_of_the_request_is_seen() -> None:
    found = named(View("hi", task_length=2, tool_length=900, system_length=50, turns=3))
    assert found["tools"] > 6
    assert found["system"] > 3
    assert found["turns"] > 1
    assert found["clipped"] == 0.0
    assert named(View("hi", task_length=9000))["clipped"] == 1.0
