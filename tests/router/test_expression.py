"""If these fail, a pattern of the operator's means something else here, or makes requests slow."""

from __future__ import annotations

import pytest

from router.expression import HEAD_CHARS, TAIL_CHARS, Expression, readable, wrong_expression


def test_it_is_found_anywhere_and_means_letters_not_bytes() -> None:
    assert Expression(r"(?i)\binvoice\b").matches(b"My INVOICE is wrong")
    assert Expression("^.é.$").matches("aéb".encode())
    assert not Expression(r"\binvoice\b").matches(b"invoices")


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("", "is empty"),
        ("a*", "matches the empty text"),
        ("(", "is no RE2 pattern: missing )"),
        (r"(a)\1", "is no RE2 pattern: invalid escape sequence"),
        ("a" * 1001, "is longer than 1000 characters"),
        (r"\pN{1000}", "is no RE2 pattern: pattern too large"),
    ],
)
def test_what_is_none_says_why(pattern: str, wrong: str) -> None:
    assert wrong_expression(pattern).startswith(wrong)
    with pytest.raises(ValueError, match=r"."):
        Expression(pattern)


def test_of_a_long_text_both_ends_are_read() -> None:
    text = "first " + "x" * 100_000 + " last"
    read = readable(text)
    assert len(read) == HEAD_CHARS + TAIL_CHARS + 1
    assert Expression("^first").matches(read)
    assert Expression("last$").matches(read)
    assert readable("é\ud800") == b"\xc3\xa9?"
