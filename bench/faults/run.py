"""One fault under traffic: before it, while it lasts, and after it."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.faults.faults import Fault
from bench.faults.parts import Part, word_for
from bench.faults.stage import Stage
from tests.harness.traffic import Act, Answer, paced


class Sizes(NamedTuple):
    """Seconds of traffic before, during and after a fault; `rate`: requests a second to each part."""

    before: float
    during: float
    after: float
    rate: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clients of one part saw of one fault. Delays in seconds, beyond the same quantile of before."""

    part: str
    before: Counter[str]
    during: Counter[str]
    after: Counter[str]
    added_median: float
    added_p99: float
    longest: float  # of all answers from the beginning of the fault on
    recovered: float  # seconds from the end of the fault to the last answer that was not as usual; 0: there was none


@dataclass(frozen=True, slots=True)
class Run:
    """One fault. `lines` are what the gateway printed meanwhile."""

    fault: Fault
    seen: tuple[Seen, ...]
    answers: tuple[Answer, ...]
    lines: tuple[str, ...]

    @property
    def tracebacks(self) -> int:
        return sum("Traceback" in line for line in self.lines)


def run(stage: Stage, fault: Fault, parts: Sequence[Part], sizes: Sizes) -> Run:
    """The parts are asked by turns. Afterwards the stores are as before."""
    moments: dict[str, float] = {}

    def noted(name: str, act: Callable[[Stage], None]) -> Callable[[], None]:
        def then() -> None:
            moments[name] = time.monotonic()
            act(stage)
            moments[f"{name} done"] = time.monotonic()

        return then

    acts = [Act(sizes.before, noted("begin", fault.begin))]
    acts.append(Act(sizes.before + sizes.during, noted("end", fault.end)))
    count = int(sum(sizes[:3]) * sizes.rate)
    asks = [part.ask(stage, number) for number in range(count) for part in parts]
    printed = len(stage.gateway.output)
    answers = paced(asks, sizes.rate * len(parts), acts)
    lines = stage.gateway.output[printed:].splitlines()
    fault.mend(stage)
    seen = [_seen(part, answers, moments["begin"], moments["end done"]) for part in parts]
    return Run(fault, tuple(seen), tuple(answers), tuple(lines))


def _seen(part: Part, answers: Sequence[Answer], begin: float, end: float) -> Seen:
    own = [answer for answer in answers if answer.kind == part.name]
    before = [one for one in own if one.at + one.seconds < begin]
    after = [one for one in own if one.at >= end]
    during = [one for one in own if one.at + one.seconds >= begin and one.at < end]
    unusual = [one.at - end for one in after if word_for(one) != part.usual]
    waited = [one.seconds for one in before]
    meanwhile = [one.seconds for one in during]
    return Seen(
        part.name,
        *(Counter(map(word_for, some)) for some in (before, during, after)),
        added_median=quantile(meanwhile, 0.5) - quantile(waited, 0.5),
        added_p99=quantile(meanwhile, 0.99) - quantile(waited, 0.99),
        longest=max(one.seconds for one in (*during, *after)),
        recovered=max(unusual, default=0.0),
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below that share of them; 0 of none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0
