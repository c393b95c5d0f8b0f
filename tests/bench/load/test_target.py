"""The table must show a miss as a miss, and what was not measured as that."""

from __future__ import annotations

import pytest

from bench.load.registry import systems
from bench.load.results import Results
from bench.load.scenario import scenarios
from bench.load.target import DECISION, needed, table, targets


def results(ours: float) -> Results:
    found = Results()
    for turn in (1, 2, 3):
        found.add("ours", "c64", turn, {"cpu_per_1k": ours})
        found.add("starlette-aiohttp", "c64", turn, {"cpu_per_1k": 0.2})
        found.add("litellm-tuned", "c64", turn, {"cpu_per_1k": 10.0})
    found.absent["ferrogw"] = "not installed"
    return found


def rows(found: Results) -> list[list[str]]:
    return [[cell.strip() for cell in target.row(found).split("|")[1:-1]] for target in targets()]


@pytest.mark.parametrize(("ours", "verdict"), [(0.1, "aim"), (0.2, "must"), (0.3, "MISSED")])
def test_the_verdict_follows_the_median(ours: float, verdict: str) -> None:
    assert rows(results(ours))[0][-1] == verdict


def test_small_shares_are_shown_as_such() -> None:
    assert rows(results(0.2))[1][1:] == ["≤ 1/40", "≤ 1/70", "1/50 (1/50..1/50)", "must"]


def test_a_system_left_out_is_named_and_its_row_not_reached() -> None:
    assert rows(results(0.1))[2][-2:] == ["not measured (ferrogw left out)", "-"]
    said: list[str] = []
    assert not table(results(0.1), said.append)
    assert len(said) == len(targets()) + 1


def test_all_reached_is_all_reached() -> None:
    found = Results()
    for target in targets():
        for name in filter(None, (target.goal.system, target.goal.other, "direct")):
            figures = found.turns.get(name, {}).get(target.goal.scenario, {}).get(1, {})
            value = 0.1 if name in ("ours", "ours-redis", "ours-2-workers", DECISION) else 100.0
            value = 0.01 if name == "direct" else value
            figure = target.goal.figure.removeprefix("added.")
            found.add(name, target.goal.scenario, 1, {**figures, figure: value})
    assert table(found, lambda _: None)


def test_every_turn_that_the_table_needs_can_be_taken() -> None:
    turns = needed()
    assert len(turns) == len(set(turns))
    for scenario, system in turns:
        assert scenario in scenarios(1)
        assert system in systems()
    assert ("c1", "direct") in turns  # what latency is added to
