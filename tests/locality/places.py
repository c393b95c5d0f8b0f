"""Places: where in a request a value can stand. Each gives, for words, the path and the body of a whole request.

`SENTENCES` take any words, `NAMES` stand where a name does: a key, a tool, a stop word. Routes are chosen by the test,
which sets `model`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.harness.prompts import EASY

Body = dict[str, Any]
Request = tuple[str, Body]
Place = Callable[[str], Request]

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
TEXT, VECTORS, VERDICTS = "text", "vectors", "verdicts"


def service_of(path: str) -> str:
    """What kind of deployment answers there."""
    if "embed" in path:
        return VECTORS
    return VERDICTS if "moderations" in path else TEXT


def _user(content: object) -> Body:
    return {"role": "user", "content": content}


def _chat(*messages: Body, **more: Any) -> Request:
    return CHAT, {"messages": [_user(EASY), *messages], **more}


def _tool(**function: Any) -> Body:
    return {"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}, **function}}


def _called(name: str, arguments: str) -> list[Body]:
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return [{"role": "assistant", "content": None, "tool_calls": [call]}, _result("done")]


def _result(content: object) -> Body:
    return {"role": "tool", "tool_call_id": "call_1", "content": content}


def _schema(**more: Any) -> Body:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, **more}
    return {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}


def _nested(value: object, depth: int) -> object:
    for level in range(depth):
        value = [value, level] if level % 2 else {f"level_{level}": value}
    return value


_CHAT_SENTENCES: Mapping[str, Place] = {
    "chat: user": lambda w: (CHAT, {"messages": [_user(w)]}),
    "chat: user, long": lambda w: (CHAT, {"messages": [_user(f"{'We walked on along the river. ' * 700}{w}")]}),
    "chat: first of many turns": lambda w: (CHAT, {"messages": [_user(w), *(_user(EASY) for _ in range(70))]}),
    "chat: system": lambda w: _chat({"role": "system", "content": w}),
    "chat: developer": lambda w: _chat({"role": "developer", "content": w}),
    "chat: assistant": lambda w: _chat({"role": "assistant", "content": w}, _user("And then?")),
    "chat: refusal": lambda w: _chat({"role": "assistant", "content": None, "refusal": w}),
    "chat: reasoning": lambda w: _chat({"role": "assistant", "content": "x", "reasoning_content": w}),
    "chat: unknown role": lambda w: _chat({"role": "narrator", "content": w}),
    "chat: text part": lambda w: _chat(_user([{"type": "text", "text": "See:"}, {"type": "text", "text": w}])),
    "chat: unknown part": lambda w: _chat(_user([{"type": "text", "text": "See:"}, {"type": "note", "note": w}])),
    "chat: field of a part": lambda w: _chat(_user([{"type": "text", "text": "See:", "title": w}])),
    "chat: field of a message": lambda w: _chat({**_user("See."), "annotations": [{"text": w}]}),
    "chat: arguments": lambda w: _chat(*_called("look_up", f'{{"text": "{w}"}}'.replace("\\", "\\\\"))),
    "chat: arguments, no JSON": lambda w: _chat(*_called("look_up", f"text={w}")),
    "chat: old function call": lambda w: _chat(
        {"role": "assistant", "content": None, "function_call": {"name": "look_up", "arguments": w}}
    ),
    "chat: tool result": lambda w: _chat(*_called("look_up", "{}")[:1], _result(w)),
    "chat: tool result in parts": lambda w: _chat(
        *_called("look_up", "{}")[:1], _result([{"type": "text", "text": w}])
    ),
    "chat: tool description": lambda w: _chat(tools=[_tool(description=w)]),
    "chat: parameter description": lambda w: _chat(
        tools=[_tool(parameters={"type": "object", "properties": {"a": {"type": "string", "description": w}}})]
    ),
    "chat: default of a parameter": lambda w: _chat(
        tools=[_tool(parameters={"type": "object", "properties": {"a": {"type": "string", "default": w}}})]
    ),
    "chat: old functions": lambda w: _chat(functions=[{"name": "f", "description": w, "parameters": {}}]),
    "chat: metadata": lambda w: _chat(metadata={"note": w}),
    "chat: user field": lambda w: _chat(user=w),
    "chat: safety identifier": lambda w: _chat(safety_identifier=w),
    "chat: cache key": lambda w: _chat(prompt_cache_key=w),
    "chat: prediction": lambda w: _chat(prediction={"type": "content", "content": w}),
    "chat: prediction in parts": lambda w: _chat(
        prediction={"type": "content", "content": [{"type": "text", "text": w}]}
    ),
    "chat: answer schema": lambda w: _chat(response_format=_schema(description=w)),
    "chat: web search": lambda w: _chat(web_search_options={"user_location": {"approximate": {"city": w}}}),
    "chat: template": lambda w: _chat(chat_template_kwargs={"note": w}),
    "chat: extra body": lambda w: _chat(extra_body={"guided_regex": w}),
    "chat: unknown field": lambda w: _chat(vendor={"options": [{"note": w}]}),
    "chat: deep": lambda w: _chat(vendor=_nested(w, 20)),
}
_CHAT_NAMES: Mapping[str, Place] = {
    "chat: name of a message": lambda n: _chat({**_user("Hello."), "name": n}),
    "chat: tool name": lambda n: _chat(tools=[_tool(name=n)]),
    "chat: tool choice": lambda n: _chat(tools=[_tool()], tool_choice={"type": "function", "function": {"name": n}}),
    "chat: called tool": lambda n: _chat(*_called(n, "{}")),
    "chat: call id": lambda n: _chat({"role": "tool", "tool_call_id": n, "content": "done"}),
    "chat: enum": lambda n: _chat(
        tools=[_tool(parameters={"type": "object", "properties": {"a": {"enum": ["x", n]}}})]
    ),
    "chat: property": lambda n: _chat(tools=[_tool(parameters={"type": "object", "properties": {n: {}}})]),
    "chat: key of arguments": lambda n: _chat(*_called("look_up", f'{{"{n}": 1}}'.replace("\\", "\\\\"))),
    "chat: metadata key": lambda n: _chat(metadata={n: "x"}),
    "chat: stop": lambda n: _chat(stop=n),
    "chat: stop list": lambda n: _chat(stop=["END", n]),
    "chat: bias": lambda n: _chat(logit_bias={n: 5}),
    "chat: schema name": lambda n: _chat(response_format=_schema(title=n)),
    "chat: unknown key": lambda n: _chat(vendor={n: {"a": 1}}),
    "chat: key on top": lambda n: _chat(**{n: 1}),
    "chat: deep key": lambda n: _chat(vendor=_nested({n: 1}, 15)),
    "chat: file name": lambda n: _chat(_user([{"type": "text", "text": "See:", "filename": f"{n}.txt"}])),
}


def _input(*items: Body, **more: Any) -> Request:
    return RESPONSES, {"input": [{"role": "user", "content": EASY}, *items], **more}


def _function_call(name: str, arguments: str, output: str = "done") -> list[Body]:
    return [
        {"type": "function_call", "call_id": "call_1", "name": name, "arguments": arguments},
        {"type": "function_call_output", "call_id": "call_1", "output": output},
    ]


def _function(**more: Any) -> Body:
    return {"type": "function", "name": "look_up", "parameters": {"type": "object", "properties": {}}, **more}


_RESPONSES_SENTENCES: Mapping[str, Place] = {
    "responses: input": lambda w: (RESPONSES, {"input": w}),
    "responses: item": lambda w: _input({"role": "user", "content": w}),
    "responses: developer": lambda w: _input({"role": "developer", "content": w}),
    "responses: part": lambda w: _input({"role": "user", "content": [{"type": "input_text", "text": w}]}),
    "responses: answer": lambda w: _input(
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": w}]},
        {"role": "user", "content": "And?"},
    ),
    "responses: instructions": lambda w: (RESPONSES, {"input": EASY, "instructions": w}),
    "responses: arguments": lambda w: _input(*_function_call("look_up", f'{{"text": "{w}"}}'.replace("\\", "\\\\"))),
    "responses: output": lambda w: _input(*_function_call("look_up", "{}", w)),
    "responses: tool description": lambda w: (RESPONSES, {"input": EASY, "tools": [_function(description=w)]}),
    "responses: answer schema": lambda w: (
        RESPONSES,
        {
            "input": EASY,
            "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object", "description": w}}},
        },
    ),
    "responses: user": lambda w: (RESPONSES, {"input": EASY, "user": w}),
}
_RESPONSES_NAMES: Mapping[str, Place] = {
    "responses: tool name": lambda n: (RESPONSES, {"input": EASY, "tools": [_function(name=n)]}),
    "responses: called tool": lambda n: _input(*_function_call(n, "{}")),
    "responses: property": lambda n: (
        RESPONSES,
        {"input": EASY, "tools": [_function(parameters={"type": "object", "properties": {n: {}}})]},
    ),
}


def _messages(*messages: Body, **more: Any) -> Request:
    return MESSAGES, {"max_tokens": 64, "messages": [_user(EASY), *messages], **more}


def _text(words: str) -> Body:
    return {"type": "text", "text": words}


def _loop(given: object, *result: Body, before: tuple[Body, ...] = ()) -> Request:
    use = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": given}
    answer = {"type": "tool_result", "tool_use_id": "toolu_1", "content": list(result) or "done"}
    turns = ({"role": "assistant", "content": [*before, use]}, {"role": "user", "content": [answer]})
    return _messages(*turns, tools=[_look()])


def _look(**more: Any) -> Body:
    return {"name": "look", "input_schema": {"type": "object", "properties": {}}, **more}


_MESSAGES_SENTENCES: Mapping[str, Place] = {
    "messages: user": lambda w: (MESSAGES, {"max_tokens": 64, "messages": [_user(w)]}),
    "messages: block": lambda w: (MESSAGES, {"max_tokens": 64, "messages": [_user([_text("See:"), _text(w)])]}),
    "messages: system": lambda w: _messages(system=w),
    "messages: system block": lambda w: _messages(system=[{**_text(w), "cache_control": {"type": "ephemeral"}}]),
    "messages: assistant": lambda w: _messages({"role": "assistant", "content": w}, _user("And?")),
    "messages: tool input": lambda w: _loop({"query": {"parts": [{"words": w}]}}),
    "messages: tool result": lambda w: _loop({}, _text(w)),
    "messages: thinking": lambda w: _loop({}, before=({"type": "thinking", "thinking": w, "signature": ""},)),
    "messages: tool description": lambda w: _messages(tools=[_look(description=w)]),
    "messages: tool schema": lambda w: _messages(tools=[_look(input_schema={"type": "object", "title": w})]),
    "messages: user id": lambda w: _messages(metadata={"user_id": w}),
}
_MESSAGES_NAMES: Mapping[str, Place] = {
    "messages: stop": lambda n: _messages(stop_sequences=[n]),
    "messages: key of a tool input": lambda n: _loop({n: 1}),
}


def _ollama(*messages: Body, **more: Any) -> Request:
    return "/api/chat", {"messages": [_user(EASY), *messages], **more}


def _ollama_call(arguments: Body) -> Body:
    return {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "a", "arguments": arguments}}]}


_OLLAMA_SENTENCES: Mapping[str, Place] = {
    "ollama: user": lambda w: ("/api/chat", {"messages": [_user(w)]}),
    "ollama: system": lambda w: _ollama({"role": "system", "content": w}),
    "ollama: thinking": lambda w: _ollama({"role": "assistant", "content": "x", "thinking": w}),
    "ollama: tool": lambda w: _ollama(_ollama_call({}), {"role": "tool", "tool_name": "a", "content": w}),
    "ollama: arguments": lambda w: _ollama(_ollama_call({"a": [{"b": w}]})),
    "ollama: tool description": lambda w: _ollama(tools=[_tool(description=w)]),
    "ollama: format": lambda w: _ollama(format={"type": "object", "description": w}),
    "ollama: unknown option": lambda w: _ollama(options={"note": w}),
    "ollama: unknown field": lambda w: _ollama(note={"text": w}),
    "ollama: prompt": lambda w: ("/api/generate", {"prompt": w}),
    "ollama: plain prompt": lambda w: ("/api/generate", {"prompt": w, "raw": True}),
    "ollama: system of a prompt": lambda w: ("/api/generate", {"prompt": EASY, "system": w}),
    "ollama: suffix": lambda w: ("/api/generate", {"prompt": EASY, "suffix": w}),
    "ollama: texts to embed": lambda w: ("/api/embed", {"input": ["a", w]}),
    "ollama: a prompt to embed": lambda w: ("/api/embeddings", {"prompt": w}),
}
_OLLAMA_NAMES: Mapping[str, Place] = {
    "ollama: stop": lambda n: _ollama(options={"stop": [n]}),
    "ollama: key of arguments": lambda n: _ollama(_ollama_call({n: 1})),
}
_OTHER_SENTENCES: Mapping[str, Place] = {
    "completions: prompt": lambda w: ("/v1/completions", {"prompt": w}),
    "completions: prompts": lambda w: ("/v1/completions", {"prompt": ["a", w]}),
    "completions: suffix": lambda w: ("/v1/completions", {"prompt": EASY, "suffix": w}),
    "completions: user": lambda w: ("/v1/completions", {"prompt": EASY, "user": w}),
    "embeddings: input": lambda w: ("/v1/embeddings", {"input": w}),
    "embeddings: batch": lambda w: ("/v1/embeddings", {"input": ["a", "b", w, "c"]}),
    "embeddings: user": lambda w: ("/v1/embeddings", {"input": "a", "user": w}),
    "moderations: input": lambda w: ("/v1/moderations", {"input": w}),
    "moderations: batch": lambda w: ("/v1/moderations", {"input": ["a", w]}),
    "moderations: part": lambda w: ("/v1/moderations", {"input": [{"type": "text", "text": w}]}),
}

SENTENCES: Mapping[str, Place] = {
    **_CHAT_SENTENCES, **_RESPONSES_SENTENCES, **_MESSAGES_SENTENCES, **_OLLAMA_SENTENCES, **_OTHER_SENTENCES
}  # fmt: skip
NAMES: Mapping[str, Place] = {**_CHAT_NAMES, **_RESPONSES_NAMES, **_MESSAGES_NAMES, **_OLLAMA_NAMES}
