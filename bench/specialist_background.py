"""Makes the background that specialists are told from, and writes it to `router/specialists/artifact/`.

    python -m bench.specialist_background DATA_DIR [OUT_DIR]

DATA_DIR holds `routing/train/` and `sensitivity/` with the public rows. Only sources whose licence allows it are read;
of each kind of prompt at most so many, drawn without regard to anything else.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.routing_rows import SHIPPABLE
from router.difficulty import vectors
from router.difficulty.supplement import examples
from router.difficulty.view import view_of_text
from router.specialists.background import SHIPPED, Background
from router.specialists.prompt import Prompt, prompt_of

EACH = 150  # prompts of a kind
SENSITIVITY = {
    "dev_neg": ("fastchat-code", "clinical-queries"),
    "dev_pos": ("clinical-queries",),
    "dev_pupa": ("pupa_tnb", "pupa_new"),
}
SOURCES = {
    "llmrouter": "11 everyday and academic tasks; MIT",
    "mmlu_pro_new": "MMLU-Pro questions that are not in MMLU; Apache-2.0",
    "zeroeval_math-l5": "ZeroEval, competition mathematics; Apache-2.0",
    "bfcl_simple_multi": "Berkeley Function-Calling Leaderboard, tool calls; Apache-2.0",
    "pupa": "real prompts to a chat model; MIT or Apache-2.0",
    "clinical-queries": "questions of clinicians; MIT or Apache-2.0",
    "fastchat-code": "source code; Apache-2.0",
    "supplement": "router/difficulty/supplement.py; written for this project, CC0-1.0",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One prompt. `kind`: what it is of, such as `mmlu_pro_new/physics`."""

    kind: str
    text: str
    is_dev: bool
    shippable: bool


def rows(data: Path) -> list[Row]:
    """All prompts that there are."""
    found: list[Row] = []
    for split in ("train", "dev"):
        for path in sorted((data / "routing" / split).glob("*.jsonl.gz")):
            name = path.name.removesuffix(".jsonl.gz")
            for row in _lines(path):
                category = "" if name.startswith("bfcl") else f"/{row['category']}"
                text = row["question"] if isinstance(row.get("question"), str) else row["prompt"]
                found.append(Row(name + category, text, split == "dev", name in SHIPPABLE))
    for name, sources in SENSITIVITY.items():
        lines = (row for row in _lines(data / "sensitivity" / f"{name}.jsonl.gz") if row["source"] in sources)
        found += [Row(row["source"].partition("_")[0], row["text"], False, True) for row in lines]
    found += [Row(f"supplement/{e.language}", e.prompt, e.held_back, True) for e in examples()]
    return found


def background_of(found: Sequence[Row], without: Collection[str] = (), seed: int = 0) -> tuple[Background, set[int]]:
    """Of the kinds that may be shipped and are not in `without`; and which rows it is made of."""
    draw = np.random.default_rng(seed)
    kinds: dict[str, list[int]] = {}
    for place, row in enumerate(found):
        if row.shippable and not row.is_dev and row.kind not in without:
            kinds.setdefault(row.kind, []).append(place)
    used = [int(place) for mine in kinds.values() for place in draw.permutation(mine)[:EACH]]
    prompts: list[Prompt] = [prompt_of(view_of_text(found[place].text)) for place in used]
    card: dict[str, Any] = {
        "version": "2026-11-27",
        "means": "prompts of many kinds, as numbers",
        "sources": SOURCES,
        "kinds": {kind: min(len(mine), EACH) for kind, mine in kinds.items()},
    }
    return Background.of(prompts, vectors.shipped(), card), set(used)


def _lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    background, _ = background_of(rows(Path(sys.argv[1])))
    background.save(Path(sys.argv[2]) if len(sys.argv) == 3 else SHIPPED)
    print(f"{background.count} prompts, {background.keys.size} words", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
