"""If these fail, findings are taken for enough that are not."""

from __future__ import annotations

from math import inf

from router.sensitivity.finding import Finding
from router.sensitivity.settles import NOTHING_SETTLES, Settles


def finding(kind: str, confidence: float) -> Finding:
    return Finding(0, 0, 4, kind, confidence)


def test_a_type_of_its_own_least_confidence_has_no_other() -> None:
    settles = Settles({"EMAIL": 0.8, "PERSON": inf}, 0.6)
    assert [settles.by(finding("EMAIL", sure)) for sure in (0.7, 0.8)] == [False, True]
    assert [settles.by(finding("IBAN", sure)) for sure in (0.5, 0.6)] == [False, True]
    assert not settles.by(finding("PERSON", 1.0))


def test_a_type_settles_always_where_nothing_that_is_found_is_too_weak() -> None:
    settles = Settles({"EMAIL": 0.5, "IBAN": 0.6}, 0.0)
    assert [settles.always(kind) for kind in ("EMAIL", "IBAN", "CREDIT_CARD")] == [True, False, True]


def test_what_was_checked_may_stand_in_the_place_of_another_and_a_guess_may_not() -> None:
    assert Settles({"EMAIL": 0.5}, 0.0).covering
    assert Settles({"PERSON": inf, "NAMED_ENTITY": inf}, 0.0).covering
    assert not Settles({"EMAIL": 0.6}, 0.0).covering
    assert not Settles({"EMAIL": 0.0}, 0.6).covering


def test_nothing_settles_by_itself() -> None:
    assert not NOTHING_SETTLES.by(finding("EMAIL", 1.0))
    assert not NOTHING_SETTLES.covering
