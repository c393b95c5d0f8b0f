"""CPU of reading and scanning requests: short prompts, long prompts, dense and hostile text.

    python -m bench.scan_cost [DATA_DIR]

Every prompt differs from every other; nothing is remembered between them. Each is measured a few times and the least
counts, so that what other processes take is left out; p50 and p99 are over the prompts. With DATA_DIR (see
`bench/detection/rows.py`), texts of 200 and 4,000 characters cut from its harmless and its sensitive rows are measured,
too.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.detection.hostile import hostile
from bench.detection.quantile import quantile
from bench.detection.rows import rows
from router.content import content_of, content_of_text
from router.sensitivity.scanner import Scanner

_STYLES = ("Explain", "Write", "Summarise", "List", "Describe briefly", "Compare and discuss", "Outline", "Draft")
_TOPICS = (
    "the history of tea in Portugal", "how a heat pump works", "three ideas for a birthday party",
    "the difference between TCP and UDP", "what Marie Curie discovered", "a packing list for a week in Norway",
    "the plot of Hamlet", "an SQL query for monthly revenue", "a regular expression for ISO dates",
    "what changed in Python 3.11", "the capital cities of the Baltic states", "how vaccines train the immune system",
)  # fmt: skip
_TAILS = (
    "Keep it under sixty words.", "Use plain language.", "Answer as a numbered list.", "Mention one common mistake.",
    "Order 4821 was shipped on Monday with version 2.14.3.", "The total came to 1,250.00 euros for 17 items.",
    "Tom has 12 apples and gives Anna 5 of them.", "Take the tone of Sherlock Holmes.",
    "Our team meets every other Thursday in Lyon.",
)  # fmt: skip


def bodies(count: int, sentences: int, seed: int = 7) -> list[dict[str, Any]]:
    """Chat requests with a system prompt; a sentence or two to a question, `sentences` questions to a prompt."""
    draw = random.Random(seed)

    def question() -> str:
        tails = " ".join(draw.sample(_TAILS, draw.randint(1, 3)))
        return f"{draw.choice(_STYLES)} {draw.choice(_TOPICS)}. {tails}"

    system = {"role": "system", "content": "You are a helpful assistant."}
    return [
        {
            "model": "auto",
            "messages": [system, {"role": "user", "content": " ".join(question() for _ in range(sentences))}],
            "temperature": 0.2,
            "max_tokens": 64,
        }
        for _ in range(count)
    ]


def least(run: Callable[[Any], object], items: Sequence[object], rounds: int = 5) -> list[float]:
    """Milliseconds for each item, the least of some rounds."""
    times = [float("inf")] * len(items)
    for _ in range(rounds):
        for index, item in enumerate(items):
            start = time.perf_counter_ns()
            run(item)
            times[index] = min(times[index], (time.perf_counter_ns() - start) / 1e6)
    return times


def line(name: str, times: Sequence[float]) -> str:
    return f"{name:<44} p50 {quantile(times, 0.5):8.4f} ms  p99 {quantile(times, 0.99):8.4f} ms"


def _cut(folder: Path, size: int) -> Iterator[tuple[str, list[str]]]:
    texts: dict[str, list[str]] = {"harmless": [], "sensitive": []}
    for row in rows(folder):
        texts["harmless" if row.file == "neg" else "sensitive"].append(row.text)
    for kind, some in texts.items():
        joined = "\n".join(some)
        yield kind, [joined[at : at + size] for at in range(0, min(len(joined), 400 * size), size)]


def main(folder: Path | None) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    scanner = Scanner.default()
    print(f"built in {(time.perf_counter() - start) * 1e3:.0f} ms")
    for name, count, sentences in (("short prompts", 1000, 1), ("2,000-token prompts", 200, 60)):
        some = bodies(count, sentences)
        print(line(f"{name}: content", least(content_of, some)))
        contents = [content_of(body) for body in some]
        print(line(f"{name}: scan", least(scanner.scan, contents)))
        found = sum(bool(scanner.scan(content).findings) for content in contents)
        print(f"{name}: {found} of {count} found sensitive")
    for size in (200, 4_000) if folder is not None else ():
        for kind, texts in _cut(folder or Path(), size):
            times = least(scanner.scan, [content_of_text(text) for text in texts], 3)
            print(line(f"{size} characters, {kind}", times))
    for name, text in hostile():
        content = content_of_text(text)
        (took,) = least(scanner.scan, [content], 3)
        scan = scanner.scan(content)
        print(
            f"1 MB of {name:<24} {took:6.1f} ms  findings {len(scan.findings)}, failed {', '.join(scan.failed) or '-'}"
        )
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory grew by {(after - before) / 1024:.0f} MB, the texts of this bench included")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else None)
