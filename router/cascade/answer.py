"""What is looked at: a question as far as it says what an answer has to be, and a small model's answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Token(NamedTuple):
    """One token of an answer with its log-probability, and that of the best other one (`None`: not told)."""

    text: str
    logprob: float
    second: float | None = None


class ToolCall(NamedTuple):
    """A call of a function; `arguments` is JSON as the model wrote it."""

    name: str
    arguments: str


class Question(NamedTuple):
    """What is asked: `prompt` is the user's last turn, `schema` the JSON schema that the answer has to fit.

    `wants_object`: it has to be some JSON object. `tools` are the functions that may be called, each with the schema of
    its arguments; `None`: no tools. `must_call`: a call is asked for, and of which function, if of one (`""`: any;
    `None`: none is asked for). `difficulty` is the calibrated estimate from the prompt alone.
    """

    prompt: str
    schema: Mapping[str, Any] | None = None
    wants_object: bool = False
    tools: Mapping[str, Mapping[str, Any]] | None = None
    must_call: str | None = None
    difficulty: float | None = None


class Answer(NamedTuple):
    """`finish` is the wire's word (`stop`, `length`, `tool_calls`…). `is_whole`: nothing more will come. `again` is the
    text of a second sample, where one was asked for.
    """

    text: str
    finish: str = "stop"
    tokens: tuple[Token, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    is_whole: bool = True
    again: str | None = None

    @property
    def is_ended(self) -> bool:
        """By itself: what its last words say, it means."""
        return self.is_whole and self.finish != "length"
