"""If these fail, a tool is called with half of its arguments, or with another call's."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.ollama.calls import Calls
from gateway.wire.errors import UpstreamFailed


def piece(index: int, arguments: str = "", *, name: str = "", number: str = "") -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": name} if name else {})}
    return {"index": index, "function": function, **({"id": number} if number else {})}


def made(*deltas: Any) -> list[dict[str, Any]]:
    calls = Calls()
    for delta in deltas:
        calls.add(delta)
    return calls.made()


def test_pieces_are_put_together_by_index() -> None:
    found = made(
        [piece(0, name="a", number="x"), piece(1, name="b", number="y")],
        [piece(1, '{"n":')],
        [piece(0, '{"m": 1}'), piece(1, " 2}")],
    )
    assert found == [
        {"id": "x", "function": {"index": 0, "name": "a", "arguments": {"m": 1}}},
        {"id": "y", "function": {"index": 1, "name": "b", "arguments": {"n": 2}}},
    ]


def test_calls_of_a_whole_message_have_no_index() -> None:
    whole = [{"id": str(i), "type": "function", "function": {"name": f"t{i}", "arguments": "{}"}} for i in range(3)]
    assert [call["function"]["name"] for call in made(whole)] == ["t0", "t1", "t2"]


def test_a_call_may_come_without_arguments_or_id() -> None:
    assert made([piece(0, name="now")]) == [{"function": {"index": 0, "name": "now", "arguments": {}}}]


@pytest.mark.parametrize("arguments", ['{"city": "Par', "[1]", "null", '"x"', "{}{}", "1"])
def test_arguments_that_are_no_object_are_a_failure_of_the_model(arguments: str) -> None:
    with pytest.raises(UpstreamFailed):
        made([piece(0, arguments, name="f")])


@pytest.mark.parametrize("nonsense", [None, {}, "x", 5, [None], ["x"], [[]]])
def test_what_are_no_calls_are_none(nonsense: object) -> None:
    assert made(nonsense) == []


@pytest.mark.parametrize("odd", [{"index": "x"}, {"function": None}, {"function": {"name": 5, "arguments": {}}}])
def test_odd_pieces_do_no_harm(odd: dict[str, Any]) -> None:
    assert made([odd])[0]["function"]["arguments"] == {}


@given(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9), max_size=4),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_however_it_is_cut_it_says_the_same(arguments: dict[str, Any], cuts: list[int]) -> None:
    text = json.dumps(arguments)
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in itertools.pairwise(places)]
    found = made([piece(0, name="f")], *([piece(0, part)] for part in pieces))
    whole = made([piece(0, text, name="f")])
    assert found == whole
