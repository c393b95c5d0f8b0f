"""If these fail, what is said of the semantic cache's hits and false hits is not so."""

from __future__ import annotations

import sys

import pytest

from bench.semantic import __main__ as bench
from bench.semantic.rows import LANGUAGES, of_half, rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_rows_and_no_question_is_in_both_halves(language: str) -> None:
    all_rows = rows(language)
    assert sum(row.same for row in all_rows) >= 300
    assert sum(not row.same for row in all_rows) >= 300
    halves = [{row.a for row in of_half(half, language)} for half in ("tuning", "held-out")]
    assert not halves[0] & halves[1]
    assert len(halves[0] | halves[1]) == len({row.a for row in all_rows})


@pytest.mark.parametrize("language", LANGUAGES)
def test_near_misses_are_of_every_kind(language: str) -> None:
    kinds = {row.kind for row in rows(language)} - {""}
    wanted = {
        "number",
        "name",
        "negation",
        "unit",
        "entity",
        "code",
        "url",
        "quoted",
        "date",
        "comparative",
        "direction",
    }
    assert kinds == wanted | {"kind", "none", "insertion"}


def test_on_the_half_set_aside_no_false_hit_and_the_hits_that_the_docs_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.semantic"])
    assert bench.main() == 0
    shown = capsys.readouterr().out
    assert shown.count("false hits among near misses           0 of") == len(LANGUAGES)
