"""The parts that lean on a store: how each is asked, and what it answers on a good day."""

from __future__ import annotations

from typing import Final, NamedTuple

from bench.faults.stage import Stage
from tests.harness.client import ask
from tests.harness.traffic import Answer, Ask

ANEW: Final = {"cache-control": "no-cache, no-store"}


class Part(NamedTuple):
    """`usual`: the word for what its clients see when nothing is wrong."""

    name: str
    usual: str
    cached: bool = False
    key: str = ""

    def ask(self, stage: Stage, number: int) -> Ask:
        """Another question each time, but of the cache."""
        text = "What is the capital of France?" if self.cached else f"What is the capital of country {number}?"
        return Ask(stage.gateway, ask(text), self.key, self.name, {} if self.cached else ANEW)


PARTS: Final = (
    Part("cache", "200 from the cache", cached=True),
    Part("ledger", "200 by large"),
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
        return "200 from the cache"
    return f"200 by {answer.headers.get('x-tidegate-deployment')}"
