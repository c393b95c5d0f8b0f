"""What came of a soak, as the tables of docs/soak.md."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from bench.soak.questions import WEIGHTS
from bench.soak.soak import Soak
from bench.soak.traffic import Result
from bench.soak.watch import WARMING, growth

BEGIN: Final = "<!-- from here to the end: python -m bench.soak --minutes 30 --write docs/soak.md -->"


def page(soak: Soak) -> str:
    parts = (_circumstances(soak), _clients(soak.results), _troubles(soak), _rest(soak), _memory(soak), _faults(soak))
    return "\n".join([BEGIN, *(line for part in parts for line in ("", *part)), ""])


def _circumstances(soak: Soak) -> Iterable[str]:
    plan = soak.plan
    yield (
        f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores ({platform.machine()}): "
        f"{plan.seconds / 60:g} minutes, {plan.rate:g} requests a second, trouble every {plan.every:g} s, seed "
        f"{plan.seed}."
    )


def _clients(results: Sequence[Result]) -> Iterable[str]:
    yield "| clients | requests | answers | from cache | a part, then an error | errors | left | wrong | 99 % within |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for kind in (*WEIGHTS, ""):
        own = [one for one in results if one.kind == kind or not kind]
        within = sorted(one.seconds for one in own)[int(len(own) * 0.99) :][:1]
        cut = sum(one.status == 200 and not one.whole and not one.left for one in own)
        cells = (
            *(kind or "all", len(own), sum(one.whole for one in own), sum(one.hit for one in own), cut),
            *(_statuses(own), sum(one.left for one in own), sum(bool(one.verdict) for one in own)),
            f"{within[0]:.2f} s" if within else "",
        )
        yield f"| {' | '.join(map(str, cells))} |"


def _statuses(results: Sequence[Result]) -> str:
    counts = Counter(one.status for one in results if one.status != 200)
    return ", ".join(f"{status}: {count}" for status, count in sorted(counts.items())) or "0"


def _troubles(soak: Soak) -> Iterable[str]:
    yield f"Troubles: {', '.join(f'{name} {count} times' for name, count in sorted(soak.troubles.items()))}."


def _rest(soak: Soak) -> Iterable[str]:
    yield "| | before | after |"
    yield "|---|---|---|"
    yield f"| requests under way | {soak.before.busy} | {soak.after.busy} |"
    yield f"| tasks of both workers | {soak.before.tasks.total()} | {soak.after.tasks.total()} |"
    for name in sorted(soak.before.files.keys() | soak.after.files.keys()):
        yield f"| open files of both workers: {name} | {soak.before.files[name]} | {soak.after.files[name]} |"
    yield ""
    own = soak.books
    yield "| ledger rows | missing | twice | unlike what was seen | with no end | calls without one | budgets astray |"
    yield "|---|---|---|---|---|---|---|"
    astray = f"{(own.astray + own.over).normalize():f} $"
    yield f"| {own.rows} | {own.missing} | {own.twice} | {own.unlike} | {own.open} | {max(0, own.calls)} | {astray} |"


def _memory(soak: Soak) -> Iterable[str]:
    yield "| worker | memory when warm | at the end | growth when warm |"
    yield "|---|---|---|---|"
    if not soak.samples:
        return
    last = soak.samples[-1]
    warm = next(one for one in soak.samples if one.at >= WARMING * last.at)
    for number, (pid, slope) in enumerate(growth(soak.samples).items(), 1):
        sizes = (f"{kib.get(pid, 0) / 1024:.1f} MiB" for kib in (warm.kib, last.kib))
        yield f"| {number} | {' | '.join(sizes)} | {slope:.1f} KiB a minute |"


def _faults(soak: Soak) -> Iterable[str]:
    found = soak.faults()
    yield (
        f"Sensitive prompts at the model's server outside: {soak.told}. Lines printed: {len(soak.lines)}, stacks: "
        f"{soak.stacks}. {'Amiss:' if found else 'Nothing is amiss.'}"
    )
    yield from (f"- {fault}" for fault in found)
