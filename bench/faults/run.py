"""One fault under traffic: before it, while it lasts, and until all is as before."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from bench.faults.faults import Fault
from bench.faults.parts import Part, word_for
from bench.faults.stage import Stage
from tests.harness.traffic import Act, Answer, at_once, paced
from tests.harness.wait import until

LOOK: Final = 8  # requests to each part
LOOKS: Final = 4
CALM_SECONDS: Final = 30.0  # the longest pause of a breaker is 8
_STACK: Final = re.compile(r" {2,}\S")  # a line of a stack, Python's and that of our own log


class Sizes(NamedTuple):
    """Seconds of traffic before and during a fault; `rate`: requests a second to each part."""

    before: float
    during: float
    rate: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clients of one part saw of one fault. Delays in seconds, beyond the same quantile of before."""

    part: Part
    before: Counter[str]
    during: Counter[str]
    added_median: float
    added_p99: float
    longest: float
    recovered: float  # seconds from the end of the fault until it answered as usual


@dataclass(frozen=True, slots=True)
class Run:
    """One fault. `lines` are what the gateway printed from its beginning until all was as before."""

    fault: Fault
    seen: tuple[Seen, ...]
    answers: tuple[Answer, ...]
    lines: tuple[str, ...]

    @property
    def stacks(self) -> int:
        """How many stacks were printed, a traceback or less."""
        places = [bool(_STACK.match(line)) for line in self.lines]
        return sum(here and not before for before, here in zip([False, *places], places, strict=False))


def run(stage: Stage, fault: Fault, parts: Sequence[Part], sizes: Sizes) -> Run:
    """The parts are asked by turns. Afterwards the stores are as before."""
    moments: list[float] = []

    def noted(act: Callable[[Stage], None]) -> Callable[[], None]:
        def then() -> None:
            moments.append(time.monotonic())
            act(stage)

        return then

    count = int((sizes.before + sizes.during) * sizes.rate)
    asks = [part.ask(stage, number) for number in range(count) for part in parts]
    printed = len(stage.gateway.output)
    answers = paced(asks, sizes.rate * len(parts), [Act(sizes.before, noted(fault.begin))])
    fault.end(stage)
    ended = time.monotonic()
    recovered = calm(stage, parts)
    lines = stage.gateway.output[printed:].splitlines()
    fault.mend(stage)
    calm(stage, parts)
    seen = [_seen(part, answers, moments[0], recovered[part.name] - ended) for part in parts]
    return Run(fault, tuple(seen), tuple(answers), tuple(lines))


def calm(stage: Stage, parts: Sequence[Part]) -> dict[str, float]:
    """Once every worker answers every part as usual; by part, when it did so first (`time.monotonic`)."""
    at: dict[str, float] = {}
    looks = 0  # in a row at which all was well: each on new connections, which the kernel deals out among the workers

    def look() -> bool:
        nonlocal looks
        answers = at_once([part.ask(stage, number) for part in parts for number in range(LOOK)], LOOK)
        for part in parts:
            words = {word_for(answer) for answer in answers if answer.kind == part.name}
            if words <= part.usual:
                at.setdefault(part.name, time.monotonic())
            else:
                at.pop(part.name, None)
        looks = looks + 1 if len(at) == len(parts) else 0
        return looks == LOOKS

    until("all parts to answer as usual", look, CALM_SECONDS)
    return at


def _seen(part: Part, answers: Sequence[Answer], began: float, recovered: float) -> Seen:
    own = [answer for answer in answers if answer.kind == part.name]
    before = [one for one in own if one.at + one.seconds < began]
    during = [one for one in own if one.at + one.seconds >= began]
    waited, meanwhile = ([one.seconds for one in some] for some in (before, during))
    return Seen(
        part=part,
        before=Counter(map(word_for, before)),
        during=Counter(map(word_for, during)),
        added_median=quantile(meanwhile, 0.5) - quantile(waited, 0.5),
        added_p99=quantile(meanwhile, 0.99) - quantile(waited, 0.99),
        longest=max(meanwhile),
        recovered=max(recovered, 0.0),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below that share of them; 0 of none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0
