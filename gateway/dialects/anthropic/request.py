"""Request: a Messages request as a chat call, and what the answer has to know of it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.dialects.anthropic.fields import Json, flag, kind_of, mapping, name, not_carried, text, wrong
from gateway.dialects.anthropic.tools import chat_choice, chat_tools, eager_tools
from gateway.dialects.anthropic.turns import chat_messages
from gateway.dialects.dialling import dial_of, session_of
from gateway.dialects.narrowing import labels_of, localities_of
from gateway.dialects.tagging import tags_of
from gateway.wire.call import Call
from gateway.wire.http import Request
from gateway.wire.json import parse_object

# What is told in other words below. Every other field passes: local runtimes have many of their own.
_TRANSLATED = frozenset(
    """model system messages max_tokens stop_sequences stream metadata tools tool_choice thinking output_config
    output_format""".split()  # noqa: SIM905
)
# Which queue answers, who pays for it and what is cached on the way: none of it changes what an answer may say.
_LEFT_OUT = frozenset(
    """service_tier speed cache_control context_management diagnostics user_profile_id
    workspace_id""".split()  # noqa: SIM905
)
# What would change the answer, or where it is made, and has no word in chat.
_REFUSED = ("container", "mcp_servers", "inference_geo", "n")
_NOT_PASSED = _TRANSLATED | _LEFT_OUT | {*_REFUSED}
_EFFORTS = frozenset({"low", "medium", "high", "xhigh", "max"})  # in chat they have the same names
_THINKING = frozenset({"enabled", "adaptive", "between_tools", "disabled"})
_EAGER = b"fine-grained-tool-streaming-2025-05-14"  # the beta that all tools were once streamed eagerly by


@dataclass(frozen=True, slots=True)
class Question:
    """`shows_thoughts`: thinking blocks were asked for. `eager`: tools whose input is streamed as it is written."""

    call: Call
    shows_thoughts: bool
    stop_sequences: tuple[str, ...]
    eager: frozenset[str]


def question_of(request: Request, *, counts_only: bool = False) -> Question:
    """Raises `BadRequest` naming the field that is wrong or cannot be carried. `counts_only`: no answer is wanted."""
    body = parse_object(request.body)
    chat = _chat_body(body, counts_only=counts_only)
    shows_thoughts, effort = _thinking(body.get("thinking"))
    chat |= _output(body, effort)
    headers = request.headers
    cache_control = headers.get(b"cache-control")
    call = Call(
        body=chat,
        route=name(body.get("model"), "model"),
        request_id=request.id,
        size=len(request.body),
        streamed="stream" in chat,
        wants_usage="stream" in chat,
        localities=localities_of(headers, body),
        labels=labels_of(headers, body),
        tags=tags_of(headers, body),
        cache_control=None if cache_control is None else cache_control.decode("latin-1"),
        dial=dial_of(headers),
        session=session_of(headers),
        is_translated=True,
        line=request.line,
    )
    eager = eager_tools(body.get("tools"), all_of_them=_EAGER in headers.get(b"anthropic-beta", b""))
    return Question(call, shows_thoughts, tuple(_stop_sequences(body.get("stop_sequences"))), eager)


def _chat_body(body: Json, *, counts_only: bool) -> Json:
    for field in _REFUSED:
        if body.get(field) not in (None, []):
            not_carried(field, "this")
    chat = {field: value for field, value in body.items() if field not in _NOT_PASSED}
    chat["model"] = name(body.get("model"), "model")
    chat["messages"] = messages = chat_messages(body.get("system"), body.get("messages"))
    if not counts_only:
        chat["max_tokens"] = _max_tokens(body.get("max_tokens"))
        if messages[-1]["role"] == "assistant":  # some servers would go on from there, others start anew
            not_carried("messages", "the beginning of an answer (prefill)")
    if stops := _stop_sequences(body.get("stop_sequences")):
        chat["stop"] = stops
    if tools := chat_tools(body.get("tools")):
        chat["tools"] = tools
    chat |= chat_choice(body.get("tool_choice"), tools)
    if (user := _user(body.get("metadata"))) is not None:
        chat["user"] = user
    if flag(body.get("stream"), "stream"):
        chat["stream"] = True
    return chat


def _max_tokens(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        wrong("max_tokens", "a whole number of at least 1", value)
    return value


def _stop_sequences(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(stop, str) for stop in value):
        wrong("stop_sequences", "a list of strings")
    return value


def _thinking(value: object) -> tuple[bool, str | None]:
    """Whether thoughts are to be shown, and the effort that says as much.

    That a model may think is left to the model, and so is how long: clients ask for it as a matter of course, a budget
    has no word in chat, and a deployment that cannot think refuses any effort but `none`.
    """
    if value is None:
        return False, None
    thinking = mapping(value, "thinking")
    kind = kind_of(thinking, "thinking")
    if kind not in _THINKING:
        wrong("thinking.type", "enabled, adaptive, between_tools or disabled")
    if kind == "disabled":
        return False, "none"
    return thinking.get("display") != "omitted", None


def _output(body: Json, effort: str | None) -> Json:
    """How hard to try, and in which format to answer. `output_format` is what the format was called in its beta."""
    fields: Json = {}
    config = {} if body.get("output_config") is None else mapping(body["output_config"], "output_config")
    if (wanted := config.get("effort")) is not None and (not isinstance(wanted, str) or wanted not in _EFFORTS):
        wrong("output_config.effort", "low, medium, high, xhigh or max")
    if (effort := effort or wanted) is not None:
        fields["reasoning_effort"] = effort
    where = "output_format" if config.get("format") is None else "output_config.format"
    given = body.get("output_format") if config.get("format") is None else config["format"]
    if given is not None:
        form = mapping(given, where)
        if kind_of(form, where) != "json_schema":
            wrong(f"{where}.type", "json_schema")
        schema = {"name": "answer", "schema": mapping(form.get("schema"), f"{where}.schema"), "strict": True}
        fields["response_format"] = {"type": "json_schema", "json_schema": schema}
    return fields


def _user(metadata: object) -> str | None:
    if metadata is None:
        return None
    user = mapping(metadata, "metadata").get("user_id")
    return None if user is None else text(user, "metadata.user_id")
