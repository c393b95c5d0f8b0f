"""If these fail, a prompt goes to the wrong specialist, or to one where it should go on as if there were none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.content import content_of, content_of_text
from router.difficulty.view import view_of_content, view_of_text
from router.specialists.background import SHIPPED, Background
from router.specialists.fitting import fit
from router.specialists.prompt import prompt_of
from router.specialists.specialists import Specialists
from tests.router.specialists.prompts import CONTRACTS, MORE_SUPPORT, OTHERS, SUPPORT

BACKGROUND = Background.load(SHIPPED)
FAQ, LAW = (
    fit(name, [prompt_of(view_of_text(text)) for text in texts], BACKGROUND)
    for name, texts in (("faq", SUPPORT), ("law", CONTRACTS))
)
BOTH = Specialists.of([(FAQ, "small-one"), (LAW, "other-one")])


@pytest.mark.parametrize(
    ("texts", "reason", "deployment"),
    [(MORE_SUPPORT, "specialist(faq)", "small-one"), (CONTRACTS[:4], "specialist(law)", "other-one")],
)
def test_each_gets_its_own(texts: list[str], reason: str, deployment: str) -> None:
    leads = [BOTH.claim(content_of_text(text)) for text in texts]
    assert {lead and (str(lead.reason), lead.first, lead.rest) for lead in leads} == {(reason, (deployment,), None)}


def test_what_is_of_no_domain_is_claimed_by_none() -> None:
    assert [BOTH.claim(content_of_text(text)) for text in OTHERS] == [None] * len(OTHERS)


def test_two_that_say_the_same_leave_it() -> None:
    twins = Specialists.of([(FAQ, "small-one"), (FAQ, "other-one")])
    assert [twins.claim(content_of_text(text)) for text in MORE_SUPPORT] == [None] * len(MORE_SUPPORT)


@pytest.mark.parametrize("body", [{}, {"messages": []}, {"messages": [{"role": "system", "content": SUPPORT[0]}]}])
def test_without_a_user_nothing_is_claimed(body: dict[str, object]) -> None:
    assert BOTH.claim(content_of(body)) is None


def test_the_system_prompt_and_tools_do_not_matter() -> None:
    asked = {"role": "user", "content": MORE_SUPPORT[0]}
    alone = content_of({"messages": [asked]})
    more = content_of(
        {
            "messages": [{"role": "system", "content": "You are a lawyer. " * 50}, asked],
            "tools": [{"type": "function", "function": {"name": "prove", "parameters": {}}}],
        }
    )
    assert BOTH.scores(view_of_content(alone)) == BOTH.scores(view_of_content(more))


def test_earlier_turns_count_less_than_the_last() -> None:
    def score(*turns: str) -> float:
        return BOTH.scores(view_of_content(content_of({"messages": [{"role": "user", "content": t} for t in turns]})))[
            0
        ]

    poem = "Write a poem about the sea in autumn"
    assert score(poem) < score(MORE_SUPPORT[0], poem) < score(poem, MORE_SUPPORT[0])


@given(st.text(max_size=300))
def test_any_text_has_a_score(text: str) -> None:
    scores = BOTH.scores(view_of_text(text))
    assert len(scores) == 2
    assert all(-1e6 < score < 1e6 for score in scores)
