"""If these fail, an answer loses or garbles words, or what was masked comes back wrong where a stream is cut."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from router.masking.restorer import Restorer, has_escapes, restored
from tests.router.masking.cases import cuts, filler, pieces_of

VALUES = {"PERSON_1": "Jean Dupont", "PERSON_2": 'Ann "The\\n" O\'Neil\n', "EMAIL_1": "<PERSON_1>"}
parts = st.lists(filler | st.sampled_from(["<PERSON_1>", "<person_2>", "&lt;EMAIL_1&gt;", "<PERSON_3>"]), max_size=8)


def in_pieces(text: str, cuts: list[int], *, escapes: bool) -> str:
    restorer = Restorer(VALUES, escapes=escapes)
    return "".join([*(restorer.feed(piece) for piece in pieces_of(text, cuts)), restorer.end()])


@given(parts, cuts, st.booleans())
def test_a_text_in_pieces_is_the_text(parts: list[str], cuts: list[int], escapes: bool) -> None:
    text = "".join(parts)
    assert in_pieces(text, cuts, escapes=escapes) == restored(text, VALUES, escapes=escapes)


@given(st.text(max_size=60), cuts)
def test_text_without_placeholders_is_as_it_was(text: str, cuts: list[int]) -> None:
    if not any(name in text.upper() for name in VALUES):
        assert in_pieces(text, cuts, escapes=True) == text


def test_a_value_that_looks_like_a_placeholder_is_a_value() -> None:
    assert restored("<EMAIL_1>", VALUES, escapes=True) == "<PERSON_1>"


def test_nothing_is_held_back_that_can_be_none() -> None:
    restorer = Restorer(VALUES, escapes=False)
    assert restorer.feed("a < b <div> &amp; <PERSONAL") == "a < b <div> &amp; <PERSONAL"
    assert restorer.feed(" <PERS") == " "
    assert restorer.feed("ON_1> is") == "Jean Dupont is"
    assert restorer.feed("<PERSON_") + restorer.end() == "<PERSON_"


json_values = st.recursive(
    st.sampled_from(
        ["<PERSON_1>", "say <PERSON_2>, <EMAIL_1>", "C:\\<PERSON_2>", "[<PERSON_2>]", '"<PERSON_2>"', "", "é\n"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "<PERSON_2>"]), inner, max_size=2)
        | st.lists(inner, max_size=3).map(json.dumps)
        | st.dictionaries(st.sampled_from(["b", "c"]), inner, max_size=2).map(json.dumps)
    ),
    max_leaves=8,
)


def filled(value: object, depth: int = 1) -> object:
    """The same with the values in place, JSON in strings too."""
    if isinstance(value, str):
        if value.lstrip()[:1] in ("{", "[") and depth < 4:
            try:
                return json.dumps(filled(json.loads(value), depth + 1))
            except ValueError:
                pass
        for name, text in (("<PERSON_2>", VALUES["PERSON_2"]), ("<EMAIL_1>", "\0"), ("<PERSON_1>", VALUES["PERSON_1"])):
            value = value.replace(name, text)
        return value.replace("\0", VALUES["EMAIL_1"])
    if isinstance(value, list):
        return [filled(item, depth) for item in value]
    if isinstance(value, dict):
        return {filled(name, 9): filled(item, depth) for name, item in value.items()}
    return value


def loaded(value: object, depth: int = 1) -> object:
    """With JSON in strings read, so that blanks and escapes do not matter."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and depth < 5:
        try:
            return loaded(json.loads(value), depth + 1)
        except ValueError:
            return value
    if isinstance(value, list):
        return [loaded(item, depth) for item in value]
    return {name: loaded(item, depth) for name, item in value.items()} if isinstance(value, dict) else value


@given(st.lists(json_values, min_size=1, max_size=3), cuts, st.booleans())
def test_json_stays_json_however_deep(value: list[object], cuts: list[int], escaped: bool) -> None:
    text = json.dumps(value)
    if escaped:
        text = text.replace("<", "\\u003c").replace(">", "\\u003e")
    assert loaded(json.loads(in_pieces(text, cuts, escapes=True))) == loaded(filled(value))


def test_which_values_need_escapes() -> None:
    assert not has_escapes({"A_1": "Jean", "A_2": "é<>&'/"})
    assert all(has_escapes({"A_1": value}) for value in ('"', "\\", "\n", "\x00"))
