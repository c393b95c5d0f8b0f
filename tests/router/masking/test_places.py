"""If these fail, a placeholder is written to the wrong place of a body, and the value leaves."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from router.content import content_of
from router.masking.places import Places

names = st.text(st.sampled_from("ab.[]0"), max_size=3) | st.sampled_from(["messages", "content", "role"])
bodies = st.dictionaries(
    names,
    st.recursive(
        st.text(st.sampled_from("xy"), max_size=2) | st.integers() | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=12,
    ),
    max_size=4,
)


@given(bodies)
def test_a_place_holds_the_segments_text_and_no_other_could(body: dict[str, Any]) -> None:
    places = Places(body)
    assert places.body == body
    for segment in content_of(body).segments:
        place = places.at(segment.path, segment.text)
        if place is not None:
            assert place.holder[place.at] == segment.text


def test_strings_are_found_wherever_they_stand() -> None:
    body = {"messages": [{"content": [{"text": "x"}, "y"]}], "metadata": {"a.b": "z"}, "s": ["t"]}
    for path, text, field in (
        ("messages[0].content[0].text", "x", "text"),
        ("messages[0].content[1]", "y", "content"),
        ("metadata.a.b", "z", "a.b"),
        ("s[0]", "t", "s"),
    ):
        place = Places(body).at(path, text)
        assert place is not None
        assert (place.holder[place.at], place.field) == (text, field)


def test_keys_and_numbers_and_what_is_not_there_are_no_places() -> None:
    body = {"a": 12345678901, "key": "text"}
    assert Places(body).at("a", "12345678901") is None
    assert Places(body).at("key", "key") is None
    assert Places(body).at("key.more", "text") is None
    assert Places(body).at("key[0]", "text") is None


def test_what_can_be_read_in_two_ways_is_no_place() -> None:
    assert Places({"a": {"b": "x"}, "a.b": "x"}).at("a.b", "x") is None


def test_a_copy_shares_nothing_that_can_change() -> None:
    body = {"a": [{"b": ["c"]}]}
    copy = Places(body).body
    assert copy == body
    copy["a"][0]["b"][0] = "d"
    assert body == {"a": [{"b": ["c"]}]}
