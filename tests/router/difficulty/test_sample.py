"""If these fail, what was learned from use is learned from other numbers than those that are served, or is text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from router.difficulty.features import FEATURES_VERSION, Reading, read
from router.difficulty.sample import pack, unpack
from router.difficulty.structure import STRUCTURE_NAMES
from router.difficulty.vectors import DIMENSIONS
from router.difficulty.view import View, view_of_text

_NONE = np.empty(0, np.int64)


def _finite(size: int, most: float) -> st.SearchStrategy[np.ndarray[tuple[int], np.dtype[np.float32]]]:
    return arrays(np.float32, size, elements=st.floats(-most, most, width=32))


@given(_finite(DIMENSIONS, 1.0), _finite(len(STRUCTURE_NAMES), 65504.0))
def test_numbers_come_back_to_eleven_bits(meaning: np.ndarray, structure: np.ndarray) -> None:
    back = unpack(pack(Reading(_NONE, _NONE, meaning, structure)))
    np.testing.assert_allclose(back.meaning, meaning, rtol=2**-11, atol=2**-24)
    np.testing.assert_allclose(back.structure, structure, rtol=2**-11, atol=2**-24)
    assert back.meaning.dtype == back.structure.dtype == np.float32


@given(st.text(max_size=300), st.text(max_size=100), st.integers(0, 10**9), st.integers(0, 10**9))
def test_whatever_was_asked_it_can_be_packed_and_holds_no_words(
    task: str, earlier: str, system: int, tools: int
) -> None:
    reading = read(View(task, earlier, len(task), system, tools, 2))
    packed = pack(reading)
    back = unpack(packed)
    assert back.words.size == back.earlier.size == 0
    assert np.isfinite(back.structure).all()
    assert len(packed) == len(pack(read(view_of_text(""))))  # the size tells nothing
    assert packed == pack(replace(reading, words=_NONE, earlier=_NONE))


def test_what_is_beyond_half_precision_is_cut_off() -> None:
    structure = np.full(len(STRUCTURE_NAMES), 1e30, np.float32)
    back = unpack(pack(Reading(_NONE, _NONE, np.zeros(DIMENSIONS, np.float32), structure)))
    assert (back.structure == 65504.0).all()


@given(st.binary(max_size=700))
def test_anything_else_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"sample|packed"):
        unpack(packed)


def test_another_version_is_refused() -> None:
    packed = pack(read(view_of_text("Hello")))
    other = (FEATURES_VERSION + 1).to_bytes(2, "little") + packed[2:]
    with pytest.raises(ValueError, match=f"version {FEATURES_VERSION + 1}"):
        unpack(other)


def test_what_is_not_finite_is_refused() -> None:
    packed = pack(read(view_of_text("Hello")))
    with pytest.raises(ValueError, match="finite"):
        unpack(packed[:-2] + np.array([np.inf], "<f2").tobytes())
