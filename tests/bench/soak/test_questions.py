"""If these fail, a soak takes a wrong answer for a right one, or the other way round."""

from __future__ import annotations

from itertools import islice

from bench.soak.questions import BURST, HOME, LEAVING, SENSITIVE, TOGETHER, WEIGHTS, questions, said
from tests.harness.prompts import CARD
from tests.upstream.answers import Answer


def test_a_right_answer_is_what_the_scripted_server_says() -> None:
    for together in islice(questions(1), 50):
        question = together[0]
        body = {"messages": [{"role": "user", "content": question.text}]}
        assert Answer(HOME, body, 1).text == said(HOME, question.text)
        assert said(HOME, question.text) in question.right


def test_only_the_model_at_home_is_right_about_what_is_sensitive() -> None:
    sensitive = [one[0] for one in islice(questions(1), 200) if one[0].kind == SENSITIVE]
    assert sensitive
    for question in sensitive:
        assert CARD in question.text
        assert question.right == {said(HOME, question.text)}


def test_every_kind_is_asked() -> None:
    assert {question.kind for together in islice(questions(1), 500) for question in together} == set(WEIGHTS)


def test_a_burst_is_the_same_question_at_once_and_some_may_leave() -> None:
    drawn = [together for together in islice(questions(1), 3000) if len(together) > 1]
    for together in drawn:
        assert len(together) == TOGETHER
        assert {one.kind for one in together} <= {BURST, LEAVING}
        assert len({(one.text, one.key, one.route, one.dialect.name) for one in together}) == 1
        assert all(one.streamed for one in together if one.kind == LEAVING)
    assert any(together[0].kind == LEAVING for together in drawn)
    assert any(together[0].kind == BURST and together[-1].kind == LEAVING for together in drawn)
    assert any(len({one.streamed for one in together}) == 2 for together in drawn)
    assert any(not together[0].streamed for together in drawn)


def test_the_same_seed_asks_the_same() -> None:
    assert list(islice(questions(3), 40)) == list(islice(questions(3), 40))
    assert list(islice(questions(3), 40)) != list(islice(questions(4), 40))
