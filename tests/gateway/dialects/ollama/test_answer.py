"""If these fail, an Ollama client sees something else than the model said, or does not see that it ended."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.ollama.answer import Answer, Part, chat_part, generated_part, timestamp
from gateway.dialects.translation import TranslatedStream
from gateway.pipeline.parts import Clocks
from gateway.wire.errors import GatewayError, UpstreamFailed

WALL = 1_700_000_000.25
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


def answer(part: Part = chat_part, **more: Any) -> Answer:
    """On a clock that a look moves by a second."""
    ticks = itertools.count()
    return Answer("asked-for", part, Clocks(lambda: WALL, lambda: float(next(ticks))), **more)


def chunk(delta: Mapping[str, Any] | None = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}], **more}


def lines(translator: Answer, *chunks: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = b"".join([*map(translator.chunk, chunks), translator.end()])
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


def test_a_line_for_each_piece_and_a_last_one_with_counts() -> None:
    first, second, last = lines(
        answer(),
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Hel"}),
        chunk({"content": "lo"}),
        chunk(finish="stop"),
        {"choices": [], "usage": USAGE},
    )
    head = {"model": "asked-for", "created_at": "2023-11-14T22:13:20.250000Z"}
    assert first == {**head, "message": {"role": "assistant", "content": "Hel"}, "done": False}
    assert second["message"]["content"] == "lo"
    assert last == {
        **head,
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "total_duration": 2_000_000_000,
        "load_duration": 0,
        "prompt_eval_count": 7,
        "prompt_eval_duration": 1_000_000_000,
        "eval_count": 3,
        "eval_duration": 1_000_000_000,
    }


def test_a_whole_answer_is_one_object() -> None:
    completion = {
        "choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "length"}],
        "usage": USAGE,
    }
    said = json.loads(answer().whole(completion))
    assert (said["message"], said["done"], said["done_reason"]) == (
        {"role": "assistant", "content": "Hello"},
        True,
        "length",
    )
    assert (said["prompt_eval_duration"], said["eval_duration"], said["total_duration"]) == (0, 10**9, 10**9)


def test_generated_text_is_a_response() -> None:
    first, last = lines(answer(generated_part), chunk({"content": "x"}, "stop"))
    assert (first["response"], last["response"]) == ("x", "")
    assert "message" not in first
    assert "context" not in last


def test_the_text_of_a_completion() -> None:
    completion = {"choices": [{"text": "x", "index": 0, "finish_reason": "stop"}], "usage": USAGE}
    assert json.loads(answer(generated_part).whole(completion))["response"] == "x"
    first, last = lines(answer(generated_part), completion)
    assert (first["response"], last["done"], last["eval_count"]) == ("x", True, 3)


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("tool_calls", "stop"),
        ("content_filter", "content_filter"),
        (None, "stop"),
    ],
)
def test_why_it_ended(finish: str | None, reason: str) -> None:
    assert lines(answer(), chunk({"content": "x"}, finish))[-1]["done_reason"] == reason


def test_thoughts_come_beside_the_text_unless_they_were_declined() -> None:
    deltas = [chunk({"reasoning": "h"}), chunk({"reasoning_content": "m"}), chunk({"content": "x"}, "stop")]
    found = lines(answer(), *deltas)
    assert [line["message"].get("thinking") for line in found] == ["h", "m", None, None]
    assert [line["message"]["content"] for line in found] == ["", "", "x", ""]
    assert len(lines(answer(shows_thoughts=False), *deltas)) == 2
    generated = lines(answer(generated_part), *deltas)[0]
    assert (generated["thinking"], generated["response"]) == ("h", "")


def test_a_refusal_is_said() -> None:
    assert lines(answer(), chunk({"refusal": "No."}, "stop"))[0]["message"]["content"] == "No."


def test_calls_come_whole_in_one_line_before_the_last() -> None:
    start = {"index": 0, "id": "x", "function": {"name": "f", "arguments": ""}}
    pieces = [{"index": 0, "function": {"arguments": part}} for part in ('{"a"', ": 1}")]
    found = lines(
        answer(),
        chunk({"role": "assistant", "content": None, "tool_calls": [start]}),
        *(chunk({"tool_calls": [part]}) for part in pieces),
        chunk(finish="tool_calls"),
    )
    assert [line["done"] for line in found] == [False, True]
    assert found[0]["message"] == {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "x", "function": {"index": 0, "name": "f", "arguments": {"a": 1}}}],
    }
    assert "tool_calls" not in found[1]["message"]


def test_calls_that_are_none_end_the_stream_with_an_error() -> None:
    bad = {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{"}}]}
    assert lines(answer(), chunk({"content": "x"}), chunk(bad, "tool_calls"))[1:] == [
        {"error": "The model called a tool with arguments that are no JSON object."}
    ]
    with pytest.raises(UpstreamFailed):
        answer().whole({"choices": [{"message": bad, "finish_reason": "tool_calls"}]})


def test_arguments_nested_without_end_are_an_error_too() -> None:
    deep = '{"a":' * 600 + "1" + "}" * 600
    bad = {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": deep}}]}
    assert lines(answer(), chunk(bad, "tool_calls"))[-1].keys() == {"error"}
    with pytest.raises(UpstreamFailed):
        answer().whole({"choices": [{"message": bad, "finish_reason": "tool_calls"}]})


@pytest.mark.parametrize("error", [{"message": "It broke.", "code": "x"}, "It broke."])
def test_a_break_is_a_line_with_an_error(error: Any) -> None:
    assert answer().broken_off(error) == b'{"error":"It broke."}\n'


def test_what_was_not_counted_is_left_out() -> None:
    for usage in (None, {}, {"prompt_tokens": -1}, [1]):
        last = lines(answer(), chunk({"content": "x"}, "stop"), {"choices": [], "usage": usage})[-1]
        assert "eval_count" not in last
        assert last["total_duration"] > 0


def test_log_probabilities_come_with_their_text() -> None:
    other = {"token": "y", "logprob": -1, "bytes": None}
    token = {"token": "x", "logprob": -0.5, "bytes": [120], "top_logprobs": [other]}
    choice = {"delta": {"content": "x"}, "logprobs": {"content": [token], "refusal": None}, "finish_reason": None}
    assert lines(answer(), {"choices": [choice]})[0]["logprobs"] == [token]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"choices": None},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": 5, "reasoning": {}, "tool_calls": 5}}]},
        {"choices": [{"delta": {}, "finish_reason": 5, "logprobs": {"content": [5, {"top_logprobs": 5}]}}]},
        {"usage": 5},
    ],
)
def test_odd_chunks_do_no_harm(odd: dict[str, Any]) -> None:
    found = lines(answer(), chunk({"content": "x"}), odd, chunk(finish="stop"))
    assert (found[0]["message"]["content"], found[-1]["done"]) == ("x", True)


def test_nothing_is_said_where_nothing_was_asked() -> None:
    assert json.loads(answer().nothing("load")) == {
        "model": "asked-for",
        "created_at": "2023-11-14T22:13:20.250000Z",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "load",
    }


@given(st.floats(0, 4e9))
def test_times_are_rfc_3339(seconds: float) -> None:
    text = timestamp(seconds)
    assert text.endswith("Z")
    assert abs(datetime.fromisoformat(text).timestamp() - seconds) < 1e-5


@given(st.lists(st.text(max_size=6)), st.lists(st.text(max_size=6)), st.booleans())
def test_the_pieces_together_are_the_whole(thoughts: list[str], words: list[str], chats: bool) -> None:
    part = chat_part if chats else generated_part
    deltas = [chunk({"reasoning": piece}) for piece in thoughts] + [chunk({"content": piece}) for piece in words]
    streamed = lines(answer(part), *deltas, chunk(finish="stop"))
    message = {"content": "".join(words), "reasoning": "".join(thoughts)}
    whole = json.loads(answer(part).whole({"choices": [{"message": message, "finish_reason": "stop"}]}))

    def said(line: dict[str, Any]) -> tuple[str, str]:
        if chats:
            return line["message"].get("thinking", ""), line["message"]["content"]
        return line.get("thinking", ""), line["response"]

    joined = tuple("".join(texts) for texts in zip(*map(said, streamed), strict=True))
    assert joined == said(whole) == ("".join(thoughts), "".join(words))


class Pieces:
    """A stream of the pipeline's, in pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self.ended = False

    async def next(self) -> bytes:
        piece = self._pieces.pop(0) if self._pieces else b""
        self.ended = not self._pieces
        return piece

    def broken_off(self, error: GatewayError) -> bytes:
        raise error

    def close(self) -> None: ...


@given(st.lists(st.integers(0, 2000), max_size=12))
async def test_however_a_stream_is_cut_it_says_the_same(cuts: list[int]) -> None:
    call = {"index": 0, "id": "x", "function": {"name": "f", "arguments": '{"a": "ü"}'}}
    chunks = [
        chunk({"role": "assistant", "content": ""}),
        chunk({"reasoning": "Grüße"}),
        chunk({"content": "你好 👩‍🔬"}),
        chunk({"tool_calls": [call]}, "tool_calls"),
        {"choices": [], "usage": USAGE},
    ]
    data = b"".join([*(b"data: " + orjson.dumps(said) + b"\n\n" for said in chunks), b"data: [DONE]\n\n"])
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(places) if start < end]
    stream = TranslatedStream(Pieces(pieces), answer())
    found = b""
    while not stream.ended:
        found += await stream.next()
    told = [json.loads(line) for line in found.splitlines()]
    assert [line["message"] for line in told] == [line["message"] for line in lines(answer(), *chunks)]
    assert (told[-1]["done"], told[-1]["eval_count"]) == (True, 3)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["choices", "usage", "delta", "message", "content", "tool_calls", "logprobs", "finish_reason", "text", "function"]
)
OBJECTS = st.dictionaries(NAMES, json_values)


@given(st.dictionaries(NAMES, json_values | st.lists(st.dictionaries(NAMES, json_values | OBJECTS))))
def test_whatever_a_server_says_is_told_or_is_its_failure(said: dict[str, Any]) -> None:
    translator = answer()
    data = translator.chunk(said) + translator.end()
    assert all(orjson.loads(line) for line in data.splitlines())
