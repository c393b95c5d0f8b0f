"""Learning from use: does feedback from 500 requests move the router, and does poisoned feedback not?

    python -m bench.learning DATA_DIR [REPEATS]

DATA_DIR holds `train/` and `dev/`. The traffic is that of a team which asks for code, common sense and school science:
rows of public data with the scores of a small and a large model. 500 requests are routed by the shipped head; whoever
asked says of the answer it got whether it was good (one thumb in ten is wrong). `tidegate learn` does with these labels
what it does with any. What came of it is measured on 1,000 later requests, with their true scores; brackets are 95 %
bootstrap intervals. Then the same with poisoned feedback, REPEATS times with other draws (default 5).
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.routing_rows import Row, load
from router.content import content_of_text
from router.difficulty.evaluation import Doubles, apgr, auroc, ece, interval
from router.difficulty.features import read
from router.difficulty.labels import Labels
from router.difficulty.model import DifficultyModel
from router.difficulty.relearning.anchors import Anchors, logits
from router.difficulty.relearning.relearn import Relearned, relearn
from router.difficulty.relearning.told import Told
from router.difficulty.sample import pack, unpack
from router.difficulty.view import view_of_content

SOURCES = ("llmrouter/mbpp", "llmrouter/human_eval", "llmrouter/commonsense_qa", "llmrouter/openbook_qa")
ASKED, LATER = 500, 1000
KEYS, WRONG, THRESHOLD = 10, 0.1, 0.5
LEAGUE = frozenset({"key-0", "key-1", "key-2"})
NAMED = {
    "code": "Write a Python function that finds the elements two lists have in common.",
    "common sense": "Where would you put a plate after you have eaten from it? A: the cupboard B: the sink C: the oven",
    "science": "Which of these lets a plant make its own food? A: sunlight B: soil C: roots D: wind",
    "everyday": "Hello, how are you?",
    "proof": "Prove that every bounded monotone sequence of reals converges, and say where completeness is used.",
}
Random = np.random.Generator
Rows = NDArray[np.intp]


class Thumb(NamedTuple):
    """What is said of the answer to one request, if nobody lies."""

    number: int
    source: str
    key: str
    good: bool


Attack = Callable[[Thumb, Random], tuple[str, bool]]
"""The key that speaks instead, and what it says."""


def inverted(thumb: Thumb, _: Random) -> tuple[str, bool]:
    """Everybody says the opposite."""
    return thumb.key, not thumb.good


def noise(thumb: Thumb, random: Random) -> tuple[str, bool]:
    """Everybody throws a coin."""
    return thumb.key, bool(random.random() < 0.5)


def flood(thumb: Thumb, _: Random) -> tuple[str, bool]:
    """One key gives 70 % of all labels, and says the opposite."""
    return ("key-0", not thumb.good) if thumb.number % 10 < 7 else (thumb.key, thumb.good)


def league_opposite(thumb: Thumb, _: Random) -> tuple[str, bool]:
    """Three keys in ten say the opposite."""
    return thumb.key, thumb.good != (thumb.key in LEAGUE)


def league_bad(thumb: Thumb, _: Random) -> tuple[str, bool]:
    """Three keys in ten call everything bad."""
    return thumb.key, thumb.good and thumb.key not in LEAGUE


def league_good(thumb: Thumb, _: Random) -> tuple[str, bool]:
    """Three keys in ten call everything good."""
    return thumb.key, thumb.good or thumb.key in LEAGUE


def target(thumb: Thumb, random: Random) -> tuple[str, bool]:
    """Two keys ask mostly school science, and call every answer bad."""
    if thumb.source.endswith("openbook_qa") and random.random() < 0.7:
        return f"key-{random.integers(2)}", False
    return thumb.key, thumb.good


ATTACKS: tuple[Attack, ...] = (inverted, noise, flood, league_opposite, league_bad, league_good, target)


def used(model: DifficultyModel, rows: Sequence[Row], random: Random, attack: Attack | None = None) -> list[Told]:
    """What is said of answers to these requests, each by the model that the head chose."""
    out = []
    for number, row in enumerate(rows):
        seen = read(view_of_content(row.content))
        (logit,) = logits(model, (seen,))
        small = logit < 0  # the threshold of 0.5
        good = bool(random.random() < (row.weak if small else row.strong)) != bool(random.random() < WRONG)
        key = f"key-{random.integers(KEYS)}"
        if attack is not None:
            key, good = attack(Thumb(number, row.source, key, good), random)
        said = (float(good), None) if small else (None, float(good))
        out.append(Told(f"request-{number}", float(number), key, "thumbs", unpack(pack(seen)), float(logit), *said))
    return out


def estimates(model: DifficultyModel, rows: Sequence[Row]) -> Doubles:
    return np.array([model.estimate(row.content).probability for row in rows])


def compared(old: Doubles, new: Doubles, truth: Labels) -> list[str]:
    """Figures before, after, and the difference, on the same rows."""
    gap, share, weight = truth.gap, truth.share, truth.weight
    figures: dict[str, Callable[[Doubles, Rows], float | None]] = {
        "share to the large model": lambda p, rows: float((p[rows] >= THRESHOLD).mean()),
        "quality": lambda p, rows: float(np.where(p >= THRESHOLD, truth.strong, truth.weak)[rows].mean()),
        "APGR": lambda p, rows: apgr(p[rows], gap[rows]),
        "AUROC": lambda p, rows: auroc(p[rows], gap[rows] > 0),
        "ECE": lambda p, rows: ece(p[rows], share[rows], weight[rows]),
    }
    lines = [f"{'':26}{'before':24}{'after':24}after − before"]
    for name, figure in figures.items():
        before, after, change = (
            interval(partial(figure, old), old.size),
            interval(partial(figure, new), old.size),
            interval(partial(_change, figure, old, new), old.size),
        )
        lines.append(f"{name:26}{before!s:24}{after!s:24}{change}")
    return lines


def _change(figure: Callable[[Doubles, Rows], float | None], old: Doubles, new: Doubles, rows: Rows) -> float | None:
    before, after = figure(old, rows), figure(new, rows)
    return None if before is None or after is None else after - before


def told_gates(result: Relearned) -> str:
    closed = [gate.name for gate in result.gates if not gate.held]
    return "promoted" if result.passed else f"not promoted: {', '.join(closed)}"


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    data, repeats = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 5
    rows = [row for part in ("train", "dev") for row in load(data / part) if row.source in SOURCES]
    shipped, anchors = DifficultyModel.shipped(), Anchors.shipped()
    random = np.random.Generator(np.random.PCG64(1))
    order = random.permutation(len(rows))
    own, later = [rows[i] for i in order[:ASKED]], [rows[i] for i in order[ASKED : ASKED + LATER]]
    result = relearn(shipped, used(shipped, own, random), anchors=anchors)
    print(f"Honest feedback on {ASKED} requests: {told_gates(result)}")
    for gate in result.gates:
        print(f"  {'holds' if gate.held else 'FAILS'}  {gate.name}: {gate.found}")
    if result.challenger is not None:
        truth = Labels(np.array([row.weak for row in later]), np.array([row.strong for row in later]))
        print(f"\n{len(later)} later requests, none of them among those learned from")
        print("\n".join(compared(estimates(shipped, later), estimates(result.challenger, later), truth)))
        print(f"\n{'difficulty of':14}{'before':8}{'after':8}")
        for name, prompt in NAMED.items():
            before, after = (m.estimate(content_of_text(prompt)).probability for m in (shipped, result.challenger))
            print(f"{name:14}{before:<8.2f}{after:<8.2f}{prompt}")
    print(f"\nThe same traffic, {repeats} draws of {ASKED} requests each")
    for attack in (None, *ATTACKS):
        passed, closed = 0, Counter[str]()
        for seed in range(repeats):
            random = np.random.Generator(np.random.PCG64(100 + seed))
            drawn = [rows[i] for i in random.permutation(len(rows))[:ASKED]]
            found = relearn(shipped, used(shipped, drawn, random, attack), anchors=anchors)
            passed += found.passed
            closed.update(gate.name for gate in found.gates if not gate.held)
        title = "Honest." if attack is None else attack.__doc__
        why = ", ".join(f"{name} {count}" for name, count in closed.most_common())
        print(f"promoted {passed} of {repeats}  {title}{f'  Closed gates: {why}' if why else ''}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
