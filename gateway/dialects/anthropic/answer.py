"""Answer: a chat completion as a message, and what both it and a stream say of how they ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.accounting.usage import estimated_usage, usage_of
from gateway.dialects.anthropic.fields import Json
from gateway.dialects.anthropic.reading import (
    calls_in,
    first_choice,
    input_of,
    part_of,
    refusal_in,
    thoughts_in,
    words_in,
)
from gateway.dialects.anthropic.request import Question
from router.content import content_of

_STOPS = {"length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use", "function_call": "tool_use"}


def message(question: Question, content: list[Json], stop: Json, usage: Json) -> Json:
    """`model` is the route that the client asked for; which deployment answered is in the receipt."""
    call = question.call
    number = f"msg_{call.request_id.removeprefix('req_')}"
    head = {"id": number, "type": "message", "role": "assistant", "model": call.route, "content": content}
    return {**head, **stop, "usage": usage}


def whole(completion: Mapping[str, Any], question: Question) -> bytes:
    choice = first_choice(completion)
    said = part_of(choice, "message")
    thoughts, words, refusal, calls = thoughts_in(said), words_in(said), refusal_in(said), calls_in(said)
    content: list[Json] = []
    if thoughts and question.shows_thoughts:
        content.append({"type": "thinking", "thinking": thoughts, "signature": ""})
    content += [{"type": "text", "text": text} for text in (words, refusal) if text]
    content += [
        {
            "type": "tool_use",
            "id": call.id or f"{made_up_id(question)}_{number}",
            "name": call.name,
            "input": orjson.Fragment(input_of(call.arguments)),
        }
        for number, call in enumerate(calls)
    ]
    characters = sum(len(text) for text in (thoughts, words, refusal, *(call.arguments for call in calls)))
    stop = stop_of(choice, question, called=bool(calls), refused=bool(refusal))
    return orjson.dumps(message(question, content, stop, usage_fields(completion.get("usage"), question, characters)))


def stop_of(choice: Mapping[str, Any], question: Question, *, called: bool, refused: bool) -> Json:
    """`stop_reason` and `stop_sequence`. `choice` holds the finish reason; vLLM and SGLang add what stopped it."""
    finish = choice.get("finish_reason")
    reason = _STOPS.get(finish, "end_turn") if isinstance(finish, str) else "end_turn"
    if refused:
        reason = "refusal"
    elif called and reason == "end_turn":
        reason = "tool_use"  # some servers say `stop`, and agents go by the reason
    if reason == "end_turn":
        for name in ("stop_reason", "matched_stop"):
            if choice.get(name) in question.stop_sequences:
                return {"stop_reason": "stop_sequence", "stop_sequence": choice[name]}
    return {"stop_reason": reason, "stop_sequence": None}


def usage_fields(raw: object, question: Question, characters: int) -> Json:
    """What the upstream counted, else an estimate: from the prompt and from the answer's `characters`."""
    usage = usage_of(raw) if isinstance(raw, dict) else None
    if usage is None:
        prompt = content_of(question.call.body).segments
        usage = estimated_usage(sum(len(segment.text) for segment in prompt), characters)
    fields: Json = {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens - usage.written_tokens,
        "cache_creation_input_tokens": usage.written_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
    }
    if usage.reasoning_tokens:
        fields["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return fields


def made_up_id(question: Question) -> str:
    """What the ids of calls begin with that the server gave none."""
    return f"toolu_{question.call.request_id.removeprefix('req_')}"
