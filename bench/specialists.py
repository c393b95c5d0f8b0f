"""How well a domain is told by a few dozen examples, on public data.

    python -m bench.specialists DATA_DIR [EXAMPLES]

DATA_DIR holds `routing/` and `sensitivity/`. Each kind of prompt is a domain in turn, with 30 examples. The background
is made without that kind and without half of the others, so that it is seen what happens to prompts of a kind that
nobody thought of. Recall is on the domain's other prompts; false claims are on prompts of kinds that are in the
background (but not themselves in it), and of kinds that are not. Intervals are of 95 %: of a share by Wilson, of a
mean over domains by bootstrap over domains.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.specialist_background import Row, background_of, rows
from router.content import content_of_text
from router.difficulty.view import view_of_text
from router.specialists.background import Background
from router.specialists.fitting import fit
from router.specialists.prompt import prompt_of
from router.specialists.specialists import Specialists

DRAWS = 3
LEAST = 110  # prompts of a kind that can be a domain
MOST = 300  # prompts of a kind that are asked
ROUNDS = 2000  # of the bootstrap
TOGETHER = (
    "clinical-queries",
    "fastchat-code",
    "llmrouter/commongen",
    "llmrouter/mbpp",
    "zeroeval_math-l5/math_competition",
)


@dataclass(frozen=True, slots=True)
class Result:
    """Of one domain and draw: claimed and asked, of its own, of known kinds, and of each unknown kind."""

    own: tuple[int, int]
    left_out: float  # recall as the fit foretold it
    known: tuple[int, int]
    unknown: dict[str, tuple[int, int]]


def measured(found: Sequence[Row], count: int) -> dict[str, list[Result]]:
    kinds: dict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(found):
        kinds[row.kind].append(place)
    domains = [kind for kind, mine in kinds.items() if len(mine) >= LEAST and not kind.startswith("supplement")]
    draw = np.random.default_rng(7)
    results: dict[str, list[Result]] = {}
    for domain in domains:
        others = [kind for kind in domains if kind != domain]
        for number in range(DRAWS):
            unknown = [str(kind) for kind in draw.choice(others, len(others) // 2, replace=False)]
            background, used = background_of(found, {domain, *unknown}, number)
            mine = [int(place) for place in draw.permutation(kinds[domain])]
            known = [
                place
                for kind, places in kinds.items()
                if kind not in (domain, *unknown) and found[places[0]].shippable
                for place in places
                if place not in used
            ]
            results.setdefault(domain, []).append(
                _result(found, background, mine[:count], mine[count : count + MOST], known, unknown, kinds, draw)
            )
    return results


def _result(
    found: Sequence[Row],
    background: Background,
    examples: Sequence[int],
    own: Sequence[int],
    known: Sequence[int],
    unknown: Sequence[str],
    kinds: dict[str, list[int]],
    draw: np.random.Generator,
) -> Result:
    domain = fit("x", [prompt_of(view_of_text(found[place].text)) for place in examples], background)
    specialists = Specialists.of([(domain, "x")])

    def claimed(places: Sequence[int]) -> tuple[int, int]:
        asked = [int(place) for place in draw.permutation(np.array(places))]
        return sum(specialists.claim(content_of_text(found[place].text)) is not None for place in asked), len(asked)

    return Result(
        claimed(own),
        domain.own,
        claimed([int(place) for place in draw.permutation(np.array(known))[: 4 * MOST]]),
        {kind: claimed(kinds[kind][:MOST]) for kind in unknown},
    )


def wilson(hits: int, count: int) -> tuple[float, float]:
    z, share = 1.96, hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    width = z * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5 / (1 + z * z / count)
    return max(0.0, middle - width), min(1.0, middle + width)


def mean_of(values: Sequence[float]) -> str:
    """A mean over domains with its interval."""
    given: NDArray[np.float64] = np.array(values)
    draw = np.random.default_rng(0)
    means = given[draw.integers(0, given.size, (ROUNDS, given.size))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{given.mean():.3f} [{low:.3f}, {high:.3f}]"


def _share(pairs: Sequence[tuple[int, int]]) -> float:
    return sum(hits for hits, _ in pairs) / sum(count for _, count in pairs)


def report(results: dict[str, list[Result]]) -> None:
    print("| domain | recall | foretold | false, known kinds | false, unknown kinds | most often taken for it |")
    print("|---|---|---|---|---|---|")
    for domain, draws in sorted(results.items(), key=lambda item: -_share([r.own for r in item[1]])):
        hits, count = (sum(result.own[place] for result in draws) for place in (0, 1))
        low, high = wilson(hits, count)
        worst: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for result in draws:
            for kind, pair in result.unknown.items():
                worst[kind].append(pair)
        kind, pairs = max(worst.items(), key=lambda item: _share(item[1]))
        print(
            f"| {domain} | {hits / count:.2f} [{low:.2f}, {high:.2f}] | {np.mean([r.left_out for r in draws]):.2f}"
            f" | {_share([r.known for r in draws]):.4f}"
            f" | {_share([pair for r in draws for pair in r.unknown.values()]):.4f} | {kind} {_share(pairs):.2f} |"
        )
    each = results.values()
    print(f"recall               {mean_of([_share([r.own for r in draws]) for draws in each])}")
    print(f"foretold             {mean_of([float(np.mean([r.left_out for r in draws])) for draws in each])}")
    print(f"false, known kinds   {mean_of([_share([r.known for r in draws]) for draws in each])}")
    unknown = [_share([pair for r in draws for pair in r.unknown.values()]) for draws in each]
    print(f"false, unknown kinds {mean_of(unknown)}; median {np.median(unknown):.4f}")


def together(found: Sequence[Row], count: int) -> None:
    """Five domains on one route: who gets the prompts of each?"""
    background, _ = background_of(found, TOGETHER)
    draw = np.random.default_rng(1)
    rest: dict[str, list[int]] = {}
    pairs = []
    started = time.process_time()
    for kind in TOGETHER:
        mine = [int(p) for p in draw.permutation([place for place, row in enumerate(found) if row.kind == kind])]
        rest[kind] = mine[count : count + MOST]
        pairs.append((fit(kind, [prompt_of(view_of_text(found[p].text)) for p in mine[:count]], background), kind))
    fitted = time.process_time() - started
    specialists = Specialists.of(pairs)
    print("\nfive domains on one route: share of each that goes to the right one, to a wrong one, to none")
    for kind, places in rest.items():
        leads = [specialists.claim(content_of_text(found[place].text)) for place in places]
        right = sum(lead is not None and lead.first == (kind,) for lead in leads) / len(leads)
        wrong = sum(lead is not None and lead.first != (kind,) for lead in leads) / len(leads)
        print(f"  {kind:24s} {right:.3f} {wrong:.3f} {1 - right - wrong:.3f}")
    contents = [content_of_text(row.text) for row in found[::29]]
    print(f"fit: {fitted / len(TOGETHER) * 1000:.0f} ms of CPU for each domain")
    for asked in (Specialists.of(pairs[:1]), specialists):
        costs = []
        for _ in range(7):
            started = time.process_time()
            for content in contents:
                asked.claim(content)
            costs.append((time.process_time() - started) / len(contents))
        print(f"claim, {len(asked.names)} specialists: {min(costs) * 1e6:.1f} µs of CPU a prompt")


def main() -> int:
    if len(sys.argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    found = rows(Path(sys.argv[1]))
    count = int(sys.argv[2]) if len(sys.argv) == 3 else 30
    report(measured(found, count))
    together(found, count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
