"""A task of the cascade's benchmark: a prompt, its one right answer, and when an answer is that."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_WORDS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Task:
    """A prompt and its one right answer. `rivals` are answers of the same kind: one beside the right one is a miss.

    `kind` is how an answer is compared: `number`, `word` or `json`.
    """

    name: str
    prompt: str
    answer: str
    kind: str
    rivals: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None


def is_right(task: Task, text: str) -> bool:
    """Whether an answer is right: its last number, its word (and no rival's), or its JSON value."""
    if task.kind == "number":
        found = _NUMBER.findall(text.replace("$", ""))
        return bool(found) and Fraction(found[-1].replace(",", "")) == Fraction(task.answer)
    if task.kind == "json":
        try:
            return bool(json.loads(text) == json.loads(task.answer))
        except json.JSONDecodeError:
            return False
    said = " ".join(_WORDS.findall(text.lower()))
    wanted = " ".join(_WORDS.findall(task.answer.lower()))
    padded = f" {said} "
    return f" {wanted} " in padded and not any(f" {rival.lower()} " in padded for rival in task.rivals)
