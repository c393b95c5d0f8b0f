"""One soak, from a gateway at rest to a gateway at rest."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.soak.books import Books, books
from bench.soak.questions import questions
from bench.soak.stage import set_up
from bench.soak.traffic import Result, Traffic, wrong
from bench.soak.trouble import trouble
from bench.soak.watch import Rest, Sample, Watch, growth

WARM_UP: Final = 3.0  # seconds of traffic before the first look at rest: what is loaded on demand is loaded then
FILES: Final = 40  # open files more than before, all workers together: connections to Redis are opened as needed
MODELS: Final = "models"  # connections to their servers, which are kept; those that are in use are known otherwise
_STACK: Final = re.compile(r" {2,}\S")  # a line of a stack, Python's and that of our own log


class Plan(NamedTuple):
    """Seconds; `rate`: questions a second; `every`: from one trouble to the next; `growth`: KiB a minute and worker
    that memory may grow, or None where the run is too short to say."""

    seconds: float
    rate: float
    every: float
    seed: int
    growth: float | None = None


class Soak(NamedTuple):
    plan: Plan
    results: Sequence[Result]
    troubles: Counter[str]
    samples: Sequence[Sample]
    before: Rest
    after: Rest
    books: Books
    told: int  # how often something sensitive reached the model's server outside
    stumbles: int  # of the scripted servers: a run that has one says nothing
    lines: Sequence[str]
    workers_lost: int

    @property
    def stacks(self) -> int:
        return sum(line.startswith("Traceback") or bool(_STACK.match(line)) for line in self.lines)

    @property
    def left_open(self) -> int:
        """How many more files are open than before, but for the connections that are kept to models' servers."""
        before, after = (
            sum(count for name, count in rest.files.items() if name != MODELS) for rest in (self.before, self.after)
        )
        return after - before

    def faults(self) -> list[str]:
        """Everything that is not as it must be; nothing is good news."""
        found = wrong(self.results)[:20]
        left_over = self.after.left_over(self.before)
        checks = {
            "told outside what is sensitive": self.told,
            "the scripted servers stumbled": self.stumbles,
            "requests under way for ever": self.after.busy,
            f"tasks left over: {dict(left_over)}": left_over.total(),
            f"files left open: {dict(self.after.files - self.before.files)}": max(0, self.left_open - FILES),
            "stacks printed": self.stacks,
            "workers lost": self.workers_lost,
            f"the books: {self.books}": not self.books.balanced,
        }
        found += [f"{count} {what}" for what, count in checks.items() if count]
        if self.plan.growth is not None:
            found += [
                f"worker {pid} grows by {kib:.0f} KiB a minute"
                for pid, kib in growth(self.samples).items()
                if kib > self.plan.growth
            ]
        return found


def soak(plan: Plan) -> Soak:
    with tempfile.TemporaryDirectory() as name, set_up(Path(name)) as stage:
        watch = Watch(stage)
        source = questions(plan.seed)
        early = Traffic(stage, source, plan.rate)
        asyncio.run(early.flow(WARM_UP))
        before, workers = watch.rest(), set(stage.gateway.workers())
        watch.samples.clear()
        traffic = Traffic(stage, source, plan.rate)
        with trouble(stage, plan.seed, plan.every) as troubles:
            asyncio.run(_flow(traffic, watch, plan))
        after = watch.rest(before)
        results = early.results + traffic.results
        return Soak(
            plan=plan,
            results=results,
            troubles=troubles,
            samples=tuple(watch.samples),
            before=before,
            after=after,
            books=books(stage, results, watch.calls),
            told=watch.told,
            stumbles=len(stage.home.stumbles) + len(stage.outside.stumbles),
            lines=stage.gateway.output.splitlines(),
            workers_lost=len(workers - set(stage.gateway.workers())),
        )


async def _flow(traffic: Traffic, watch: Watch, plan: Plan) -> None:
    looking = asyncio.create_task(watch.keep_looking(max(0.5, min(5.0, plan.seconds / 60))))
    telling = asyncio.create_task(_tell(traffic, watch, plan))
    try:
        await traffic.flow(plan.seconds)
    finally:
        for task in (looking, telling):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _tell(traffic: Traffic, watch: Watch, plan: Plan) -> None:
    """For whoever watches a long run: a line a minute."""
    began = time.monotonic()
    while True:
        await asyncio.sleep(60)
        seen, kib = traffic.results, [sum(sample.kib.values()) for sample in watch.samples]
        minutes = (time.monotonic() - began) / 60
        print(
            f"{minutes:4.0f} of {plan.seconds / 60:.0f} min: {len(seen)} requests, {len(wrong(seen))} wrong, "
            f"{kib[-1] / 1024:.1f} MiB",
            flush=True,
        )
