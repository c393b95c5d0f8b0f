"""Cost: CPU of scans by kind of text, memory, hostile text.

Texts are rows joined and cut to a size, so that each is new and its neighbours are of its kind; `all kinds` are rows of
every file as they come from a shuffle. What is counted is the CPU time of the thread, the least of some rounds, so that
other processes disturb little; p50 and p99 are over the texts. Nothing is remembered from one round to the next.

A scan costs what it costs a request under the default policy: it ends where the decision is settled and enough was
counted. What it costs to count every finding stands beside that; hostile text is always read to its end.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.detection.figures import verdict
from bench.detection.hostile import hostile
from bench.detection.quantile import quantile
from bench.detection.rows import Row
from router.content import Content, content_of_text
from router.policy import DEFAULT_POLICY
from router.sensitivity.scanner import Scanner
from router.sensitivity.settles import NOTHING_SETTLES, Settles
from router.settling import settles

_GOALS = {200: ((0.1, 0.3), (0.03, 0.1)), 4_000: ((0.8, 1.5), (0.3, 0.6))}  # ms: must and aim, of p50 and p99
_HOSTILE_GOAL, _MEMORY_GOALS = 50.0, (40.0, 20.0)  # ms per MB; MB
_KINDS = {"neg": "harmless", "pos": "personal", "secrets": "secrets", "evasion": "evasion", "pupa": "real prompts"}
_MOST, _ROUNDS, _LEAST_TEXTS = 1_000, 4, 10
_SEED = 3
_MIXED = "all kinds"


def lines(scanner: Scanner, some: list[Row], folder: Path) -> Iterator[str]:
    yield f"\n{'CPU, ms':<34}{'p50':>8}{'p99':>8}{'max':>8}  of    must         aim          met"
    as_usual = settles((DEFAULT_POLICY,))
    for size in _GOALS:
        for kind, texts in cut(some, size):
            contents = [content_of_text(text) for text in texts]
            yield _line(f"{size} characters, {kind}", size, least(scanner, contents, as_usual))
            if kind == _MIXED:
                yield _line("    every finding counted", size, least(scanner, contents))
    yield f"\n{'a megabyte of hostile text':<34}{'ms':>8}  must <={_HOSTILE_GOAL:.0f}"
    for name, text in hostile():
        (took,) = least(scanner, [content_of_text(text)])
        scan = scanner.scan(content_of_text(text))
        met = "met" if took <= _HOSTILE_GOAL else "missed"
        yield f"{name:<34}{took:8.1f}  {met:<8}{len(scan.findings)} findings, failed: {', '.join(scan.failed) or '-'}"
    usual, most = memory(folder)
    met = verdict(usual, *_MEMORY_GOALS, at_most=True)
    yield f"\nmemory added, MB: {usual:.0f}, must <={_MEMORY_GOALS[0]:.0f}, aim <={_MEMORY_GOALS[1]:.0f}: {met}"
    yield f"after hostile text: {most:.0f}"


def _line(name: str, size: int, times: list[float]) -> str:
    must, aim = _GOALS[size]
    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
    reached = [verdict(*each, at_most=True) for each in zip((p50, p99), must, aim, strict=True)]
    return (
        f"{name:<34}{p50:8.3f}{p99:8.3f}{max(times):8.3f}  {len(times):<5} "
        f"<={must[0]}, {must[1]}  <={aim[0]}, {aim[1]}  {reached[0]}, {reached[1]}"
    )


def least(scanner: Scanner, contents: Sequence[Content], settled: Settles = NOTHING_SETTLES) -> list[float]:
    """Milliseconds for each, the least of some rounds."""
    times = [float("inf")] * len(contents)
    for _ in range(_ROUNDS):
        for index, content in enumerate(contents):
            start = time.thread_time_ns()
            scanner.scan(content, settled)
            times[index] = min(times[index], (time.thread_time_ns() - start) / 1e6)
    return times


def memory(folder: Path) -> tuple[float, float]:
    """Megabytes that the scanner adds to a process of its own, when it has read all rows, and then hostile text."""
    command = [sys.executable, "-m", "bench.detection.memory", str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    usual, most = map(float, output.split())
    return usual, most


def cut(some: list[Row], size: int) -> Iterator[tuple[str, list[str]]]:
    shuffled = some[:]
    random.Random(_SEED).shuffle(shuffled)
    kinds = {_MIXED: shuffled, "code": [row for row in some if row.file == "neg" and row.lang == "code"]}
    kinds |= {kind: [row for row in some if row.file == file] for file, kind in _KINDS.items()}
    for kind, mine in kinds.items():
        joined = "\n".join(row.text for row in mine)
        texts = [joined[at : at + size] for at in range(0, min(len(joined) - size + 1, _MOST * size), size)]
        if len(texts) >= _LEAST_TEXTS:
            yield kind, texts
