"""The parts that lean on a store: how each is asked, what it answers on a good day, and what without its store."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from bench.faults.faults import BOTH, REDIS
from bench.faults.stage import LIMITED, LOCAL, NARROW, OPEN, PER_MINUTE, PLAIN, STORED, STRICT, Stage
from tests.harness.client import ask
from tests.harness.traffic import Answer, Ask

CACHED: Final = "200 from the cache"
LARGE: Final = "200 by large"
SMALL: Final = "200 by small"
REACHED: Final = "429 rate_limit_exceeded"
UNKNOWN: Final = "503 budget_unavailable"
_ANEW: Final = {"cache-control": "no-cache, no-store"}


class Part(NamedTuple):
    """`usual`: what its clients see when nothing is wrong; `without`: and what else, by the store that is at fault."""

    name: str
    key: str
    usual: frozenset[str] = frozenset({LARGE})
    without: Mapping[str, frozenset[str]] = MappingProxyType({})
    cached: bool = False

    def ask(self, stage: Stage, number: int) -> Ask:
        """Another question each time, but of the cache."""
        text = "What is the capital of France?" if self.cached else f"What is the capital of country {number}?"
        return Ask(stage.gateway, ask(text), stage.keys[self.key], self.name, {} if self.cached else _ANEW)

    def may_say(self, store: str) -> frozenset[str]:
        """While that store is at fault."""
        at_fault = self.without if store == BOTH else {store}
        return self.usual.union(*(self.without.get(one, frozenset()) for one in at_fault))


PARTS: Final = (
    Part("cache", PLAIN, frozenset({CACHED}), {REDIS: frozenset({LARGE})}, cached=True),
    Part("limits, far from reached", LIMITED),
    Part(f"limits, {PER_MINUTE} a minute", NARROW, frozenset({LARGE, REACHED})),
    Part("budget, `stay-local`", LOCAL, without={REDIS: frozenset({SMALL})}),
    Part("budget, `refuse`", STRICT, without={REDIS: frozenset({UNKNOWN})}),
    Part("budget, `allow`", OPEN),
    Part("stored key", STORED),
    Part("ledger", PLAIN),
)


def word_for(answer: Answer) -> str:
    """What the client saw, in a few words."""
    if not answer.status:
        return "no answer"
    if not answer.whole:
        return f"{answer.status}, cut"
    if answer.status != 200:
        return f"{answer.status} {answer.code}"
    if answer.headers.get("x-tidegate-cache") == "hit":
        return CACHED
    return f"200 by {answer.headers.get('x-tidegate-deployment')}"
