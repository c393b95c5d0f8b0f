"""Any chat stream, cut anywhere, is a stream of events that the SDKs can follow, and ends in what it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from gateway.cache.replay import replay
from gateway.dialects.responses import response
from gateway.dialects.responses.asking import asked
from gateway.dialects.responses.events import Events
from gateway.dialects.responses.items import items_of

Json = dict[str, Any]
EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
NOW = 1_800_000_000
ERROR = {"message": "The answer was cut off.", "type": "server_error", "param": None, "code": "upstream_failed"}


def events() -> Events:
    body = {"model": "auto", "input": "Hi"}
    opened = response.opened(asked(body, (), items_of(body)).said, "auto", "resp_07", NOW, store=True)
    return Events(opened, "07", lambda: float(NOW))


def parsed(data: bytes) -> list[Json]:
    """The events, each checked to be one that the SDK knows, and to name itself in its `event` line."""
    found = []
    for block in data.decode().split("\n\n")[:-1]:
        name, _, text = block.partition("\n")
        event = json.loads(text.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        EVENT.validate_python(event, strict=True)
        found.append(event)
    return found


def told(chunks: Iterable[Json]) -> list[Json]:
    told_by = events()
    data = b"".join(map(told_by.chunk, chunks)) + told_by.end()
    assert told_by.is_answered
    return parsed(data + told_by.completed())


def chunk(delta: Json, finish: str | None = None, **more: Any) -> Json:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish, **more}]}


def call(index: int, arguments: str = "", **more: Any) -> Json:
    function: Json = {"arguments": arguments}
    if "name" in more:
        function["name"] = more.pop("name")
    return chunk({"tool_calls": [{"index": index, **more, "function": function}]})


STOP = chunk({}, "stop")


def names(found: Sequence[Json]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in found]


def assert_well_told(found: Sequence[Json]) -> Json:
    """What holds of every stream; returns the last response."""
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert names(found)[:2] == ["created", "in_progress"]
    assert names(found)[-1] in ("completed", "incomplete")
    final: Json = found[-1]["response"]
    open_item: Json | None = None
    deltas: dict[tuple[int, int], str] = {}
    done: list[Json] = []
    for event in found[2:-1]:
        kind = event["type"]
        assert event["output_index"] == len(done)
        if kind == "response.output_item.added":
            assert open_item is None, "items overlap"
            open_item = event["item"]
        elif kind == "response.output_item.done":
            assert open_item is not None
            assert event["item"]["id"] == open_item["id"]
            done.append(event["item"])
            open_item = None
        else:
            assert open_item is not None
            assert event["item_id"] == open_item["id"]
            place = (len(done), event.get("content_index", 0))
            if kind.endswith(".delta"):
                deltas[place] = deltas.get(place, "") + event["delta"]
            elif kind.endswith(("_text.done", "refusal.done")):
                assert deltas.pop(place, "") == event.get("text", event.get("refusal"))
            elif kind.endswith("arguments.done"):
                assert deltas.pop(place, "") == event["arguments"]
    assert open_item is None
    assert deltas == {}
    assert done == final["output"]
    assert len({item["id"] for item in done}) == len(done)
    return final


def test_a_plain_answer() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    chunks = [chunk({"role": "assistant", "content": ""}), chunk({"content": "Hel"}), chunk({"content": "lo"}), STOP]
    found = told([*chunks, {"choices": [], "usage": usage}])
    assert names(found) == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.delta",
        "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    final = assert_well_told(found)
    assert final["output"][0]["content"][0]["text"] == "Hello"
    assert final["usage"]["total_tokens"] == 5


def test_thoughts_then_an_answer_then_calls() -> None:
    found = told(
        [
            chunk({"reasoning_content": "Hm"}),
            chunk({"reasoning": "m."}),
            chunk({"content": "So:"}),
            call(0, id="call_a", name="f"),
            call(0, '{"a":'),
            call(0, "1}"),
            call(1, "{}", id="call_b", name="g"),
            chunk({}, "tool_calls"),
        ]
    )
    final = assert_well_told(found)
    assert [item["type"] for item in final["output"]] == ["reasoning", "message", "function_call", "function_call"]
    assert [item.get("arguments") for item in final["output"][2:]] == ['{"a":1}', "{}"]
    deltas = [event["delta"] for event in found if event["type"] == "response.function_call_arguments.delta"]
    assert deltas == ['{"a":', "1}", "{}"]


def test_a_call_goes_on_whatever_comes_beside_it() -> None:
    """What is said in between is told after it: of the arguments, nothing may be lost."""
    chunks = [
        call(0, '{"a', id="call_a", name="f"), chunk({"content": "By the "}), call(1, "{", id="call_b", name="g"),
        call(0, '":1}'), chunk({"content": "way"}), call(1, "}"), STOP,
    ]  # fmt: skip
    final = assert_well_told(told(chunks))
    assert [item.get("arguments") for item in final["output"]] == ['{"a":1}', "{}", None]
    assert final["output"][2]["content"][0]["text"] == "By the way"


def test_a_call_without_arguments_is_told_too() -> None:
    final = assert_well_told(told([call(0, id="call_a", name="f"), STOP]))
    assert final["output"][0]["arguments"] == ""


def test_an_answer_without_a_word_is_still_a_message() -> None:
    (item,) = assert_well_told(told([STOP]))["output"]
    assert item["content"] == [{"type": "output_text", "text": "", "annotations": [], "logprobs": []}]


@pytest.mark.parametrize(("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_that_was_cut_short(finish: str, reason: str) -> None:
    found = told([chunk({"content": "Hel"}), chunk({}, finish)])
    assert names(found)[-1] == "incomplete"
    final = assert_well_told(found)
    assert final["incomplete_details"] == {"reason": reason}
    assert final["output"][0]["status"] == "incomplete"


def test_other_choices_are_not_mixed_in() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "other"}, "finish_reason": "stop"}]}
    assert assert_well_told(told([chunk({"content": "Hi"}), other, STOP]))["output"][0]["content"][0]["text"] == "Hi"


def test_a_stream_that_breaks_says_so_twice() -> None:
    """In an `error`, on which OpenAI's SDKs raise, and in a response that has failed; with what was said so far."""
    told_by = events()
    data = told_by.chunk(chunk({"reasoning": "Hm."})) + told_by.chunk(chunk({"content": "Hel"}))
    found = parsed(data + told_by.broken_off(ERROR))
    assert names(found)[-2:] == ["error", "failed"]
    error = found[-2]
    assert error["error"] == ERROR
    assert (error["message"], error["code"], error["param"]) == (ERROR["message"], ERROR["code"], None)
    final = found[-1]["response"]
    assert (final["status"], final["error"]["message"], final["store"]) == ("failed", ERROR["message"], False)
    assert [item["status"] for item in final["output"]] == ["completed", "incomplete"]
    assert final["output"][1]["content"][0]["text"] == "Hel"
    assert not told_by.is_answered
    assert [event["sequence_number"] for event in found] == list(range(len(found)))


def test_one_that_breaks_before_it_began() -> None:
    assert names(parsed(events().broken_off(ERROR))) == ["created", "in_progress", "error", "failed"]


texts = st.text(min_size=1, max_size=12)
calls_made = st.lists(st.tuples(st.sampled_from(["f", "g"]), st.text(max_size=12)), max_size=3)


@st.composite
def completions(draw: st.DrawFn) -> Json:
    message: Json = {"role": "assistant", "content": draw(st.none() | texts)}
    if draw(st.booleans()):
        message["reasoning_content"] = draw(texts)
    if draw(st.booleans()):
        message["refusal"] = draw(texts)
    made = draw(calls_made)
    if made:
        message["tool_calls"] = [
            {"id": f"call_{place}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for place, (name, arguments) in enumerate(made)
        ]
    logprobs = None
    if message["content"] and draw(st.booleans()):
        tokens = [
            {"token": letter, "logprob": -1.5, "bytes": None, "top_logprobs": []} for letter in message["content"]
        ]
        logprobs = {"content": tokens, "refusal": None}
    finish = draw(st.sampled_from(["stop", "length", "tool_calls", "content_filter"]))
    choice = {"index": 0, "message": message, "logprobs": logprobs, "finish_reason": finish}
    usage = draw(st.none() | st.just({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}))
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


@given(completions())
def test_streamed_it_ends_in_what_it_is_whole(completion: Json) -> None:
    frames = replay(json.dumps(completion).encode(), include_usage=True)
    streamed = assert_well_told(told(json.loads(frame.removeprefix(b"data: ")) for frame in frames[:-1]))
    assert streamed == events().answered(completion)


@given(st.text(max_size=30), st.text(max_size=30), st.data())
def test_however_it_is_cut_it_says_the_same(thoughts: str, said: str, data: st.DataObject) -> None:
    def cut(text: str) -> list[str]:
        places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)) | {0, len(text)})
        return [text[start:end] for start, end in pairwise(places)]

    deltas = [{"reasoning": piece} for piece in cut(thoughts)] + [{"content": piece} for piece in cut(said)]
    final = assert_well_told(told([*map(chunk, deltas), STOP]))
    by_type = {item["type"]: item for item in final["output"]}
    assert by_type["message"]["content"][0]["text"] == said if said or not thoughts else "message" not in by_type
    assert "".join(part["text"] for part in by_type.get("reasoning", {}).get("content", [])) == thoughts


kinds = st.sampled_from(["content", "reasoning", "refusal", "call0", "call1", "nothing"])


@given(st.lists(st.tuples(kinds, st.text(max_size=4)), max_size=20), st.sampled_from(["stop", "length"]))
def test_in_whatever_order_it_comes_nothing_is_lost(pieces: list[tuple[str, str]], finish: str) -> None:
    chunks, wanted = [], {"output_text": "", "reasoning_text": "", "refusal": "", "call0": "", "call1": ""}
    for kind, text in pieces:
        if kind.startswith("call"):
            chunks.append(call(int(kind[4:]), text, id=kind, name="f"))
            wanted[kind] += text
        elif kind != "nothing":
            chunks.append(chunk({kind: text}))
            wanted[{"content": "output_text", "reasoning": "reasoning_text"}.get(kind, kind)] += text
        else:
            chunks.append({"choices": []})
    final = assert_well_told(told([*chunks, chunk({}, finish)]))
    said = dict.fromkeys(wanted, "")
    for item in final["output"]:
        if item["type"] == "function_call":
            said[item["call_id"]] += item["arguments"]
        for part in item.get("content", ()):
            said[part["type"]] += part.get("text", part.get("refusal", ""))
    assert said == wanted


odd = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "content", "tool_calls", "function", "name", "arguments", "index", "id", "usage",
             "finish_reason", "logprobs", "reasoning", "refusal", "message", "type", "text"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(["choices", "usage", "id"]), odd), max_size=6))
def test_whatever_a_server_sends_can_be_followed(chunks: list[Json]) -> None:
    assert_well_told(told(chunks))
