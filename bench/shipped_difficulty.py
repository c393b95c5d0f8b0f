"""Fits the difficulty model that ships and writes it to `router/difficulty/artifact/`.

    python -m bench.shipped_difficulty DATA_DIR [OUT_DIR]

DATA_DIR holds `train/` with the public rows. Only sources whose licence allows it are read; MMLU, GSM8K and MT-Bench
are never among them.
"""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import sklearn

from bench.routing.data import Data, supplement
from bench.routing.left_out import chosen, leave_one_out
from bench.routing_rows import SHIPPABLE
from router.content import content_of_text
from router.difficulty.model import SHIPPED
from router.difficulty.pretraining import Pretraining, pretrain
from router.difficulty.supplement import examples

HARD_FROM = 0.5
MEASURES = ("apgr", "auroc", "ece")
SOURCES = {
    "llmrouter": "11 everyday and academic tasks, 9 models; MIT",
    "mmlu_pro_new": "MMLU-Pro questions that are not in MMLU, 11 models; Apache-2.0",
    "zeroeval_math-l5": "ZeroEval, competition mathematics, 16 models; Apache-2.0",
    "bfcl_simple_multi": "Berkeley Function-Calling Leaderboard, tool calls, 12 models; Apache-2.0",
    "word vectors": "router/difficulty/word_vectors, from all-MiniLM-L6-v2; Apache-2.0; its card says more",
    "supplement": "router/difficulty/supplement.py, everyday and hard prompts in en, fr, de, es, labels by "
    "construction; written for this project, CC0-1.0; every fourth template kept out of the fit",
}


def candidates() -> list[Pretraining]:
    """What is chosen from, by leaving out one source after the other."""
    base = Pretraining()
    return [
        replace(base, strength=strength, shape=shape, centring=centring)
        for strength in (10.0, 30.0, 100.0)
        for shape in (0.045, 0.067, 0.1)
        for centring in (0.5, 1.0)
        if centring == base.centring or shape == base.shape
    ]


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    data = Data.load(Path(sys.argv[1]))
    out = Path(sys.argv[2]) if len(sys.argv) == 3 else SHIPPED
    rows = [at for at, row in enumerate(data.train) if row.file in SHIPPABLE]
    how, means = chosen(data, candidates())
    model = pretrain(data.corpus.take(np.array(rows)), supplement(), how)
    kept = [example for example in examples() if example.held_back]
    told = np.array([model.estimate(content_of_text(e.prompt)).probability >= HARD_FROM for e in kept])
    left_out = leave_one_out(data, how)
    card = {
        "version": "2026-11-27",
        "means": "probability that the small model falls short of the large one, on prompts that one gets right",
        "sources": SOURCES,
        "rows": {"public": len(rows), "supplement": len(supplement())},
        "recipe": asdict(how),
        "chosen_by": {
            "what": "mean APGR over sources left out one after the other",
            "candidates": [
                {"strength": each.strength, "shape": each.shape, "centring": each.centring, "apgr": round(mean, 4)}
                for each, mean in zip(candidates(), means, strict=True)
            ],
        },
        "figures": {
            "held_back_templates_right": round(float(np.mean(told == np.array([e.hard for e in kept]))), 4),
            "source_left_out": {
                file: {name: each[name].card() for name in MEASURES} for file, each in left_out.items()
            },
        },
        "trained_with": {"numpy": np.__version__, "scikit-learn": sklearn.__version__},
    }
    replace(model, card=card).save(out)
    print(f"{out}: fitted on {len(rows)} public rows and {len(supplement())} supplement prompts", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
