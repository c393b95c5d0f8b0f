"""If these fail, a soak does not see what is wrong."""

from __future__ import annotations

import pytest

from bench.soak.questions import FRESH, HOME, OUTSIDE, SENSITIVE, WRONG, Question, said
from bench.soak.traffic import judge
from tests.harness.dialects import CHAT, Heard

FREE = Question(FRESH, "plain", CHAT, "auto", "What is it?", streamed=True)
SECRET = FREE._replace(kind=SENSITIVE)
NONSENSE = FREE._replace(kind=WRONG)
RIGHT = said(OUTSIDE, FREE.text)


@pytest.mark.parametrize(
    ("question", "status", "heard", "verdict"),
    [
        (FREE, 200, Heard(RIGHT, ended=True), ""),
        (FREE, 200, Heard(RIGHT[:-1], ended=True), "a wrong answer"),
        (FREE, 200, Heard(said(OUTSIDE, "Another question"), ended=True), "a wrong answer"),
        (FREE, 200, Heard(RIGHT[:9], ended=False), "cut without a word"),
        (FREE, 200, Heard(RIGHT[:9], ended=False, error="cut"), ""),
        (FREE, 200, Heard("Something", ended=False, error="cut"), "a wrong part"),
        (FREE, 503, Heard("", ended=False, error="no_deployment"), ""),
        (FREE, 503, Heard("", ended=False), "503 without an error"),
        (FREE, 500, Heard("", ended=False, error="internal_error"), "status 500"),
        (FREE, 400, Heard("", ended=False, error="bad"), "status 400"),
        (SECRET, 200, Heard(said(HOME, FREE.text), ended=True), ""),
        (SECRET, 200, Heard(RIGHT, ended=True), "a wrong answer"),
        (NONSENSE, 400, Heard("", ended=False, error="bad"), ""),
        (NONSENSE, 200, Heard(RIGHT, ended=True), "200 to what is no request"),
        (NONSENSE, 500, Heard("", ended=False, error="internal_error"), "500 to what is no request"),
    ],
)
def test_a_verdict(question: Question, status: int, heard: Heard, verdict: str) -> None:
    found = judge(question, status, heard)
    assert found.startswith(verdict)
    assert bool(found) == bool(verdict)
