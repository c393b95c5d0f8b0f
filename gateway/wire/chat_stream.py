"""A chat stream on its way from a deployment to a client.

Bytes are let through untouched wherever nothing in them concerns the gateway: a few searches over all that came at
once say so, and no event is looked at by itself. Read on the way: the first event (is it an answer at all?), finish
reasons, usage, error frames and the end. What comes once every choice has finished is held back, so that the caller
can write down the cost before the client sees the end.

Three things are set right on the way: `"usage": null`, which stands in every chunk for a client that asked for usage
and in none for another; a role that is said again, which clients that put deltas together would say again too; and tool
calls without a number, whose pieces they could not put together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import orjson

from gateway.wire.chunk_edits import (
    CALL,
    USAGE,
    CallNumbers,
    event_with_null_usage,
    event_without_null_usage,
    rewritten,
    says_role,
    with_call_numbers,
    with_null_usage,
    without_known_roles,
    without_null_usage,
    without_role,
)
from gateway.wire.errors import GatewayError
from gateway.wire.event_form import EventForm
from gateway.wire.sse import CR, DONE, MAX_EVENT_BYTES, EventSplitter, data_frame, payload

# Keys whose value is not null. Inside a JSON string every quote is escaped, so these match keys and never an answer's
# text. One pattern each: they begin with a literal, which `re` finds ten times as fast as an alternative.
_FINISH: Final = re.compile(rb'"finish_reason"\s*:\s*[^\sn]')
_ERROR: Final = re.compile(rb'"error"\s*:\s*[^\sn]')
_USAGE: Final = re.compile(rb'"usage"\s*:\s*[^\sn]')
_FINISH_KEY: Final = b'"finish_reason"'  # a key is found three times as fast as a pattern
_ERROR_KEY: Final = b'"error"'

_FEW_BYTES: Final = 1024  # that are read sooner than looked through


class GarbledStream(Exception):
    """What came is not an OpenAI chat stream. `before` is what came ahead of it in the same piece, and is good."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.before = b""


class ChatStream:
    """Feed it what the deployment sends; it returns what the client may have now.

    `usage` is the usage object once it came, `usage_until` how many bytes had been relayed by then, and `tier` the
    service tier that was named; `error` is the upstream's error object if it sent one, `complete` whether
    every choice has its finish reason, `done` whether the closing marker came. `kept` holds the relayed bytes for the
    cache and for estimates, up to `keep` bytes; `overflowed` says that more came than was kept.
    """

    __slots__ = (
        "_calls",
        "_choices",
        "_finished",
        "_form",
        "_held",
        "_roles",
        "_splitter",
        "_wants_usage",
        "_with_tools",
        "complete",
        "done",
        "error",
        "keep",
        "kept",
        "kept_bytes",
        "overflowed",
        "started",
        "tier",
        "usage",
        "usage_event",
        "usage_until",
    )

    def __init__(self, *, choices: int, wants_usage: bool, keep: int, with_tools: bool = False) -> None:
        self._choices = choices
        self._wants_usage = wants_usage
        self._with_tools = with_tools  # the model was handed some
        self._calls: dict[int, CallNumbers] = {}
        self._splitter = EventSplitter()
        self._finished: set[int] = set()
        self._form: EventForm | None = None  # of the events that are coming
        self._held: list[bytes] = []
        self._roles: set[int] = set()  # of which choices it was said
        self.started = False
        self.complete = False
        self.done = False
        self.error: Mapping[str, object] | None = None
        self.usage: Mapping[str, object] | None = None
        self.usage_event: dict[str, object] | None = None
        self.usage_until = 0
        self.tier: object = None
        self.keep = keep
        self.kept: list[bytes] = []
        self.kept_bytes = 0
        self.overflowed = False

    def feed(self, data: bytes) -> bytes:
        """What of `data` (and of what was left over before) may go to the client now. Raises `GarbledStream`."""
        out: list[bytes] = []
        at = 0
        try:
            if not self._flows:
                at = self._splitter.end_in(data)  # of the first event, or of one that was begun earlier
                self._events(data[:at], out)
            if at < len(data) and self._flows:
                at = self._flow(data, at, out)
            if at < len(data):
                self._events(data[at:], out)
        except GarbledStream as garbled:
            garbled.before = b"".join(out)
            raise
        return b"".join(out)

    def _flow(self, data: bytes, at: int, out: list[bytes]) -> int:
        """Lets through what is of no concern in `data` from `at` on. Where it ends; what follows has to be read."""
        if len(data) > MAX_EVENT_BYTES:
            return at
        if self._form is None or not data.startswith(self._form.head, at):
            at = self._learn(data, at, out)
        if self._form is not None:
            shown, end = self._form.taken(data, at)
            if end > at:
                self._keep(shown)
                out.append(shown)
                at = end
                if len(data) - at < _FEW_BYTES:  # the end, as a rule
                    return at
        rest = data[at:]
        end, has_usage = _unconcerning(rest)
        plain = self._plain(rest[:end], has_usage=has_usage) if end else b""
        if plain:
            self._keep(plain)
            out.append(plain)
            at += end
        return at

    def _learn(self, data: bytes, at: int, out: list[bytes]) -> int:
        """Lets the event at `at` through, if it is of no concern, and knows others of its form from now on."""
        event = data[at : data.find(b"\n\n", at) + 2]
        end, has_usage = _unconcerning(event)
        shown = self._plain(event, has_usage=has_usage) if end else b""
        if not shown:
            return at
        self._form = EventForm.of(event, shown)
        self._keep(shown)
        out.append(shown)
        return at + end

    @property
    def held(self) -> bytes:
        """What is held back, as it stands at the end of `kept`."""
        return b"".join(self._held)

    def tail(self, usage_event: Mapping[str, object] | None) -> bytes:
        """What was held back, the usage chunk if the client is to have one, and the closing marker."""
        held, self._held = self.held, []
        return held + closing(usage_event)

    def _keep(self, data: bytes) -> None:
        self.kept_bytes += len(data)
        if self.kept_bytes <= self.keep:
            self.kept.append(data)
        else:
            self.overflowed = True

    @property
    def _flows(self) -> bool:
        """Whether an event begins with the next byte, in the midst of an answer."""
        return self.started and not (self.complete or self.done or self.error is not None or self._splitter.holds)

    def _events(self, data: bytes, out: list[bytes]) -> None:
        """One by one. What came before a garbled one stays in `out`."""
        for event in self._splitter.feed(data):
            try:
                out.append(self._event(event))
            except orjson.JSONEncodeError:  # orjson reads 1,024 levels and writes 254
                raise GarbledStream("an event is nested too deeply") from None

    def _event(self, event: bytes) -> bytes:
        text = payload(event)
        if text is None:  # a comment keeps the connection alive, nothing else
            return b"" if self.complete else event
        if text == b"[DONE]":
            self.done = True
            return b""
        if self.done or self.error is not None:
            return b""
        if self.started and text.startswith(b"{") and text.endswith(b"}") and not _concerns(text):
            return self._unread(event, text)
        return self._read(event, text)

    def _plain(self, data: bytes, *, has_usage: bool) -> bytes:
        """Whole events that say nothing of concern, set right without a look at each. Nothing where that needs one."""
        if self._with_tools and CALL.search(data):
            return b""
        if says_role(data):
            data = without_role(data) if self._role_is_known else b""
            if says_role(data):
                return b""
        if self._wants_usage:
            return with_null_usage(data, has_usage=has_usage)
        return without_null_usage(data) if has_usage else data

    def _unread(self, event: bytes, text: bytes) -> bytes:
        """One event that says nothing of concern, and may be in any form."""
        if self._with_tools and CALL.search(text):
            return self._read(event, text)
        if says_role(text):
            if self._role_is_known:
                event, text = without_role(event), without_role(text)
            if says_role(text):
                return self._read(event, text)
        set_right = event_with_null_usage if self._wants_usage else event_without_null_usage
        return self._pass(set_right(event, text))

    @property
    def _role_is_known(self) -> bool:
        return self._choices == 1 and 0 in self._roles

    def _read(self, event: bytes, text: bytes) -> bytes:
        try:
            chunk = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise GarbledStream("an event is not JSON") from None
        if not isinstance(chunk, dict):
            raise GarbledStream("an event is not an object")
        error = chunk.get("error")
        if error is not None:
            self.error = error if isinstance(error, dict) else {"message": str(error)[:200]}
            return b""
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            raise GarbledStream("an event has no choices")
        self.started = True
        is_mended = without_known_roles(chunk, self._roles)
        if with_call_numbers(chunk, self._calls) or is_mended:
            event = rewritten(chunk)
            text = event[6:-2]
        self.tier = chunk.get("service_tier") or self.tier
        has_usage = self._note_usage(chunk)
        for choice in choices:
            if isinstance(choice, dict) and choice.get("finish_reason") is not None:
                index = choice.get("index")
                self._finished.add(index if isinstance(index, int) else 0)
        out = self._with_right_usage(event, text, chunk)
        passed = self._pass(out) if out else b""
        if len(self._finished) >= self._choices:
            self.complete = True
            if passed and not self._held:
                self._held.append(passed)
                passed = b""
        if has_usage:
            self.usage_until = self.kept_bytes
        return passed

    def _note_usage(self, chunk: Mapping[str, object]) -> bool:
        """Whether the chunk says what was used. A meter that stands at zero does not undo what was said before, and
        what says nothing of the prompt adds to it.
        """
        usage = chunk.get("usage")
        if usage is None and isinstance(own := chunk.get("x_groq"), dict):
            usage = own.get("usage")
        if not isinstance(usage, dict):
            return False
        before = self.usage
        if before is not None and not any(type(count) is int and count > 0 for count in usage.values()):
            return False
        if before is not None and usage.keys().isdisjoint(("prompt_tokens", "input_tokens")):
            usage = {**before, **usage}
        self.usage = usage
        return True

    def _pass(self, event: bytes) -> bytes:
        """Let through, or hold back once all choices have finished."""
        self._keep(event)
        if self.complete:
            self._held.append(event)
            return b""
        return event

    def _with_right_usage(self, event: bytes, text: bytes, chunk: dict[str, object]) -> bytes:
        """The event as the client asked for it; the usage chunk itself is kept back for `tail`."""
        usage = chunk.get("usage")
        if isinstance(usage, dict) and not chunk["choices"]:
            self.usage_event = chunk
            return b""
        if "usage" not in chunk:
            return event_with_null_usage(event, text.strip()) if self._wants_usage else event
        if usage is None:
            return event if self._wants_usage else event_without_null_usage(event, text)
        rest = {**chunk, "usage": None} if self._wants_usage else {k: v for k, v in chunk.items() if k != "usage"}
        if self.usage_event is None and self._wants_usage:
            self.usage_event = {**chunk, "choices": [], "usage": usage}
        return rewritten(rest)


def closing(usage_event: Mapping[str, object] | None) -> bytes:
    """The usage chunk if the client is to have one, and the closing marker."""
    return DONE if usage_event is None else data_frame(orjson.dumps(usage_event)) + DONE


def _concerns(text: bytes) -> bool:
    return _look_through(text)[0] < len(text)


def _unconcerning(data: bytes) -> tuple[int, bool]:
    """How many bytes at the start are whole events, each an object on one line, that say nothing of concern; and
    whether usage may be mentioned in them. What follows is not necessarily of concern: it has to be read.
    """
    if len(data) > MAX_EVENT_BYTES or not data.startswith(b"data: {") or CR in data:
        return 0, False
    mark, has_usage = _look_through(data)
    end = data.rfind(b"\n\n", 0, mark) + 2
    # every line feed is one of the two at the end of such an event
    if data.endswith(b"}\n\n", 0, end) and data.count(b"\n", 0, end) == 2 + 2 * data.count(b"}\n\ndata: {", 0, end):
        return end, has_usage
    return 0, False


def _look_through(data: bytes) -> tuple[int, bool]:
    """Where the first key of concern stands, the length where there is none; and whether `usage` comes before it."""
    end = len(data)
    at = data.find(_FINISH_KEY)
    while at >= 0 and data.startswith(b":null", at + len(_FINISH_KEY)):  # as most write it in all events but the last
        at = data.find(_FINISH_KEY, at + len(_FINISH_KEY))
    if at >= 0 and (found := _FINISH.search(data, at)):
        end = found.start()
    if data.find(_ERROR_KEY, 0, end) >= 0 and (found := _ERROR.search(data, 0, end)):
        end = found.start()
    usage = data.find(USAGE, 0, end)
    if usage < 0:
        return end, False
    if found := _USAGE.search(data, usage, end):
        end = found.start()
    return end, True


def error_frame(error: Mapping[str, object]) -> bytes:
    """The last event of a stream that was cut: OpenAI's SDKs raise on it. No `[DONE]` follows."""
    return data_frame(orjson.dumps({"error": error}))


def cut_frame(error: GatewayError) -> bytes:
    """The same for an error of the gateway's."""
    return error_frame({"message": error.message, "type": error.kind, "param": error.param, "code": error.code})
