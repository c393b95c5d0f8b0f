"""A user loses: a key that says the opposite of all others, and nobody is told whose it is."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.relearning.dissent import KeyView
from router.difficulty.relearning.relearn import relearn
from tests.router.difficulty.relearning.traffic import SHIPPED, Asked, requests, told


def views(liar: str) -> dict[str, KeyView]:
    def attack(one: Asked, _: np.random.Generator) -> tuple[str, bool]:
        if one.key != "key-3" or not liar:
            return one.key, one.good
        return one.key, {"opposite": not one.good, "bad": False, "good": True}[liar]

    return {view.name: view for view in relearn(SHIPPED, told(requests(600, 1), attack)).keys}


@pytest.mark.parametrize(
    ("liar", "way"),
    [
        ("opposite", {"ranks prompts the other way round", "says bad where others say good"}),
        ("bad", {"says bad where others say good"}),
        ("good", {"says good where others say bad"}),
    ],
)
def test_who_contradicts_all_others_is_named_and_how(liar: str, way: set[str]) -> None:
    found = views(liar)
    assert {name for name, view in found.items() if view.against} == {"key-3"}
    assert found["key-3"].where in way
    assert found["key-3"].against >= 8


def test_of_honest_keys_none_is_named_and_each_can_be_left_out() -> None:
    found = views("")
    assert [name for name, view in found.items() if view.against] == []
    for view in found.values():
        assert view.without is not None
        assert view.without.low is not None
        assert view.without.low > 0
    assert sum(view.raw for view in found.values()) == pytest.approx(1)
