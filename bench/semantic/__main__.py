"""Hits and false hits of the semantic cache, on the halves that nothing was tuned on.

    pip install -e '.[semantic]'
    python -m bench.semantic [--half tuning]

In pairs: a question is kept, the other is asked. Among all: every question of the language is kept, and each paraphrase
and near miss is asked of all of them, as a cache in use would be. The aims are half of the paraphrases and at most one
in a hundred near misses; exits with 1 where the second is missed.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from bench.semantic.rows import LANGUAGES, Row, of_half, rows
from gateway.cache.semantic.cache import LOOKED_AT
from gateway.cache.semantic.calibration import Judged, Pair, Rate, calibrate, judge, rates
from gateway.cache.semantic.encoder import Encoder, Vector
from gateway.cache.semantic.guard import objection
from gateway.cache.semantic.plan import CALIBRATED
from gateway.cache.semantic.reading import read
from gateway.config.semantic import Encoder as EncoderSettings

AIM_HITS = 0.5
AIM_FALSE = 0.01


def main() -> int:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--half", choices=("tuning", "held-out"), default="held-out")
    half = options.parse_args().half
    vector = lru_cache(maxsize=None)(Encoder(EncoderSettings()).vector)
    met = True
    for language in LANGUAGES:
        met &= _show(language, of_half(half, language), vector)
    return 0 if met else 1


def _show(language: str, chosen: Sequence[Row], vector: Callable[[str], Vector]) -> bool:
    threshold = CALIBRATED[language]
    judged = judge([Pair(row.a, row.b, row.same) for row in chosen], vector)
    found = rates(judged, threshold)
    alone = rates([each._replace(objection=None) for each in judged], threshold)
    print(f"{language}, from a cosine of {threshold}")
    print(f"  hits among paraphrases                 {found.hits}; the aim is {AIM_HITS:.0%}")
    print(f"  false hits among near misses           {found.false_hits}")
    print(f"  the same without the guard             {alone.hits}; false {alone.false_hits}")
    best = calibrate([each._replace(objection=None) for each in judged], AIM_FALSE)
    if best is not None:
        print(f"  a cosine alone with as few false hits  {best.hits}, from {best.threshold}")
    print(f"  what the guard refused near misses for {_objections(judged)}")
    by_kind = Counter(row.kind for row in chosen if row.kind)
    wrong = [row for row, each in zip(chosen, judged, strict=True) if row.kind and each.is_hit(threshold)]
    print(f"  near misses by kind                    {dict(by_kind.most_common())}")
    for row in wrong:
        print(f"    false: {row.kind}: {row.a} | {row.b}")
    right, false = _among_all(language, chosen, vector, threshold)
    print(f"  among all: the right answer            {right}")
    print(f"  among all: a wrong one                 {false}")
    return found.false_hits.share <= AIM_FALSE


def _objections(judged: Sequence[Judged]) -> dict[str, int]:
    return dict(Counter(each.objection or "nothing" for each in judged if not each.same).most_common())


def _among_all(
    language: str, chosen: Sequence[Row], vector: Callable[[str], Vector], threshold: float
) -> tuple[Rate, Rate]:
    """Paraphrases that find their own question, and all questions that find another one."""
    names = {row.a: row.id for row in rows(language)}
    kept = sorted(names)
    readings = [read(text) for text in kept]
    matrix = np.stack([vector(text) for text in kept])
    right = wrong = 0
    for row in chosen:
        asked = read(row.b)
        alike = matrix @ vector(row.b)
        for at in alike.argsort()[::-1][:LOOKED_AT]:
            other = readings[at]
            if alike[at] >= threshold and asked and other and objection(asked, other) is None and kept[at] != row.b:
                right += row.same and kept[at] == row.a
                wrong += names[kept[at]] not in ((row.id,) if row.same else (row.also,))
                break
    return Rate(right, sum(row.same for row in chosen)), Rate(wrong, len(chosen))


if __name__ == "__main__":
    sys.exit(main())
