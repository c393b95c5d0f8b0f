"""If these fail, a placeholder that a stream cuts in two is not restored, or words are lost or out of order."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cache.assemble import assemble
from gateway.masking.answer import restored_answer
from gateway.masking.chunks import Chunks
from tests.gateway.masking.cases import masking_of
from tests.router.masking.cases import cuts, filler, pieces_of

PLAIN = masking_of(PERSON="Ann Lee", EMAIL="a@b.org")
ODD = masking_of(PERSON='Ann "The" Lee', EMAIL="a@b.org", KEY="--\n\\n--")
DONE = b"data: [DONE]\n\n"
texts = st.lists(filler | st.sampled_from(["<PERSON_1>", "<email_1>", "&lt;PERSON_1&gt;", "<KEY_1>"]), max_size=6).map(
    "".join
)
FIELDS = ("content", "reasoning_content", "refusal", "arguments", "text")


def frame(delta: dict[str, Any], index: int = 0, finish: str | None = None) -> bytes:
    choice = {"index": index, **delta, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n"


def delta_of(field: str, piece: str, call: int = 0) -> dict[str, Any]:
    if field == "text":
        return {"text": piece}
    if field == "arguments":
        return {"delta": {"tool_calls": [{"index": call, "function": {"arguments": piece}}]}}
    return {"delta": {field: piece}}


def events(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in data.decode().split("\n\n") if line and line != "data: [DONE]"]


def said(data: bytes, field: str, index: int = 0, call: int = 0) -> str:
    out = ""
    for choice in (choice for event in events(data) for choice in event.get("choices", ())):
        if choice["index"] != index:
            continue
        if field == "text":
            out += choice.get("text", "")
        elif field == "arguments":
            calls = choice.get("delta", {}).get("tool_calls", ())
            out += "".join(piece["function"].get("arguments", "") for piece in calls if piece["index"] == call)
        else:
            out += choice.get("delta", {}).get(field) or ""
    return out


def streamed(frames: list[bytes], masking: Any, cuts: list[int]) -> bytes:
    """What is left of the frames, which arrive in any pieces."""
    chunks = Chunks(masking)
    data = b"".join(frames)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return b"".join(chunks.feed(data[a:b]) for a, b in pairwise(places))


def whole(text: str, field: str, masking: Any) -> str:
    """The same text of an answer that was not streamed."""
    message = {field: text} if field != "arguments" else {"tool_calls": [{"function": {"arguments": text}}]}
    body = {"choices": [{"message": message} if field != "text" else {"text": text}]}
    choice = json.loads(restored_answer(json.dumps(body).encode(), masking))["choices"][0]
    if field == "text":
        return str(choice["text"])
    return str(
        choice["message"]["tool_calls"][0]["function"]["arguments"]
        if field == "arguments"
        else choice["message"][field]
    )


@given(texts, st.sampled_from(FIELDS), cuts, cuts, st.sampled_from([PLAIN, ODD]))
def test_a_stream_says_what_the_answer_says(
    text: str, field: str, cuts: list[int], wire: list[int], masking: Any
) -> None:
    frames = [frame(delta_of(field, piece)) for piece in pieces_of(text, cuts)]
    end = frame({"text": ""} if field == "text" else {"delta": {}}, finish="stop")
    out = streamed([*frames, end, DONE], masking, wire)
    assert said(out, field) == whole(text, field, masking)
    assert out.endswith(DONE)
    assert events(out)[-1]["choices"][0]["finish_reason"] == "stop"


@given(texts, texts, cuts, cuts, st.sampled_from([PLAIN, ODD]))
def test_choices_and_calls_grow_by_themselves(one: str, two: str, a: list[int], b: list[int], masking: Any) -> None:
    """By turns."""
    first, second = pieces_of(one, a), pieces_of(two, b)
    frames = []
    for place in range(max(len(first), len(second))):
        for index, pieces in enumerate((first, second)):
            if place < len(pieces):
                frames.append(frame(delta_of("content", pieces[place]), index))
                frames.append(frame(delta_of("arguments", pieces[place], index), 2))
    out = streamed([*frames, *(frame({"delta": {}}, index, "stop") for index in range(3)), DONE], masking, [])
    for index, text in enumerate((one, two)):
        assert said(out, "content", index) == whole(text, "content", masking)
        assert said(out, "arguments", 2, index) == whole(text, "arguments", masking)


def test_what_was_held_back_goes_out_before_what_comes_after_it() -> None:
    frames = [
        frame({"delta": {"reasoning_content": "is 1 <"}}),
        frame({"delta": {"content": "yes <PER"}}),
        frame({"delta": {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}}]}}),
        frame({"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "<PERSO"}}]}}),
        frame({"delta": {"tool_calls": [{"index": 1, "id": "b", "function": {"name": "f", "arguments": "<"}}]}}),
        frame({"delta": {}}, finish="tool_calls"),
    ]
    out = events(streamed([*frames, DONE], PLAIN, []))
    deltas = [event["choices"][0]["delta"] for event in out]
    assert [list(delta) for delta in deltas] == [
        ["reasoning_content"], ["reasoning_content"], ["content"], ["content"], ["tool_calls"], ["tool_calls"],
        ["tool_calls"], ["tool_calls"], ["tool_calls"], [],
    ]  # fmt: skip
    assert deltas[6] == {"tool_calls": [{"index": 0, "function": {"arguments": "<PERSO"}}]}
    assert all(event["id"] == "c" for event in out)


def test_an_end_in_the_last_words_chunk() -> None:
    out = streamed(
        [frame({"delta": {"content": "a <PERSON_1"}}), frame({"delta": {"content": "> <"}}, finish="stop"), DONE],
        PLAIN,
        [],
    )
    assert said(out, "content") == "a Ann Lee <"
    assert len(events(out)) == 2


@pytest.mark.parametrize("end", [DONE, b'data: {"error":{"message":"x"}}\n\n'])
def test_a_stream_that_ends_early_loses_nothing(end: bytes) -> None:
    out = streamed([frame({"delta": {"content": "a <PERS"}}), end], PLAIN, [])
    assert said(out, "content") == "a <PERS"
    assert out.endswith(end)


def test_events_that_say_nothing_of_it_pass_as_they_came() -> None:
    frames = [
        b": ping\n\n",
        frame({"delta": {"content": "good"}}),
        b'data: {"choices":[],"usage":{"a":1}}\n\n',
        b"data: <garbled\n\n",
        DONE,
    ]
    assert streamed(frames, PLAIN, []) == b"".join(frames)


def test_a_restored_stream_can_be_put_together_again() -> None:
    frames = [
        frame({"delta": {"role": "assistant", "content": ""}}),
        *(frame({"delta": {"content": sign}}) for sign in "to <EMAIL_1> <"),
    ]
    out = streamed([*frames, frame({"delta": {}}, finish="stop"), DONE], PLAIN, [])
    whole = assemble([line[6:] for line in out.split(b"\n\n") if line and line != b"data: [DONE]"])
    assert whole is not None
    assert json.loads(whole)["choices"][0]["message"]["content"] == "to a@b.org <"


def test_what_is_too_deep_to_be_written_passes_as_it_came() -> None:
    deep = b'data: {"choices":[{"delta":{"x":' + b'{"a":' * 900 + b'"<PERSON_1>"' + b"}" * 900 + b"}}]}\n\n"
    assert streamed([deep, DONE], PLAIN, []) == deep + DONE
