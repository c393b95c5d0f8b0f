"""Hard checks: what is certainly wrong with an answer, whatever a head would make of it."""

from __future__ import annotations

import json
from typing import Final, Literal

from router.cascade.answer import Answer, Question, ToolCall
from router.cascade.arithmetic import asked, says, statements
from router.cascade.loops import is_loop
from router.cascade.schema import fits

Fault = Literal["empty", "loop", "tool-call", "schema", "arithmetic"]
FAULTS: Final[tuple[Fault, ...]] = ("empty", "loop", "tool-call", "schema", "arithmetic")
_LONGEST_JSON: Final = 1_000_000  # characters; what is longer is not looked at


def fault(question: Question, answer: Answer) -> Fault | None:
    """The first thing that is certainly wrong, if any. What only an end can show is not asked of a part."""
    if answer.is_whole:
        if not answer.text.strip() and not answer.calls:
            return "empty"
        if not _calls_rightly(question, answer):
            return "tool-call"
        if not answer.calls and not _has_form(question, answer.text):
            return "schema"
    if is_loop(answer.text):
        return "loop"
    return "arithmetic" if _miscalculates(question, answer) else None


def _calls_rightly(question: Question, answer: Answer) -> bool:
    tools, wanted = question.tools, question.must_call
    if not answer.calls:
        return wanted is None
    if tools is None:
        return True  # nothing is known of what may be called
    return all(_is_right_call(question, call) for call in answer.calls)


def _is_right_call(question: Question, call: ToolCall) -> bool:
    tools = question.tools or {}
    if call.name not in tools or (question.must_call and call.name != question.must_call):
        return False
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return False
    return isinstance(arguments, dict) and fits(arguments, tools[call.name])


def _has_form(question: Question, text: str) -> bool:
    if question.schema is None and not question.wants_object:
        return True
    if len(text) > _LONGEST_JSON:
        return True
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if question.schema is None:
        return isinstance(value, dict)
    return fits(value, question.schema)


def _miscalculates(question: Question, answer: Answer) -> bool:
    if statements(answer.text, question.prompt, is_whole=answer.is_ended).wrong:
        return True
    if not answer.is_ended:
        return False
    wanted = asked(question.prompt)
    said = None if wanted is None else says(answer.text, wanted)
    return said is not None and not said[0]
