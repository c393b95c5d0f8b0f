"""One head per small deployment: what a head fitted for one small model is worth to another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bench.routing.data import Data
from bench.routing_rows import Row, labels, of_pair
from router.difficulty.evaluation import apgr, ece
from router.difficulty.model import DifficultyModel
from router.difficulty.training import train
from router.difficulty.view import view_of_content

FILE, SIZE = "mmlu_pro_new", 1500
STRONG = "gemini-1.5-pro-002"
SMALL = ("Phi-3-mini-4k-instruct", "Llama-3.1-8B-Instruct", "Mistral-7B-Instruct-v0.2", "gemma-7b", "Qwen1.5-7B-Chat")


def details(data: Data) -> Iterator[str]:
    rows = [row for row in data.own(FILE) if {STRONG, *SMALL} <= row.scores.keys()]
    if len(rows) < 2 * SIZE:
        return
    order = np.random.Generator(np.random.PCG64(5)).permutation(len(rows))
    mine, others = [rows[at] for at in order[:SIZE]], [rows[at] for at in order[SIZE:]]
    heads = {small: _head(_for(mine, small)) for small in SMALL}
    yield f"\none head per small deployment: MMLU-Pro, {SIZE} rows, large model {STRONG}"
    yield f"{'APGR, ECE of a head fitted for':<32}" + "".join(f"{name[:22]:>24}" for name in ("itself", *SMALL))
    for small in SMALL:
        own = _for(others, small)
        found = {name: _judged(head, own) for name, head in heads.items()}
        rest = "".join(f"{'-' if name == small else found[name]:>24}" for name in SMALL)
        right = np.mean([row.weak for row in own])
        yield f"{f'{small[:24]} ({right:.2f})':<32}{found[small]:>24}{rest}"


def _for(rows: Sequence[Row], small: str) -> list[Row]:
    return [of_pair(row, small, STRONG) for row in rows]


def _head(rows: Sequence[Row]) -> DifficultyModel:
    return train([view_of_content(row.content) for row in rows], labels(rows)).model


def _judged(model: DifficultyModel, rows: Sequence[Row]) -> str:
    estimates, truth = np.array([model.estimate(row.content).probability for row in rows]), labels(rows)
    return f"{apgr(estimates, truth.gap) or 0.0:.3f}, {ece(estimates, truth.share, truth.weight) or 0.0:.3f}"
