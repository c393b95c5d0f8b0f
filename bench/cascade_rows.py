"""Recorded answers of two real models to tasks with exact answers, as the benchmark of the cascade reads them."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.cascade.answer import Answer, Question, Token
from router.content import content_of_text
from router.difficulty.view import View, view_of_content

ANSWERS = Path(__file__).parent / "cascade_answers.jsonl.gz"
# Of the one kind of task that asks for JSON: its keys.
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}, "city": {"type": "string"}},
    "required": ["name", "age", "city"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One task and what came of it. `weak` and `strong` are 1.0 where the small and the large model were right."""

    kind: str  # the set it is of
    task: str
    question: Question
    answer: Answer
    weak: float
    strong: float

    @property
    def view(self) -> View:
        """What a router sees that sees the prompt alone."""
        return view_of_content(content_of_text(self.question.prompt))


def load(kind: str = "middle", path: Path = ANSWERS) -> list[Recorded]:
    """All rows of a set."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [row for row in (recorded(json.loads(line)) for line in lines) if row.kind == kind]


def recorded(row: dict[str, Any]) -> Recorded:
    """One line of the file; `bench/cascade_record.py` says what is in it."""
    said = zip(row["tokens"], row["logprobs"], row["seconds"], strict=True)
    tokens = tuple(Token(text, logprob, second) for text, logprob, second in said)
    return Recorded(
        row["set"],
        row["task"],
        Question(row["prompt"], schema=SCHEMA if row["task"] == "object" else None),
        Answer("".join(row["tokens"]), row["finish"], tokens, again=row["again"]),
        float(row["good"]),
        float(row["large"]),
    )
