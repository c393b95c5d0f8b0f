"""Records: the key of the field says whether the value is a person's name; every language has both kinds."""

from __future__ import annotations

from collections import Counter

from router.sensitivity.training.records import records
from router.sensitivity.training.slots import Slots


def test_records_of_persons_hold_one_and_those_of_things_none() -> None:
    slots = Slots(2)
    kinds: Counter[tuple[str, bool]] = Counter()
    for template, language, person, key in records(4):
        kinds[language, person] += 1
        _, spans = slots.fill(template, language)
        assert bool(spans) == person, template
        assert key
    assert len(kinds) == 8
    assert min(kinds.values()) > 100


def test_the_same_seed_gives_the_same_records() -> None:
    assert list(records(1)) == list(records(1))
