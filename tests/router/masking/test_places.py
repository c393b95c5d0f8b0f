"""If these fail, a placeholder is written to the wrong place of a body, and the value leaves."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from router.content import content_of
from router.masking.places import copied, place_of

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
    for segment in content_of(body).segments:
        place = place_of(body, segment.path, segment.text)
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
        place = place_of(body, path, text)
        assert place is not None
        assert (place.holder[place.at], place.field) == (text, field)


def test_keys_and_numbers_and_what_is_not_there_are_no_places() -> None:
    body = {"a": 12345678901, "key": "text"}
    assert place_of(body, "a", "12345678901") is None
    assert place_of(body, "key", "key") is None
    assert place_of(body, "key.more", "text") is None
    assert place_of(body, "key[0]", "text") is None


def test_what_can_be_read_in_two_ways_is_no_place() -> None:
    assert place_of({"a": {"b": "x"}, "a.b": "x"}, "a.b", "x") is None


def test_a_path_made_to_be_read_in_many_ways_is_given_up() -> None:
    body: Any = "x"
    for _ in range(40):
        body = {"a": body, "a.a": body}
    assert place_of(body, ".".join(["a"] * 60), "x") is None


def test_a_copy_shares_nothing_that_can_change() -> None:
    body = {"a": [{"b": ["c"]}]}
    copy = copied(body)
    assert copy == body
    copy["a"][0]["b"][0] = "d"
    assert body == {"a": [{"b": ["c"]}]}
