"""Rows: pairs of questions that are one question in other words, and pairs that look like it.

`{en,de}/paraphrases.jsonl` and `{en,de}/must_not_match.jsonl`, a pair a line, written by hand. Of a near miss, `kind`
says what makes it one; `none` is what no list of the guard names: another thing is asked about. Each question stands
with its paraphrase and its near miss in one half. The word lists of the guard and its threshold were made with the
tuning half in view; the other is for judging.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple

LANGUAGES: Final = ("en", "de")
Half = Literal["tuning", "held-out"]
_HERE: Final = Path(__file__).parent


class Row(NamedTuple):
    """`kind` is empty for a paraphrase. `also`: the pair whose question `b` is, by chance, in other words."""

    id: str
    half: str
    a: str
    b: str
    kind: str = ""
    also: str = ""

    @property
    def same(self) -> bool:
        return not self.kind


def rows(language: str) -> list[Row]:
    """All of a language, both halves."""
    return [*_file(language, "paraphrases"), *_file(language, "must_not_match")]


def of_half(half: Half, language: str) -> list[Row]:
    return [row for row in rows(language) if row.half == half]


def _file(language: str, name: str) -> Iterator[Row]:
    with (_HERE / language / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield Row(**json.loads(line))
