"""If these fail, a scan ends too early, or says that it read everything when it did not."""

from __future__ import annotations

from math import inf

from router.sensitivity.finding import Finding
from router.sensitivity.found import NEVER, Found
from router.sensitivity.settles import NOTHING_SETTLES, Settles

ANYTHING = Settles({}, 0.0)
IBAN, EMAIL = Finding(0, 0, 4, "IBAN", 0.9), Finding(1, 0, 4, "EMAIL", 0.9)


def test_it_is_enough_with_so_many_that_settle() -> None:
    found = Found(Settles({"EMAIL": inf}, 0.0), 2)
    found.add([IBAN, EMAIL, EMAIL])
    assert not found.stops()
    found.add([IBAN])
    assert found.stops()
    assert found.scan().more


def test_where_nothing_was_left_unread_there_is_no_more() -> None:
    found = Found(ANYTHING, 1)
    found.add([IBAN])
    assert not found.scan().more


def test_where_nothing_settles_it_is_never_enough() -> None:
    found = Found(NOTHING_SETTLES, 1)
    found.add([IBAN] * 100)
    assert not found.stops()
    assert found.wanted == NEVER


def test_a_segment_may_be_left_where_what_covers_another_settles() -> None:
    found = Found(ANYTHING, 3)
    found.add([IBAN])
    assert found.wanted == 2
    assert Found(Settles({"EMAIL": inf}, 0.0), 3).wanted == NEVER
    assert Found(Settles({"PERSON": inf}, 0.0), 3).settling(["PERSON", "IBAN", "IBAN"]) == 2
    found.leave()
    assert (found.stops(), found.more) == (True, True)


def test_they_are_put_in_order_from_where_they_are_not() -> None:
    found = Found()
    found.add([EMAIL, Finding(3, 5, 9, "IBAN", 0.9), Finding(3, 7, 9, "IBAN", 0.9), Finding(2, 0, 4, "IBAN", 0.9)])
    found.sort(1)
    assert [(each.segment, each.start) for each in found.scan().findings] == [(1, 0), (2, 0), (3, 5), (3, 7)]
