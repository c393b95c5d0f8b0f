"""Rows of the public routing data, as the benchmarks and the fit of the shipped model read them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from router.content import Content, Origin, Segment
from router.difficulty.features import read
from router.difficulty.labels import Labels
from router.difficulty.pretraining import Corpus
from router.difficulty.view import view_of_content

# Sources whose licence allows weights fitted on them to be shipped, by file name.
SHIPPABLE = ("bfcl_simple_multi", "llmrouter", "mmlu_pro_new", "zeroeval_math-l5")
MIXED = frozenset({"llmrouter"})  # files of several tasks: each category is a source of its own


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt with the scores (0..1) of a weak and a strong model, and the share of all models known that fail.

    `source` is what is centred together; `scores` has the score of each model known.
    """

    file: str
    source: str
    content: Content
    weak: float
    strong: float
    failing: float
    scores: Mapping[str, float]


def load(directory: Path, files: Iterable[str] | None = None) -> list[Row]:
    """All rows of `directory/*.jsonl.gz`, or of the files named (without suffix)."""
    wanted = None if files is None else set(files)
    rows: list[Row] = []
    for path in sorted(directory.glob("*.jsonl.gz")):
        name = path.name.removesuffix(".jsonl.gz")
        if wanted is not None and name not in wanted:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows.extend(_row(name, json.loads(line)) for line in lines)
    return rows


def corpus(rows: Sequence[Row]) -> Corpus:
    """The rows as the fit takes them."""
    names = {name: number for number, name in enumerate(sorted({row.source for row in rows}))}
    group = np.array([names[row.source] for row in rows], dtype=np.intp)
    failing = np.array([row.failing for row in rows])
    return Corpus(tuple(read(view_of_content(row.content)) for row in rows), labels(rows), failing, group)


def labels(rows: Sequence[Row]) -> Labels:
    return Labels(np.array([row.weak for row in rows]), np.array([row.strong for row in rows]))


def of_pair(row: Row, small: str, large: str) -> Row:
    """The row with the scores of two models that are in `scores`."""
    return replace(row, weak=float(row.scores[small]), strong=float(row.scores[large]))


def _row(name: str, row: dict[str, Any]) -> Row:
    source = f"{name}/{row['category']}" if name in MIXED else name
    failing = 1.0 - float(np.mean(list(row["scores"].values())))
    return Row(
        name, source, _content(row), float(row["weak_score"]), float(row["strong_score"]), failing, row["scores"]
    )


def _content(row: dict[str, Any]) -> Content:
    """A row with tools has them as tool definitions, as a request would; else the prompt is one user turn."""
    if row.get("tools") and isinstance(row.get("question"), str):
        tools = Segment("tools", Origin.TOOL_DEFINITION, json.dumps(row["tools"], ensure_ascii=False))
        return Content((tools, Segment("messages[0].content", Origin.USER, row["question"])))
    return Content((Segment("messages[0].content", Origin.USER, row["prompt"]),))
