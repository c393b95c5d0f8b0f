"""Questions: what is asked, how, by whom, and what a right answer says."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from bench.soak.stage import NAMES
from tests.harness.dialects import DIALECTS, Dialect
from tests.harness.prompts import CARD

SECRET: Final = b"4970 1000 0000 0154"  # of `CARD`
HOME, OUTSIDE = "local-model", "cloud-model"
FRESH, AGAIN, BURST, SENSITIVE, LEAVING, WRONG = "fresh", "again", "burst", "sensitive", "leaving", "wrong"
WEIGHTS: Final = {FRESH: 40, AGAIN: 25, BURST: 5, SENSITIVE: 15, LEAVING: 10, WRONG: 5}
TOGETHER: Final = 8  # the same question at once, in a burst
DESERTERS: Final = 3  # of them may leave
KNOWN: Final = 12  # questions that are asked again and again


class Question(NamedTuple):
    """`kind`: `fresh` was never asked before, `again` was, `burst` is asked at once with others that are the same,
    `sensitive` may not leave the house, of `leaving` the client goes away, `wrong` is no valid request."""

    kind: str
    key: str
    dialect: Dialect
    route: str
    text: str
    streamed: bool

    @property
    def body(self) -> dict[str, Any]:
        body = self.dialect.body(self.route, self.text, streamed=self.streamed)
        return {**body, "model": ["no", "name"]} if self.kind == WRONG else body

    @property
    def right(self) -> frozenset[str]:
        """What a right answer says, word for word."""
        names = (HOME,) if self.kind == SENSITIVE else (HOME, OUTSIDE)
        return frozenset(said(name, self.text) for name in names)


def said(name: str, text: str) -> str:
    """What the scripted server of that name says to a text."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{name} says: read {len(text.split())} words, digest {digest}."


def questions(seed: int) -> Iterator[list[Question]]:
    """Without end; those in a list are asked at once."""
    dice = random.Random(seed)
    for number in itertools.count(1):
        (kind,) = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        text = f"What is the capital of country {number}?"
        if kind == AGAIN:
            text = f"What is the best known dish of region {dice.randrange(KNOWN)}?"
        elif kind == SENSITIVE:
            text = f"{CARD} {number}"
        streamed = kind == LEAVING or dice.random() < 0.5
        dialect, key, route = dice.choice(DIALECTS), dice.choice(NAMES), dice.choice(("auto", "cloud"))
        question = Question(kind, key, dialect, route, text, streamed)
        yield _together(question, dice) if kind == BURST else [question]


def _together(question: Question, dice: random.Random) -> list[Question]:
    """The same at once, streamed or not or by turns; now and then some of the clients leave, the first perhaps."""
    burst = [question] * TOGETHER
    if dice.random() < 0.3:
        burst = [one._replace(streamed=place % 2 == 0) for place, one in enumerate(burst)]
    if dice.random() < 0.5:
        for place in dice.sample(range(TOGETHER), DESERTERS) if dice.random() < 0.5 else range(DESERTERS):
            burst[place] = question._replace(kind=LEAVING, streamed=True)
    return burst
