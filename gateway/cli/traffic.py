"""Traffic of a route from files of rows, as `calibrate` and `simulate` read it: difficulties, scores and costs.

A row is `{prompt | messages | text}`. With `weak_score` and `strong_score` (0..1) it says how good the small and the
large model's answer was. What they cost is `weak_cost` and `strong_cost` in dollars; or follows from tokens and the
deployments' prices: `usage`, or `weak_usage` and `strong_usage`, as OpenAI writes it (`prompt_tokens`,
`completion_tokens`), for a machine at home with `weak_seconds` and `strong_seconds`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Literal

import numpy as np

from gateway.accounting.catalogue import Catalogue
from gateway.accounting.prices import PriceBook
from gateway.accounting.usage import Usage
from gateway.cli.rows import Row, rows
from gateway.config.loaded import Loaded
from router.calibration.crossfit import Rows
from router.content import Content
from router.difficulty.estimate import Difficulty
from router.difficulty.estimator import Estimator
from router.difficulty.evaluation import Doubles

Side = Literal["weak", "strong"]
_MOST_TOKENS = 10**9


@dataclass(frozen=True, slots=True)
class Prices:
    """What a request costs at the first small and the first large deployment of a route."""

    book: PriceBook
    weak: str
    strong: str
    at: float  # as prices are then, in seconds since the epoch

    @classmethod
    def of(cls, loaded: Loaded, route: str) -> Prices:
        """As they are now."""
        settings = loaded.settings
        plan = settings.routes[route]
        book = PriceBook(settings.deployments, Catalogue(), loaded.prices)
        return cls(book, plan.small[0], plan.large[0], time.time())

    def cost(self, side: Side, usage: Usage, seconds: Decimal | None) -> Decimal | None:
        return self.book.cost(self.weak if side == "weak" else self.strong, usage, seconds, at=self.at)


@dataclass(slots=True)
class Traffic:
    """One item a row in each list; None where the row does not say."""

    difficulties: list[Difficulty] = field(default_factory=list)
    scores: list[tuple[float, float] | None] = field(default_factory=list)
    weak_costs: list[Decimal | None] = field(default_factory=list)
    strong_costs: list[Decimal | None] = field(default_factory=list)
    marks: list[bytes] = field(default_factory=list)  # the same for copies of a prompt

    @property
    def labelled(self) -> int:
        return sum(score is not None for score in self.scores)

    @property
    def abstained(self) -> int:
        return sum(difficulty.abstained for difficulty in self.difficulties)

    def rows(self, gap: float = 0.0) -> Rows:
        """A row is hard where the large model's answer is better by more than `gap`."""
        hard = None
        if self.labelled:
            hard = np.array([score is not None and score[1] - score[0] > gap for score in self.scores])
        return Rows(
            np.array([difficulty.probability for difficulty in self.difficulties]),
            np.array([difficulty.abstained for difficulty in self.difficulties]),
            hard,
            np.unique(np.array(self.marks), return_inverse=True)[1].astype(np.intp),
        )

    def weak(self) -> Doubles:
        """Of traffic that is labelled throughout."""
        return np.array([score[0] for score in self.scores if score is not None])

    def strong(self) -> Doubles:
        return np.array([score[1] for score in self.scores if score is not None])

    def mean_cost(self, side: Side) -> Decimal | None:
        """Dollars of a request, over the rows that say; None where none does."""
        known = [cost for cost in (self.weak_costs if side == "weak" else self.strong_costs) if cost is not None]
        return sum(known, Decimal(0)) / len(known) if known else None

    def only_labelled(self) -> Traffic:
        kept = [place for place, score in enumerate(self.scores) if score is not None]
        return Traffic(
            [self.difficulties[place] for place in kept],
            [self.scores[place] for place in kept],
            [self.weak_costs[place] for place in kept],
            [self.strong_costs[place] for place in kept],
            [self.marks[place] for place in kept],
        )


def gathered(files: Iterable[str], estimator: Estimator, prices: Prices | None) -> Traffic:
    """All rows of all files. Raises `RowError` at the first bad one."""
    traffic = Traffic()
    for file in files:
        for row in rows(file):
            content = row.content()
            traffic.difficulties.append(estimator.estimate(content))
            traffic.scores.append(_scores(row))
            traffic.weak_costs.append(_cost(row, "weak", prices))
            traffic.strong_costs.append(_cost(row, "strong", prices))
            traffic.marks.append(_mark(content))
    return traffic


def _scores(row: Row) -> tuple[float, float] | None:
    given = [row.fields.get(name) is not None for name in ("weak_score", "strong_score")]
    if not any(given):
        return None
    if not all(given):  # the other answer was never judged: says nothing about which model to ask
        return None
    return row.share("weak_score"), row.share("strong_score")


def _cost(row: Row, side: Side, prices: Prices | None) -> Decimal | None:
    cost = row.amount(f"{side}_cost")
    if cost is not None:
        return cost
    said = row.fields.get(f"{side}_usage") or row.fields.get("usage")
    if said is None or prices is None:
        return None
    if not isinstance(said, dict):
        raise row.error("'usage' must be an object with prompt_tokens and completion_tokens")
    usage = Usage(_tokens(row, said, "prompt_tokens"), _tokens(row, said, "completion_tokens"))
    return prices.cost(side, usage, row.amount(f"{side}_seconds"))


def _tokens(row: Row, usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    if type(value) is not int or not 0 <= value <= _MOST_TOKENS:
        raise row.error(f"'{name}' must be a whole number from 0")
    return value


def _mark(content: Content) -> bytes:
    digest = blake2b(digest_size=16)
    for segment in content.segments:
        digest.update(segment.text.encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()
