"""What was seen, as the tables of docs/faults.md."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from bench.faults.books import Books
from bench.faults.run import Run, Seen, Sizes
from bench.page import put

BEGIN: Final = "<!-- from here to the end: python -m bench.faults --write docs/faults.md -->"


def page(runs: Sequence[Run], books: Sequence[Books], sizes: Sizes) -> str:
    return "\n".join([BEGIN, "", *_circumstances(sizes), "", *_parts(runs), "", *_faults(runs, books), ""])


def write(file: Path, text: str) -> None:
    """Raises `ValueError` where the file does not have `BEGIN`."""
    put(file, BEGIN, text)


def _circumstances(sizes: Sizes) -> Iterable[str]:
    yield (
        f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores ({platform.machine()}): one "
        f"gateway of two workers, every part asked {sizes.rate:g} times a second, each fault for {sizes.during:g} s."
    )


def _parts(runs: Sequence[Run]) -> Iterable[str]:
    yield "| store | fault | part | what its clients saw meanwhile | added: median | p99 | longest | as before after |"
    yield "|---|---|---|---|---|---|---|---|"
    for run in runs:
        for seen in run.seen:
            yield _row(
                *(run.fault.store, run.fault.name, seen.part.name, _words(seen.during)),
                *(_milliseconds(seen.added_median), _milliseconds(seen.added_p99), _milliseconds(seen.longest)),
                f"{seen.recovered:.1f} s",
            )


def _faults(runs: Sequence[Run], books: Sequence[Books]) -> Iterable[str]:
    yield "| store | fault | requests | log lines | stacks | answers | missing | twice | no cost | budgets astray |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for run, own in zip(runs, books, strict=True):
        yield _row(
            *(run.fault.store, run.fault.name, len(run.answers), len(run.lines), run.stacks),
            *(own.answers, own.missing, own.twice, own.costless, f"{own.astray.normalize():f} $"),
        )


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _words(seen: Counter[str]) -> str:
    return ", ".join(f"{word} ({count})" for word, count in seen.most_common())


def _milliseconds(seconds: float) -> str:
    """Less than the noise of a measurement is nothing."""
    return f"{max(0.0, seconds * 1000):.0f} ms"


def told(run: Run, books: Books) -> Iterable[str]:
    """For whoever watches."""
    yield f"{run.fault.store} {run.fault.name}: {len(run.lines)} lines, {run.stacks} stacks, {books}"
    for seen in run.seen:
        yield f"    {_line(seen)}"


def _line(seen: Seen) -> str:
    added = f"+{_milliseconds(seen.added_median)} / +{_milliseconds(seen.added_p99)}"
    return f"{seen.part.name:<24} {added:<20} back after {seen.recovered:4.1f} s  {_words(seen.during)}"
