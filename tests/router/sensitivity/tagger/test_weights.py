"""Scoring is one look-up a slot, only faster: where the two differ, names get out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from router.sensitivity.tagger.candidates import candidates
from router.sensitivity.tagger.features import around, features, looks, word_flags
from router.sensitivity.tagger.model import SHIPPED
from router.sensitivity.tagger.parameters import Parameters
from router.sensitivity.tagger.weights import Weights

SHIPPED_PARAMETERS = Parameters.read(SHIPPED)
WEIGHTS = Weights.of(SHIPPED_PARAMETERS.tables)
FLAGS = word_flags()
PIECES = st.sampled_from(
    [
        *("Anna", "Tom", "Lyon", "Sherlock Holmes", "Ida K.", "J. R. Brask", "Ottoline", "McX", "O'Hara", "Quantum"),
        *(" ", " ", ", ", ". ", "\n", ": ", "|", "(", ")", "||:", '"', "'s "),
        *("my friend", "dear", "dr.", "of", "has 5", "called", "the patient", "de la", "von", "said so", "and"),
    ]
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_sum_of_one_look_up_a_slot(text: str) -> None:
    lower, common = text.lower(), SHIPPED_PARAMETERS.common
    for candidate in candidates(text, frozenset()):
        values = features(text, lower, candidate, FLAGS, common)
        expected = sum(table.get(value, 0.0) for table, value in zip(SHIPPED_PARAMETERS.tables, values, strict=True))
        seen, start, end = looks(text, candidate, FLAGS), candidate.start, candidate.end
        own, about = WEIGHTS.own(seen, common), around(lower, start, end)
        assert WEIGHTS.score(seen, own, about) == expected
        alone = WEIGHTS.shapes[seen[1] << 1 | about[0]] + WEIGHTS.lists.get(seen[2], (0.0, 0.0))[about[0]]
        assert alone <= WEIGHTS.most(seen)


def test_a_sign_that_divides_a_key_may_stand_in_it() -> None:
    tables: list[dict[str | int, float]] = [{} for _ in SHIPPED_PARAMETERS.tables]
    tables[14]["a|b|c"] = 1.0
    touch = Weights.of(tables).touch_left
    assert touch["a"][1] == {"b|c": 1.0}
    assert touch["a|b"][1] == {"c": 1.0}
