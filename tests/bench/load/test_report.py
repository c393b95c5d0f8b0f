"""Tables: every system once, the ratio against the base, in one order."""

from __future__ import annotations

from bench.load.options import options
from bench.load.report import line, report
from bench.load.results import Results

FIGURES = {"rps": 100.0, "p50": 1.0, "p99": 2.0, "cpu_per_1k": 0.2, "pss": 40.0, "bad": 0.0, "foreign": 0.1}


def results() -> Results:
    found = Results(kinds={"direct": "limit", "starlette-aiohttp": "bare", "ours": "ours"})
    for name, factor in (("ours", 0.5), ("starlette-aiohttp", 1.0), ("direct", 0.1)):
        for turn in (1, 2):
            figures = {figure: value * factor * turn for figure, value in FIGURES.items()}
            found.add(name, "c64", turn, figures)
    found.add("ours", "start", 1, {"ready": 0.9, "used": 99.5, "idle": 81.5})
    return found


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in text.split("\n") if row.startswith("| ")]


def test_systems_stand_in_the_order_of_the_run_with_their_ratio() -> None:
    head, *lines = rows(report(results(), options([])).partition("\n## start")[0])
    assert [row[0] for row in lines] == ["direct", "starlette-aiohttp", "ours"]
    assert head[-1] == "CPU / starlette-aiohttp"
    assert lines[2][-1] == "0.500 (0.500..0.500)"
    assert lines[2][1] == "75.0 (50.0..100)"
    assert lines[0][-1] == "-"
    assert {len(row) for row in lines} == {len(head)}


def test_a_start_has_a_table_of_its_own() -> None:
    assert rows(report(results(), options([])).partition("\n## start")[2]) == [
        ["system", "ready s", "PSS MB after the first requests", "idle PSS MB"],
        ["ours", "0.900", "99.5", "81.5"],
    ]


def test_a_busy_machine_is_told() -> None:
    quiet, busy = FIGURES | {"utilisation": 0.9}, FIGURES | {"utilisation": 0.9, "foreign": 0.5}
    assert "trust CPU" in line(1, "c64", "ours", busy)
    assert "trust CPU" not in line(1, "c64", "ours", quiet)
