"""The tables of a run, in Markdown: median (least..most) of the rounds."""

from __future__ import annotations

from collections.abc import Iterator

from bench.load.options import Options
from bench.load.results import DIRECT, Results, number, spread
from bench.load.scenario import HIT, SOAK, START, scenarios

Column = tuple[str, str]  # figure, heading
_WHOLE: tuple[Column, ...] = (
    ("rps", "req/s"),
    ("p50", "p50 ms"),
    ("p99", "p99 ms"),
    ("cpu_per_1k", "CPU s per 1,000"),
)
_STREAM: tuple[Column, ...] = (
    ("chunks_s", "chunks/s"),
    ("ttfb.p50", "first byte p50 ms"),
    ("ttfb.p99", "first byte p99 ms"),
    ("fly.p50", "chunk delay p50 ms"),
    ("fly.p99", "chunk delay p99 ms"),
    ("cpu_per_1k_chunks", "CPU s per 1,000 chunks"),
)
_ALWAYS: tuple[Column, ...] = (("pss", "PSS MB"), ("bad", "bad answers"), ("foreign", "foreign cores"))
_ASKED = ("upstream_share", "share that asked the upstream")
_START: tuple[Column, ...] = (
    ("ready", "ready s"),
    ("used", "PSS MB after the first requests"),
    ("idle", "idle PSS MB"),
)
_SOAK: tuple[Column, ...] = (("pss_before", "PSS MB after 1,000"), ("pss", "PSS MB at the end"), ("growth", "growth"))


def report(results: Results, options: Options) -> str:
    return "\n".join(_lines(results, options))


def _lines(results: Results, options: Options) -> Iterator[str]:
    known = scenarios(options.rate)
    for name in results.scenarios():
        if name not in known:
            continue
        columns, ratios = _columns(name, streamed=known[name].streamed)
        compared = [
            (figure, other, heading)
            for figure, heading in ratios
            for other in dict.fromkeys((options.base, "nginx"))
            if name in results.turns.get(other, {})
        ]
        heads = [*(heading for _, heading in columns), *(f"{heading} / {other}" for _, other, heading in compared)]
        yield f"\n## {name}: {known[name].what}\n"
        yield f"| system | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}"
        for system in results.kinds:
            if name not in results.turns.get(system, {}):
                continue
            cells = [_cell(results.series(system, name, figure)) for figure, _ in columns]
            cells += [
                _cell(results.ratios(system, other, name, figure)) if system != DIRECT else "-"
                for figure, other, _ in compared
            ]
            yield f"| {system} | {' | '.join(cells)} |"


def _columns(scenario: str, *, streamed: bool) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """The figures shown, and those whose ratios are."""
    if scenario == START:
        return _START, ()
    if scenario == SOAK:
        return _SOAK, ()
    if scenario == HIT:
        return (*_WHOLE, _ASKED, *_ALWAYS), (("cpu_per_1k", "CPU"),)
    if streamed:
        return (*_STREAM, *_ALWAYS), (("chunks_s", "chunks/s"), ("cpu_per_1k_chunks", "CPU"))
    return (*_WHOLE, *_ALWAYS), (("rps", "req/s"), ("cpu_per_1k", "CPU"))


def _cell(values: dict[int, float]) -> str:
    found = spread(values)
    return found.show(number) if found else "-"


def line(turn: int, scenario: str, system: str, figures: dict[str, float]) -> str:
    """What is said after each turn."""
    warning = " (trust CPU, not latency)" if figures["foreign"] > 0.2 else ""
    return (
        f"{turn} {scenario:7} {system:24} {figures['rps']:9.1f}/s  p50 {figures.get('p50', 0):8.2f} ms  "
        f"p99 {figures.get('p99', 0):8.2f}  CPU/1k {figures['cpu_per_1k']:7.3f} s  bad {figures['bad']:.0f}  "
        f"cores {figures['utilisation']:.2f} own, {figures['foreign']:.2f} foreign{warning}"
    )
