"""If these fail, a function is called with pieces of another call's arguments."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.responses.calls import Calls

Json = dict[str, Any]


def piece(arguments: str = "", **more: Any) -> Json:
    name = more.pop("name", None)
    return {**more, "function": {"arguments": arguments, **({"name": name} if name else {})}}


def put_together(*pieces: Json) -> list[tuple[str, str, str]]:
    calls = Calls()
    for one in pieces:
        calls.add(one)
    return [(call.call_id, call.name, call.arguments) for call in calls.begun]


def test_pieces_are_told_apart_by_their_index() -> None:
    assert put_together(
        piece(index=0, id="a", name="f"),
        piece('{"x"', index=0),
        piece(index=1, id="b", name="g"),
        piece("{", index=1),
        piece(":1}", index=0),
        piece("}", index=1),
    ) == [("a", "f", '{"x":1}'), ("b", "g", "{}")]


def test_servers_that_give_no_index_name_each_call() -> None:
    assert put_together(piece("{}", id="a", name="f"), piece("{", id="b", name="g"), piece("}")) == [
        ("a", "f", "{}"),
        ("b", "g", "{}"),
    ]


def test_servers_that_give_one_index_for_all_give_each_an_id() -> None:
    assert put_together(piece("{}", index=0, id="a", name="f"), piece("{}", index=0, id="b", name="g")) == [
        ("a", "f", "{}"),
        ("b", "g", "{}"),
    ]


def test_a_piece_of_nothing_known_is_a_call_all_the_same() -> None:
    assert put_together(piece("{}"), {"function": None}, {"id": 5}) == [("", "", "{}")]


@given(st.lists(st.text(max_size=6), min_size=1, max_size=4), st.data())
def test_however_they_are_cut_and_mixed_they_are_put_together(arguments: list[str], data: st.DataObject) -> None:
    streams = [
        [piece(index=index, id=f"call_{index}", name="f"), *(piece(letter, index=index) for letter in text)]
        for index, text in enumerate(arguments)
    ]
    mixed = [streams[0].pop(0)]
    while any(streams):
        mixed.append(data.draw(st.sampled_from([stream for stream in streams if stream])).pop(0))
    found = {call_id: text for call_id, _, text in put_together(*mixed)}
    assert found == {f"call_{index}": text for index, text in enumerate(arguments)}


def test_each_is_told_once() -> None:
    calls = Calls()
    call = calls.add(piece("{", index=0, id="a", name="f"))
    assert (call.untold(), call.untold()) == ("{", "")
    calls.add(piece("}", index=0))
    assert call.untold() == "}"
