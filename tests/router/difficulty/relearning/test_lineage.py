"""A user loses: labels from before a change of heads, or they are read as if the new head had been asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from router.difficulty.model import DifficultyModel
from router.difficulty.relearning.lineage import carried, factor_of, root_of
from router.difficulty.relearning.relearn import relearn
from router.difficulty.view import view_of_text
from tests.router.difficulty.relearning.traffic import SHIPPED, logit, reading, requests, told


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory) -> list[DifficultyModel]:
    """The shipped head, one learned from it, and one learned from that."""
    heads = [SHIPPED]
    for seed in (1, 2):
        rows = [row._replace(logit=logit(one.text, heads[-1])) for one, row in zip(*traffic(seed), strict=True)]
        challenger = relearn(heads[-1], rows).challenger
        assert challenger is not None
        directory: Path = tmp_path_factory.mktemp("head")
        challenger.save(directory)
        heads.append(DifficultyModel.load(directory))
    return heads


def traffic(seed: int):  # type: ignore[no-untyped-def]
    asked = requests(300, seed)
    return asked, told(asked)


def test_all_have_one_root(family: list[DifficultyModel]) -> None:
    assert {root_of(head) for head in family} == {SHIPPED.card["sha256"]}
    assert factor_of(family[0]) == 1
    assert factor_of(family[2]) != factor_of(family[1])


@pytest.mark.parametrize(("served", "other"), [(0, 1), (0, 2), (1, 2), (2, 0), (2, 1), (1, 1)])
def test_what_another_head_would_have_said_follows_from_what_one_did(
    family: list[DifficultyModel], served: int, other: int
) -> None:
    texts = [one.text for one in requests(30, 9)] + ["Hello!", "Prove that the square root of two is irrational."]
    for text in texts:
        said = family[served].estimate_view(view_of_text(text)).probability
        found = carried(said, reading(text), family[served], family[other])
        assert found == pytest.approx(logit(text, family[other]), abs=0.05)


def test_a_head_without_a_card_is_its_own_root() -> None:
    assert root_of(replace(SHIPPED, card={})) == ""
