"""If these fail, arguments of calls and structured output are broken JSON, or say something else than they should."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.masking.json_text import JsonText, Part, Place, is_json
from tests.router.masking.cases import cuts, pieces_of


def part(text: str, found: str) -> Part | None:
    start = text.index(found)
    return JsonText(text).part(start, start + len(found))


@pytest.mark.parametrize(
    ("text", "is_it"), [('{"a": 1}', True), (" [1]", True), ("[1", False), ("1", False), ("", False)]
)
def test_only_objects_and_lists_are_json(text: str, is_it: bool) -> None:
    assert is_json(text) == is_it


def test_what_stands_in_a_string_is_taken_without_its_escapes() -> None:
    assert part('{"a": "to ann@example.org!"}', "ann@example.org") == Part("ann@example.org", is_bare=False)
    assert part('{"a": "x \\u0041nn\\"s y"}', '\\u0041nn\\"s') == Part('Ann"s', is_bare=False)


def test_what_stands_deeper_is_taken_without_all_of_them() -> None:
    text = json.dumps({"a": json.dumps({"b": 'say "é'})})
    assert part(text, '\\\\\\"\\\\u00e9') == Part('"é', is_bare=False)


def test_a_number_is_taken_bare_and_whole() -> None:
    assert part('{"a": 4970100000000154, "b": 2}', "4970100000000154") == Part("4970100000000154", is_bare=True)
    assert part('{"a": 4970100000000154}', "497010000000015") is None
    assert part('{"a": -4970100000000154}', "4970100000000154") is None


@pytest.mark.parametrize("found", ['Ann", "b', '"Ann"', ': "Ann', "true", "nn\\", "u0041", 'Ann", "b": "Lee'])
def test_what_cannot_be_replaced_is_nothing(found: str) -> None:
    assert part('{"a": "Ann", "b": "Lee", "c": true, "d": "Ann\\u0041"}', found) is None


texts = st.text(st.characters(exclude_characters="@", exclude_categories=["Cs"]), max_size=8)


@given(texts, texts, texts, st.integers(0, 3), cuts)
def test_a_value_is_escaped_for_where_it_stands(
    before: str, value: str, behind: str, depth: int, cuts: list[int]
) -> None:
    text = {"k": f"x{before}@@{behind}"}  # which is no JSON, whatever stands before
    for _ in range(depth):
        text = {"k": json.dumps(text)}
    head, tail = json.dumps(text).split("@@")
    place = Place()
    for piece in pieces_of(head, cuts):
        place.feed(piece)
    said = head + place.escaped(value) + tail
    for _ in range(depth + 1):
        said = json.loads(said)["k"]
    assert said == f"x{before}{value}{behind}"


@pytest.mark.parametrize("text", ["He said: ", '"', "1 [", ""])
def test_prose_is_not_json(text: str) -> None:
    place = Place()
    place.feed(text)
    assert place.escaped('"') == '"'


def test_outside_of_strings_nothing_is_escaped() -> None:
    place = Place()
    place.feed('{"a": ')
    assert place.escaped('"x"') == '"x"'
