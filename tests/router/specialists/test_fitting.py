"""If these fail, a specialist claims what is not of its domain, or says that it is better than it is."""

from __future__ import annotations

import numpy as np
import pytest

from router.content import content_of_text
from router.difficulty.view import view_of_text
from router.specialists.background import SHIPPED, Background
from router.specialists.fitting import FALSE_CLAIMS, MISSED, fit
from router.specialists.prompt import Prompt, prompt_of
from router.specialists.specialists import Specialists
from tests.router.specialists.prompts import CONTRACTS, MORE_SUPPORT, OTHERS, SUPPORT

BACKGROUND = Background.load(SHIPPED)


def prompts(texts: list[str]) -> list[Prompt]:
    return [prompt_of(view_of_text(text)) for text in texts]


def claimed(examples: list[str], texts: list[str]) -> int:
    specialists = Specialists.of([(fit("x", prompts(examples), BACKGROUND), "one")])
    return sum(specialists.claim(content_of_text(text)) is not None for text in texts)


def test_a_domain_is_told_by_its_examples() -> None:
    assert claimed(SUPPORT, MORE_SUPPORT) == len(MORE_SUPPORT)
    assert claimed(SUPPORT, OTHERS + CONTRACTS) == 0
    assert claimed(CONTRACTS, OTHERS + MORE_SUPPORT) == 0


def test_what_it_says_of_itself_is_what_comes_of_leaving_each_example_out() -> None:
    domain = fit("x", prompts(SUPPORT), BACKGROUND)
    found = sum(claimed(SUPPORT[:place] + SUPPORT[place + 1 :], [SUPPORT[place]]) for place in range(len(SUPPORT)))
    assert domain.own == pytest.approx(found / len(SUPPORT), abs=0.15)
    assert domain.own <= 1 - MISSED + 1 / len(SUPPORT)
    assert domain.false <= FALSE_CLAIMS + 1 / BACKGROUND.count
    assert domain.examples == len(SUPPORT)


def test_examples_that_have_nothing_in_common_are_said_to_be_so() -> None:
    domain = fit("x", prompts(OTHERS), BACKGROUND)
    assert domain.own < 0.5
    assert domain.false <= FALSE_CLAIMS + 1 / BACKGROUND.count


def test_the_stricter_the_less_is_claimed() -> None:
    strict, loose = (fit("x", prompts(OTHERS), BACKGROUND, share) for share in (0.001, 0.05))
    assert strict.false < loose.false <= 0.05 + 1 / BACKGROUND.count
    assert strict.own <= loose.own


def test_the_same_examples_give_the_same_domain_whatever_their_order() -> None:
    one, two = fit("x", prompts(SUPPORT), BACKGROUND), fit("x", prompts(SUPPORT[::-1]), BACKGROUND)
    assert np.abs(one.table.astype(int) - two.table.astype(int)).max() <= 1
    assert one.own == two.own


def test_one_example_is_no_domain() -> None:
    with pytest.raises(ValueError, match="two examples"):
        fit("x", prompts(SUPPORT[:1]), BACKGROUND)


@pytest.mark.parametrize("text", ["?", "…", "12"])
def test_examples_that_say_nothing_claim_nothing(text: str) -> None:
    assert claimed([text] * 12, [*OTHERS, *SUPPORT]) == 0
