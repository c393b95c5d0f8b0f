"""What is looked for around a sign is found as if it had been looked for everywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.sensitivity.around import Anchor, Around, Onward
from router.sensitivity.budget import Budget, TooManyCandidatesError
from router.sensitivity.patterns import Pattern

EVERYWHERE = Pattern(r"[a-z][a-z.]{0,6}@[a-z]{1,4}")
AROUND = Around((Pattern(r"[a-z][a-z.]*@[a-z]{1,4}"),), Anchor("@", 7, 5))

ALTERNATIVES = ("a[a-z]*@", "[a-z.]{2,4}@b", "@c")
TOGETHER = Around((Pattern("|".join(ALTERNATIVES)),), Anchor("@", 7, 5))
APART = Around([Pattern(each) for each in ALTERNATIVES], Anchor("@", 7, 5))
BEHIND = "@[a-z]{1,4}"


@given(st.text("abc.@ ", max_size=40))
def test_alternatives_apart_find_what_they_find_together(text: str) -> None:
    data = text.encode()
    assert APART.search(Budget(0), data, 0, len(data)) == TOGETHER.search(Budget(0), data, 0, len(data))


@given(st.text("ab@ ", max_size=40))
def test_what_begins_with_its_sign_is_found_there(text: str) -> None:
    data = text.encode()
    around = Around((Pattern(BEHIND),), Anchor("@", 0, 5))
    assert around.search(Budget(0), data, 0, len(data)) == Pattern(BEHIND).search(data, 0, len(data))


KEY = r"(?:^|[^a-z])(key-[a-z]{4,9}|pat\.[a-z]{2,5}\.[a-z]{3})"
BEGINNING = r"(?:^|[^a-z])(?:key-[a-z]{4}|pat\.[a-z]{2})"
KEYS_EVERYWHERE = Pattern(KEY)
KEYS_ONWARD = Onward(KEY, Anchor(BEGINNING, 0, 40))


@given(st.text("ab.@ ", max_size=60))
def test_finds_what_the_pattern_finds_everywhere(text: str) -> None:
    data, budget = text.encode(), Budget(0)
    position, expected, found = 0, list[tuple[int, ...]](), list[tuple[int, ...]]()
    while (match := EVERYWHERE.search(data, position, len(data))) is not None:
        expected.append(match)
        position = match[1]
    position = 0
    while (match := AROUND.search(budget, data, position, len(data))) is not None:
        found.append(match)
        position = match[1]
    assert found == expected


@given(st.lists(st.sampled_from(["key-", "pat.", "a", "bcd", "-", "."]), max_size=30))
def test_finds_from_its_beginning_on_what_the_pattern_finds_everywhere(parts: list[str]) -> None:
    data, budget = "".join(parts).encode(), Budget(0)
    position = 0
    while (match := KEYS_EVERYWHERE.search(data, position, len(data))) is not None:
        assert KEYS_ONWARD.search(budget, data, position, len(data)) == match
        position = match[1]
    assert KEYS_ONWARD.search(budget, data, position, len(data)) is None


def test_every_beginning_is_paid_for() -> None:
    data, budget = b"key-" * 200_000, Budget(0)
    never = Onward("key-[a-z]{4} never", Anchor("key-", 0, 20))
    with pytest.raises(TooManyCandidatesError):
        never.search(budget, data, 0, len(data))


def test_a_neighbour_is_no_shorter_for_standing_at_the_edge() -> None:
    data = b"@ a@abcd"
    assert AROUND.search(Budget(0), data, 0, len(data)) == (2, 8, 2, 8)


def test_every_sign_is_paid_for() -> None:
    data, budget = b"@" * 200_000, Budget(0)
    with pytest.raises(TooManyCandidatesError):
        AROUND.search(budget, data, 0, len(data))
