"""If these fail, blocks of a streamed answer come through each other, or a tool is called with what no model said."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.anthropic.blocks import Blocks, event
from gateway.dialects.anthropic.reading import CallPart

Json = dict[str, Any]


def blocks(*eager: str) -> Blocks:
    return Blocks(frozenset(eager), "toolu_x")


def start(name: str, index: int | None = 0, call_id: str = "") -> CallPart:
    return CallPart(index, call_id or f"call_{name}", name, "")


def more(arguments: str, index: int | None = 0) -> CallPart:
    return CallPart(index, "", "", arguments)


def short(events: list[Json]) -> list[str]:
    """Events as a line each."""
    lines = []
    for found in events:
        kind = found["type"].removeprefix("content_block_")
        if kind == "start":
            block = found["content_block"]
            what = f" {block['type']}" + (f" {block['id']}" if "id" in block else "")
        elif kind == "delta":
            delta = found["delta"]
            what = f" {delta.get('text', delta.get('thinking', delta.get('partial_json')))}"
        else:
            what = ""
        lines.append(f"{found['index']} {kind}{what}")
    return lines


def test_text_is_streamed_as_it_comes() -> None:
    found = blocks()
    found.say("text", "Hel")
    assert short(found.events()) == ["0 start text", "0 delta Hel"]
    found.say("text", "lo")
    found.say("text", "")
    assert short(found.events()) == ["0 delta lo"]
    assert short(found.events()) == []
    assert short(found.events(at_end=True)) == ["0 stop"]


def test_each_kind_is_a_block() -> None:
    found = blocks()
    found.say("thinking", "Hm.")
    found.say("text", "Yes.")
    found.say("thinking", "Hm?")
    assert short(found.events(at_end=True)) == [
        *("0 start thinking", "0 delta Hm.", "0 stop"),
        *("1 start text", "1 delta Yes.", "1 stop"),
        *("2 start thinking", "2 delta Hm?", "2 stop"),
    ]


def test_an_input_is_held_until_it_is_whole() -> None:
    found = blocks()
    found.call(start("a"), 0)
    assert short(found.events()) == ["0 start tool_use call_a"]
    for piece in ('{"x"', ": 1", "}"):
        found.call(more(piece), 0)
        assert short(found.events()) == []
    assert short(found.events(at_end=True)) == ['0 delta {"x": 1}', "0 stop"]
    assert found.has_calls


def test_an_input_that_is_none_is_wrapped() -> None:
    found = blocks()
    found.call(start("a"), 0)
    found.call(more('{"x": '), 0)
    assert short(found.events(at_end=True))[1:] == ['0 delta {"INVALID_JSON":"{\\"x\\": "}', "0 stop"]


def test_without_arguments_the_input_is_empty() -> None:
    found = blocks()
    found.call(start("a"), 0)
    assert short(found.events(at_end=True)) == ["0 start tool_use call_a", "0 delta {}", "0 stop"]


def test_eager_tools_get_theirs_as_it_is_written() -> None:
    found = blocks("a")
    found.call(start("a"), 0)
    found.call(more('{"x'), 0)
    assert short(found.events()) == ["0 start tool_use call_a", '0 delta {"x']
    found.call(more('": oops'), 0)
    assert short(found.events(at_end=True)) == ['0 delta ": oops', "0 stop"]


def test_calls_that_come_through_each_other_are_told_one_by_one() -> None:
    found = blocks("a", "b")
    found.call(start("a", 0), 0)
    found.call(start("b", 1), 1)
    found.call(more('{"x": {', 0), 0)
    found.call(more('{"y"', 1), 1)
    assert short(found.events()) == ["0 start tool_use call_a", '0 delta {"x": {']
    found.call(more("}}", 0), 0)
    assert short(found.events()) == ["0 delta }}", "0 stop", "1 start tool_use call_b", '1 delta {"y"']
    found.call(more(": 2}", 1), 0)
    assert short(found.events(at_end=True)) == ["1 delta : 2}", "1 stop"]


def test_a_brace_in_a_text_ends_no_input() -> None:
    found = blocks()
    found.call(start("a", 0), 0)
    found.call(more('{"x": "}', 0), 0)
    found.call(start("b", 1), 0)
    assert short(found.events()) == ["0 start tool_use call_a"]
    found.call(more('"}', 0), 0)
    assert short(found.events()) == ['0 delta {"x": "}"}', "0 stop", "1 start tool_use call_b"]


def test_words_after_a_call_wait_for_its_end() -> None:
    found = blocks()
    found.call(start("a"), 0)
    found.call(more('{"x"'), 0)
    found.say("text", "Look.")
    assert short(found.events()) == ["0 start tool_use call_a"]
    found.call(more(": 1}"), 0)
    assert short(found.events()) == ['0 delta {"x": 1}', "0 stop", "1 start text", "1 delta Look."]


def test_servers_that_number_every_call_zero_or_none() -> None:
    for index in (0, None):
        found = blocks()
        for name in "ab":
            found.call(start(name, index), 0)
            found.call(more("{}", index), 0)
        assert short(found.events(at_end=True)) == [
            *("0 start tool_use call_a", "0 delta {}", "0 stop"),
            *("1 start tool_use call_b", "1 delta {}", "1 stop"),
        ]


def test_servers_that_say_id_and_name_again_and_again() -> None:
    found = blocks()
    for piece in ('{"x"', ": 1}"):
        found.call(CallPart(0, "call_a", "a", piece), 0)
    assert short(found.events(at_end=True)) == ["0 start tool_use call_a", '0 delta {"x": 1}', "0 stop"]


def test_a_name_may_come_late_and_an_id_never() -> None:
    found = blocks()
    found.call(CallPart(0, "", "", ""), 0)
    assert short(found.events()) == []
    found.call(CallPart(0, "", "a", "{}"), 0)
    assert short(found.events(at_end=True))[0] == "0 start tool_use toolu_x_0"


def test_an_event_is_named_after_its_type() -> None:
    assert event({"type": "message_stop"}) == b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


inputs = st.dictionaries(st.text(max_size=3), st.text(max_size=5) | st.integers(0, 99) | st.none(), max_size=3)
calls = st.lists(inputs, max_size=4)


@given(calls, st.lists(st.text(min_size=1, max_size=4), max_size=4), st.sets(st.integers(0, 3)), st.data())
def test_in_any_order_each_block_is_whole_and_alone(
    wanted: list[Json], words: list[str], eager: set[int], data: st.DataObject
) -> None:
    """Pieces of every call in their order, words anywhere between, and events taken at any time."""
    found = blocks(*(f"tool_{number}" for number in eager))
    pieces: dict[int, list[str]] = {}
    for number, value in enumerate(wanted):
        written = json.dumps(value)
        cut = data.draw(st.integers(0, len(written)))
        pieces[number] = [written[:cut], written[cut:]]
    begun = 0
    events: list[Json] = []
    left = [number for number, both in pieces.items() for _ in both] + [-1] * len(words)
    said = iter(words)
    for number in data.draw(st.permutations(left)):
        if number < 0:
            found.say("text", next(said))
        else:
            while begun <= number:  # calls begin in their order, whatever comes of them then
                found.call(start(f"tool_{begun}", begun, f"call_{begun}"), 0)
                begun += 1
            found.call(more(pieces[number].pop(0), number), 0)
        if data.draw(st.booleans()):
            events += found.events()
    events += found.events(at_end=True)

    heard = [(kind, "".join(pieces)) for kind, pieces in _one_by_one(events)]
    assert "".join(text for kind, text in heard if kind == "text") == "".join(words)
    assert [json.loads(text) for kind, text in heard if kind == "tool_use"] == wanted[:begun]


def _one_by_one(events: list[Json]) -> list[tuple[str, list[str]]]:
    told: list[tuple[str, list[str]]] = []
    is_open = False
    for item in events:
        if item["type"] == "content_block_start":
            assert not is_open
            assert item["index"] == len(told)
            is_open = True
            told.append((item["content_block"]["type"], []))
            continue
        assert is_open
        assert item["index"] == len(told) - 1
        if item["type"] == "content_block_stop":
            is_open = False
        else:
            delta = item["delta"]
            told[-1][1].append(delta.get("text", delta.get("partial_json")))
    assert not is_open
    return told
