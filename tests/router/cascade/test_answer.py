"""A user loses: the last word of an answer that was cut off is taken at its word."""

from __future__ import annotations

from router.cascade.answer import Answer


def test_what_was_cut_off_has_not_ended() -> None:
    assert Answer("well").is_ended
    assert not Answer("well", "length").is_ended
    assert not Answer("well", is_whole=False).is_ended
