"""A user loses: a word that weighs what another one should, because it stands in another's row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.difficulty.features import EARLIER_WEIGHT
from router.difficulty.lexicon import CUE_FLAGS, VECTOR, Lexicon, Words
from router.difficulty.parts import MeaningPart, WordPart
from router.difficulty.structure import cues_of
from router.difficulty.vectors import DIMENSIONS, KEY_SHIFT, WordVectors
from router.difficulty.words import BUCKET_SHIFT, BUCKETS, MANY, Distinct, Hashes, array_of, distinct, hashes_of

RANDOM = np.random.Generator(np.random.PCG64(11))
NONE = hashes_of(())
VOCABULARY = [f"word{number}".encode() for number in range(400)] + [b"the", b"why", b"prove", b"no"]
HALF = hashes_of(VOCABULARY[:200])
KEYS = np.unique(HALF >> KEY_SHIFT)
VECTORS = WordVectors.of(RANDOM.permutation(KEYS), RANDOM.integers(-127, 128, (KEYS.size, DIMENSIONS), dtype=np.int8))
WORDS = st.lists(st.sampled_from(VOCABULARY), max_size=40).map(distinct)


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
EVERY = np.ones(BUCKETS, np.bool_)
MODELS = {
    "some buckets": [Words(KNOWN, ({"meaning": MEANING}, {"words": FEW}))],
    "all buckets": [Words(KNOWN, ({"words": FEW}, {"words": ALL}))],
    "three models": [
        Words(KNOWN, ({"meaning": MEANING, "words": FEW}, {})),
        Words(EVERY, ({"words": ALL},)),
        Words(~KNOWN, ({}, {"meaning": MeaningPart(-MEANING.weights), "words": FEW})),
    ],
}
LEXICONS = {name: Lexicon.of(VECTORS, models) for name, models in MODELS.items()}


def expected(part: WordPart, words: Hashes, earlier: Hashes) -> tuple[float, float]:
    buckets = np.concatenate((words, earlier)) >> BUCKET_SHIFT
    shares = np.repeat([1.0, EARLIER_WEIGHT], [words.size, earlier.size])
    values = part.idf[buckets].astype(np.float64) * shares
    return float(values @ part.weights[buckets]), float(values @ values)


@pytest.mark.parametrize("name", MODELS)
@given(words=WORDS, before=WORDS)
def test_a_sum_of_rows_says_what_the_tables_say(name: str, words: Distinct, before: Distinct) -> None:
    lexicon, columns = LEXICONS[name]
    beside = list(set(before) - set(words))
    numbers = lexicon.look_up(words, beside)
    length = float(np.linalg.norm(numbers[VECTOR])) or 1.0
    words, earlier = array_of(words), array_of(beside)
    buckets = words >> BUCKET_SHIFT
    assert numbers[CUE_FLAGS] == cues_of(buckets)
    for model, own in zip(MODELS[name], columns, strict=True):
        assert numbers[own.known] == np.count_nonzero(model.known[buckets])
        for parts, side in zip(model.sides, own.sides, strict=True):
            assert (side.meaning is None, side.words is None) == ("meaning" not in parts, "words" not in parts)
            if side.meaning is not None and isinstance(part := parts["meaning"], MeaningPart):
                scaled = float(VECTORS.meaning(words, earlier, EARLIER_WEIGHT) @ part.weights)
                assert side.meaning.total(numbers) / length == pytest.approx(scaled, abs=1e-5)
            if side.words is not None and isinstance(part := parts["words"], WordPart):
                found = tuple(column.total(numbers) for column in side.words)
                assert found == pytest.approx(expected(part, words, earlier), rel=1e-6, abs=1e-4)


@given(st.permutations(VOCABULARY[: 2 * MANY]), st.integers(0, 2 * MANY - 1))
def test_their_order_and_how_they_are_gone_through_changes_nothing(words: list[bytes], count: int) -> None:
    lexicon, _ = LEXICONS["all buckets"]
    shuffled, ordered = words[:count], sorted(words[:count])
    few = lexicon.look_up(hashes_of(shuffled[: MANY - 1]).tolist(), hashes_of(shuffled[MANY - 1 :]))
    assert few == lexicon.look_up(hashes_of(shuffled[: MANY - 1][::-1]), hashes_of(shuffled[MANY - 1 :]))
    assert lexicon.look_up(hashes_of(shuffled), NONE) == lexicon.look_up(hashes_of(ordered), [])


def test_more_rows_than_sixteen_bits_can_number() -> None:
    assert LEXICONS["some buckets"][0].rows.dtype == np.uint16
    assert LEXICONS["all buckets"][0].rows.dtype == np.uint32


def test_a_further_model_is_a_few_bytes_a_word() -> None:
    one, _ = LEXICONS["some buckets"]
    two, _ = Lexicon.of(VECTORS, MODELS["some buckets"] * 2)
    assert two.table.shape[0] == one.table.shape[0]
    assert two.table.shape[1] - one.table.shape[1] == 13  # known; the meaning; two of a `WordPart`, four digits each
    assert two.rows.nbytes == one.rows.nbytes
