"""Quality and cost of difficulty on public routing data: out of domain, in domain, and CPU per estimate.

    python -m bench.routing DATA_DIR

DATA_DIR holds `train/` and `dev/`. Out of domain: each file in turn is left out of the fit. In domain: `train` on some
rows of a file, the figures on its other rows. APGR, CPT50 and CPT80 as RouteLLM defines them (random: 0.5, 50 %, 80 %);
brackets are 95 % bootstrap intervals. ECE is taken where one of the models is right, as the estimate means it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.routing_rows import SHIPPABLE, Row, corpus, labels, load
from router.content import content_of_text
from router.difficulty.evaluation import Doubles, Interval, apgr, auroc, cpt, ece, interval
from router.difficulty.labels import Labels
from router.difficulty.model import DifficultyModel
from router.difficulty.pretraining import Pretraining, pretrain
from router.difficulty.supplement import examples
from router.difficulty.training import train
from router.difficulty.view import view_of_content

SIZES = (300, 700, 1500)  # labelled rows of own traffic
TOKENS = {200: 800, 2000: 8000}  # tokens → characters of English prose
HEAD = f"{'':38}{'rows':>5}  {'APGR':24}{'CPT50':24}{'CPT80':24}{'AUROC':24}{'ECE':24}"

Figures = dict[str, Interval]


def figures(probability: Doubles, truth: Labels) -> Figures:
    """Every figure of an estimate on labelled rows."""
    gap, hard, share, weight = truth.gap, truth.gap > 0, truth.share, truth.weight
    measures: dict[str, Callable[[NDArray[np.intp]], float | None]] = {
        "APGR": lambda rows: apgr(probability[rows], gap[rows]),
        "CPT50": lambda rows: cpt(probability[rows], gap[rows], 50),
        "CPT80": lambda rows: cpt(probability[rows], gap[rows], 80),
        "AUROC": lambda rows: auroc(probability[rows], hard[rows]),
        "ECE": lambda rows: ece(probability[rows], share[rows], weight[rows]),
    }
    return {name: interval(measure, probability.size) for name, measure in measures.items()}


def estimates(model: DifficultyModel, rows: Sequence[Row]) -> Doubles:
    return np.array([model.estimate(row.content).probability for row in rows])


def leave_one_out(rows: Sequence[Row], how: Pretraining) -> dict[str, Figures]:
    """Per file: a model fitted on the other shippable files and the supplement, judged on all rows of this one."""
    supplement = [example for example in examples() if not example.held_back]
    out = {}
    for file in sorted({row.file for row in rows}):
        rest = [row for row in rows if row.file != file and row.file in SHIPPABLE]
        own = [row for row in rows if row.file == file]
        out[file] = figures(estimates(pretrain(corpus(rest), supplement, how), own), labels(own))
    return out


def in_domain(rows: Sequence[Row], size: int, prior: DifficultyModel | None) -> Figures | None:
    """`train` on `size` rows drawn at random, judged on the rest; `None` where too few would be left."""
    if len(rows) < size + 200:
        return None
    order = np.random.Generator(np.random.PCG64(size)).permutation(len(rows))
    own, rest = [rows[i] for i in order[:size]], [rows[i] for i in order[size:]]
    model = train([view_of_content(row.content) for row in own], labels(own), prior).model
    return figures(estimates(model, rest), labels(rest))


def cpu_ms(model: DifficultyModel, rows: Sequence[Row], characters: int) -> tuple[float, float]:
    """CPU milliseconds per estimate of a prompt of that length, p50 and p99 over 2,000 different ones."""
    text = " ".join(segment.text for row in rows for segment in row.content.segments)
    step = (len(text) - characters) // 2000
    spent = []
    for number in range(2000):
        content = content_of_text(text[number * step : number * step + characters])
        start = time.thread_time_ns()
        model.estimate(content)
        spent.append((time.thread_time_ns() - start) / 1e6)
    middle, high = np.quantile(spent, (0.5, 0.99))
    return float(middle), float(high)


def line(name: str, count: int, found: Figures) -> str:
    return f"{name:38}{count:5}  " + "".join(f"{found[key]!s:24}" for key in ("APGR", "CPT50", "CPT80", "AUROC", "ECE"))


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    data = Path(sys.argv[1])
    rows, shipped = load(data / "train"), DifficultyModel.shipped()
    for tokens, characters in TOKENS.items():
        middle, high = cpu_ms(shipped, rows, characters)
        print(f"CPU per estimate, {tokens} tokens: p50 {middle:.3f} ms, p99 {high:.3f} ms")
    print(f"\nThe shipped model on the dev split\n{HEAD}")
    dev = load(data / "dev")
    for file in sorted({row.file for row in dev}):
        own = [row for row in dev if row.file == file]
        print(line(file, len(own), figures(estimates(shipped, own), labels(own))))
    print(f"\nOut of domain: one file left out of the fit\n{HEAD}")
    for file, found in leave_one_out(rows, Pretraining()).items():
        print(line(file, sum(row.file == file for row in rows), found), flush=True)
    print(f"\nIn domain: `tidegate train` on some rows of a file, judged on the others\n{HEAD}")
    both = rows + dev
    for file in sorted({row.file for row in both}):
        own = [row for row in both if row.file == file]
        for size in SIZES:
            found_or_none = in_domain(own, size, None)
            if found_or_none is not None:
                print(line(f"{file}, {size} rows", len(own) - size, found_or_none), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
