"""The files of `tidegate label`: prompts come in, rows go out, and each row says which prompt it is of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

import orjson

from gateway.accounting.money import dollars
from gateway.cli.rows import Row, rows
from gateway.learning.judge import Scores
from gateway.pipeline.labelling import Costs

MARK: Final = "label_of"  # the field that says which prompt a row is of


class Prompt(NamedTuple):
    """A row of the input: its messages, and the right answer if that is known."""

    row: Row
    messages: list[Any]
    answer: str | None
    mark: str


def prompts_of(name: str) -> Iterator[Prompt]:
    """Raises `RowError`."""
    for row in rows(name):
        row.content()  # says what is wrong with it
        messages = row.fields.get("messages")
        if messages is None:
            messages = [{"role": "user", "content": row.fields.get("prompt", row.fields.get("text"))}]
        answer = row.fields.get("answer")
        if not isinstance(answer, str | int | float | None) or isinstance(answer, bool):
            raise row.error("'answer' must be a text or a number")
        said = None if answer is None else str(answer)
        digest = blake2b(orjson.dumps([messages, said]), digest_size=8)
        yield Prompt(row, messages, said, digest.hexdigest())


@contextmanager
def opened(out: Path) -> Iterator[tuple[IO[bytes], frozenset[str]]]:
    """The output, to be added to, and the marks of what it holds. A line that was cut off is taken out. Raises
    `ValueError` for a file that something else has written."""
    with open(out, "a+b", opener=_private) as file:
        file.seek(0)
        there, end = set(), 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            end += len(line)
            try:
                there.add(orjson.loads(line)[MARK])
            except (orjson.JSONDecodeError, KeyError, TypeError):
                raise ValueError(f"{out}:{number}: not a row that `tidegate label` writes; name another file") from None
        file.truncate(end)
        yield file, frozenset(there)


def _private(path: str, flags: int) -> int:
    """Prompts stand in it: a file that was not there is for its owner alone."""
    return os.open(path, flags, 0o600)


def row_of(prompt: Prompt, scores: Scores, costs: Costs, *, judge: str) -> bytes:
    """The line to be written. Costs are texts in dollars, null where they are unknown."""
    given = {name: value for name, value in prompt.row.fields.items() if name != MARK}
    row = {
        **given,
        "weak_score": scores.weak,
        "strong_score": scores.strong,
        "weight": scores.weight,
        "weak_cost": _shown(costs.weak),
        "strong_cost": _shown(costs.strong),
        "judge_cost": _shown(costs.judge),
        "judged_by": "answer" if prompt.answer is not None else judge,
        MARK: prompt.mark,
    }
    return orjson.dumps(row) + b"\n"


def _shown(amount: Decimal | None) -> str | None:
    return None if amount is None else dollars(amount)
