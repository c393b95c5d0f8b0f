"""If these fail, a client is told that the wrong parameter is at fault."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from router.capability import CAPABILITIES, missing

words = st.frozensets(st.sampled_from(CAPABILITIES), min_size=1)


@given(words, st.lists(words, min_size=1, max_size=4))
def test_what_is_named_is_asked_for_and_lacking(asked: frozenset[str], lacking: list[frozenset[str]]) -> None:
    needs = dict.fromkeys(sorted(asked), "somewhere")
    lacking = [lacks | {min(asked)} for lacks in lacking]
    named = missing(needs, lacking)
    assert named in asked
    assert all(named in lacks for lacks in lacking)


def test_where_each_lacks_something_else_it_is_what_the_first_lacks() -> None:
    needs = {"tools": "tools", "vision": "messages[0].content[1]"}
    assert missing(needs, [frozenset({"vision"}), frozenset({"tools"})]) == "vision"
    assert missing(needs, [frozenset({"tools"}), frozenset({"vision"})]) == "tools"
