"""If these fail, a placeholder that a model writes reaches the client as one, or text that is none is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.masking.placeholder import begun_at, cut, word_of

VALUES = {"PERSON_1": "Jean", "PERSON_1B": "JEAN", "PERSON_12": "Ann"}


def restored(text: str) -> str:
    return "".join(before + (value or "") for before, value in cut(text, VALUES))


@pytest.mark.parametrize(
    "written",
    [
        "<PERSON_1>",
        "<person_1>",
        "<Person_1>",
        "&lt;PERSON_1&gt;",
        "\\u003cPERSON_1\\u003e",
        "\\u003CPERSON_1\\u003E",
        "\\\\u003cPERSON_1\\\\u003e",
        "<PERSON\\_1>",
        "&lt;person\\_1&gt;",
    ],
)
def test_it_is_read_however_it_is_written(written: str) -> None:
    assert restored(f"a {written} b") == "a Jean b"


def test_names_are_not_mixed_up() -> None:
    assert restored("<PERSON_1><PERSON_1b><PERSON_12>") == "JeanJEANAnn"


@pytest.mark.parametrize(
    "text",
    [
        "<PERSON_2>",
        "<PERSON_01>",
        "PERSON_1",
        "<PERSON_1",
        "PERSON_1>",
        "</PERSON_1>",
        "< PERSON_1>",
        "<PERSON_1 id=3>",
        "&lt;PERSON_1>",
        "\\u003cPERSON_1>",
        "\\\\u003cPERSON_1\\u003e",
    ],
)
def test_what_is_none_is_left_alone(text: str) -> None:
    """Invented, incomplete, or half escaped."""
    assert restored(text) == text


def test_a_backslash_that_is_none_of_its_own_is_left() -> None:
    """`C:\\\\<PERSON_1>` and an escaped backslash before an escaped bracket, in JSON."""
    assert restored("C:\\\\<PERSON_1>") == "C:\\\\Jean"
    assert restored("C:\\\\\\u003cPERSON_1\\u003e") == "C:\\\\Jean"


@pytest.mark.parametrize(
    "whole",
    ["<PERSON_1b>", "<PERSON\\_1b>", "&lt;person_12&gt;", "\\u003cPERSON_1\\u003e", "\\\\u003cPERSON_1\\\\u003e"],
)
def test_each_beginning_may_go_on(whole: str) -> None:
    for end in range(1, len(whole)):
        assert begun_at(f"a <b {whole[:end]}", VALUES) == 5


@pytest.mark.parametrize(
    "text", ["", "a", "a < ", "<b", "a <div", "&amp", "\\n", "<PERSON_2", "<PERSON_1>", "x<PERSON_1 "]
)
def test_what_can_become_none_is_not_held_back(text: str) -> None:
    assert begun_at(text, VALUES) == len(text)


@given(st.text(st.sampled_from("<>&;\\ltgu03ceCE_PERSON12b "), max_size=40), st.text(max_size=5))
def test_what_is_let_through_is_no_beginning(text: str, more: str) -> None:
    """Whatever comes behind it: what stands before the point given is read the same by itself."""
    at = begun_at(text, VALUES)
    assert restored(text + more) == restored(text[:at]) + restored(text[at:] + more)


def test_what_is_held_back_is_bounded() -> None:
    for text in ("<" + "PERSON_1" * 100_000, "\\" * 1_000_000, "<" * 1_000_000, "&lt;" * 100_000):
        assert len(text) - begun_at(text, VALUES) < 300


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("PERSON", "PERSON"),
        ("operator's term", "OPERATOR_S_TERM"),
        ("2fa", "X_2FA"),
        ("é", "X"),
        ("", "X"),
        ("A" * 99, "A" * 64),
    ],
)
def test_any_type_becomes_a_word(kind: str, word: str) -> None:
    assert word_of(kind) == word
    assert [value for _, value in cut(f"<{word}_1>", {f"{word}_1": "x"})] == ["x", None]
