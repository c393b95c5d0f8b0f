"""What is asked: a request to `/api/chat` or `/api/generate`, read into one for chat, or for completions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.dialects.ollama.fields import Json, flag, items, mapping, model_of, text, wrong
from gateway.dialects.ollama.messages import chat_messages, content_of
from gateway.dialects.ollama.options import TAKEN, form, probabilities, sampling, thinking
from gateway.wire.endpoint import CHAT, COMPLETIONS, Endpoint

# Known, and not sent on: they say something to the gateway, or to the server that loads the model.
_COMMON_WORDS = """
    model name stream format options think keep_alive logprobs top_logprobs truncate shift runner _debug_render_only
"""
_GENERATE_WORDS = "prompt suffix system template context raw images width height steps"
_OF_CHAT = frozenset(_COMMON_WORDS.split())
_OF_GENERATE = _OF_CHAT | frozenset(_GENERATE_WORDS.split())
_DRAWING = ("width", "height", "steps")
_UNSUPPORTED = "unsupported_parameter"
_AT_ONCE = frozenset({0, "0", "0s", "0m", "0h", "0ms"})


@dataclass(frozen=True, slots=True)
class Asked:
    """`body` is what a deployment is asked. With a `done_reason` nothing is: a model is to be loaded or unloaded."""

    model: str
    body: Json
    streamed: bool
    shows_thoughts: bool
    endpoint: Endpoint = CHAT
    done_reason: str = ""


def of_chat(body: Json) -> Asked:
    """Raises `BadRequest` naming the field that is wrong."""
    model, streamed = model_of(body), flag(body, "stream", default=True)
    messages = chat_messages(items(body, "messages"))
    tools = [_tool(item, f"tools[{place}]") for place, item in enumerate(items(body, "tools"))]
    chat = {**_chat(body, _OF_CHAT), "messages": messages, "stream": streamed}
    if tools:
        chat["tools"] = tools
    return Asked(model, chat, streamed, _shows_thoughts(body), done_reason="" if messages else _loading(body))


def of_generate(body: Json) -> Asked:
    """Raises `BadRequest` naming the field that is wrong, or that a gateway cannot carry."""
    model, streamed = model_of(body), flag(body, "stream", default=True)
    prompt, system, suffix = text(body, "prompt"), text(body, "system"), text(body, "suffix")
    _check_carried(body)
    done_reason = "" if prompt else _loading(body)
    if suffix or flag(body, "raw", default=False):
        _check_plain(body, "suffix" if suffix else "raw")
        plain = {**_passed(body, _OF_GENERATE), **sampling(body), "prompt": prompt, "stream": streamed}
        if suffix:
            plain["suffix"] = suffix
        return Asked(model, plain, streamed, _shows_thoughts(body), COMPLETIONS, done_reason)
    messages: list[Json] = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": content_of(body, "prompt")})
    chat = {**_chat(body, _OF_GENERATE), "messages": messages, "stream": streamed}
    return Asked(model, chat, streamed, _shows_thoughts(body), CHAT, done_reason)


def _chat(body: Json, known: frozenset[str]) -> Json:
    return {**_passed(body, known), **sampling(body), **form(body), **thinking(body), **probabilities(body)}


def _passed(body: Json, known: frozenset[str]) -> Json:
    """What is not known passes on, but for names that a chat request has for something else."""
    return {name: value for name, value in body.items() if name not in known and name not in TAKEN}


def _check_carried(body: Json) -> None:
    """What has no place in another server's request is refused, not left out: the answer would be another one."""
    if text(body, "template"):
        wrong("template", "is not served here: models keep the template that their server has", _UNSUPPORTED)
    if items(body, "context"):
        wrong("context", "is not served here: send the conversation to /api/chat", _UNSUPPORTED)
    for name in _DRAWING:
        if body.get(name):
            wrong(name, "is not served here: there are no models that draw", _UNSUPPORTED)


def _check_plain(body: Json, why: str) -> None:
    """A prompt that goes to a model as it is has no place for what a template puts around it, or a chat beside it."""
    for name in ("system", "images", "format", "logprobs"):
        if body.get(name):
            wrong(name, f"cannot be combined with `{why}`", _UNSUPPORTED)


def _tool(item: object, at: str) -> Json:
    if not isinstance(item, dict):
        wrong(at, "must be an object")
    if not text(mapping(item, "function", f"{at}."), "name", f"{at}.function."):
        wrong(f"{at}.function.name", "is required", "missing_required_parameter")
    return item if item.get("type") else {**item, "type": "function"}


def _shows_thoughts(body: Mapping[str, object]) -> bool:
    return body.get("think") is not False


def _loading(body: Mapping[str, object]) -> str:
    """An empty prompt loads a model, or unloads it where it is not to be kept any longer."""
    keep = body.get("keep_alive")
    if isinstance(keep, bool) or not isinstance(keep, int | float | str):
        return "load"
    return "unload" if keep in _AT_ONCE else "load"
