"""A user loses: an answer that goes round in circles until it is cut, or a table that is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.cascade.loops import is_loop, repeated


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(max_size=200))
def test_one_piece_over_and_over_is_a_loop(piece: str, before: str) -> None:
    text = before + piece * (400 // len(piece) + 5)
    tail = text.rstrip()
    expected = len(tail) >= 80 and not set(tail[-80:]) <= set("-=_*#~.+ \n\t") and bool(piece.strip())
    assert is_loop(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Paris.",
        "a b c d e f g",
        "The end.\n" + "-" * 300,
        "\n".join(f"{number}. step number {number}" for number in range(40)),
        "I went to the market and then I went to the mill, and then home again, which was where I wanted to be.",
    ],
)
def test_ordinary_texts_are_none(text: str) -> None:
    assert not is_loop(text)


def test_what_was_said_before_is_a_share() -> None:
    assert repeated("a b c") == 0.0
    assert repeated("one two three four five six seven eight nine") == 0.0
    assert repeated("so it goes on and so it goes on and so it goes on") > 0.4
