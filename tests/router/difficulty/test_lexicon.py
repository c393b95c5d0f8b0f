"""A user loses: a word that weighs what another one should, because it stands in another's row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.features import EARLIER_WEIGHT
from router.difficulty.lexicon import Lexicon
from router.difficulty.parts import MeaningPart, WordPart
from router.difficulty.structure import CUE_BUCKETS, cues_of
from router.difficulty.vectors import DIMENSIONS, KEY_SHIFT, WordVectors
from router.difficulty.words import BUCKET_SHIFT, BUCKETS, Hashes, distinct_hashes, hashes_of

RANDOM = np.random.Generator(np.random.PCG64(11))
NONE = hashes_of(())
VOCABULARY = [f"word{number}".encode() for number in range(400)] + [b"the", b"why", b"prove", b"no"]
HALF = hashes_of(VOCABULARY[:200])
KEYS = np.unique(HALF >> KEY_SHIFT)
VECTORS = WordVectors.of(RANDOM.permutation(KEYS), RANDOM.integers(-127, 128, (KEYS.size, DIMENSIONS), dtype=np.int8))
WORDS = st.lists(st.sampled_from(VOCABULARY), max_size=40).map(distinct_hashes)


def word_part(everywhere: bool) -> WordPart:
    """Its weights are about some words of the vocabulary only, or about every bucket."""
    weights, idf = np.zeros(BUCKETS, np.float32), np.full(BUCKETS, 9.5, np.float32)
    some = slice(None) if everywhere else hashes_of(VOCABULARY[100:300]) >> BUCKET_SHIFT
    weights[some] = RANDOM.normal(size=weights[some].size)
    idf[some] = RANDOM.uniform(1, 9, size=weights[some].size)
    return WordPart(weights, idf)


def known_words() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    known = np.zeros(BUCKETS, np.bool_)
    known[hashes_of(VOCABULARY[50:350]) >> BUCKET_SHIFT] = True
    return known


KNOWN = known_words()
MEANING = MeaningPart(RANDOM.normal(size=DIMENSIONS).astype(np.float32))
FEW, ALL = word_part(False), word_part(True)
LEXICONS = {
    "some buckets": (Lexicon.of(VECTORS, KNOWN, ({"meaning": MEANING}, {"words": FEW})), (MEANING, None), (None, FEW)),
    "all buckets": (Lexicon.of(VECTORS, KNOWN, ({"words": FEW}, {"words": ALL})), (None, FEW), (None, ALL)),
}


def expected(part: WordPart | None, words: Hashes, earlier: Hashes) -> tuple[float, float]:
    if part is None:
        return 0.0, 0.0
    buckets = np.concatenate((words, earlier)) >> BUCKET_SHIFT
    shares = np.repeat([1.0, EARLIER_WEIGHT], [words.size, earlier.size])
    values = part.idf[buckets].astype(np.float64) * shares
    return float(values @ part.weights[buckets]), float(values @ values)


@pytest.mark.parametrize("name", LEXICONS)
@given(words=WORDS, before=WORDS)
def test_a_sum_of_rows_says_what_the_tables_say(name: str, words: Hashes, before: Hashes) -> None:
    lexicon, *sides = LEXICONS[name]
    earlier = np.setdiff1d(before, words)
    numbers, length = lexicon.look_up(words, earlier)
    buckets = words >> BUCKET_SHIFT
    assert numbers[: len(CUE_BUCKETS)] == cues_of(buckets)
    assert numbers[len(CUE_BUCKETS)] == np.count_nonzero(KNOWN[buckets])
    for number, (meaning, part) in enumerate(sides):
        found, dot, square = numbers[len(CUE_BUCKETS) + 1 + 3 * number :][:3]
        if meaning is not None:
            scaled = float(VECTORS.meaning(words, earlier, EARLIER_WEIGHT) @ meaning.weights)
            assert found / length == pytest.approx(scaled, abs=1e-5)
        assert (dot, square) == pytest.approx(expected(part, words, earlier), rel=1e-6, abs=1e-4)


@given(st.permutations(VOCABULARY[:60]))
def test_the_order_of_words_changes_nothing(words: list[bytes]) -> None:
    lexicon = LEXICONS["all buckets"][0]
    assert lexicon.look_up(hashes_of(words), NONE) == lexicon.look_up(hashes_of(VOCABULARY[:60]), NONE)


def test_more_rows_than_sixteen_bits_can_number() -> None:
    assert LEXICONS["some buckets"][0].rows.dtype == np.uint16
    assert LEXICONS["all buckets"][0].rows.dtype == np.uint32
