"""A user loses: learning on a schedule that never comes, comes all the time, or takes the gateway with it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gateway.config.heads import champion_of
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.serving.learning import FIRST, MARK, RHYTHMS, Schedule
from tests.gateway.cli.test_learn import CONFIG
from tests.harness.lessons import teach
from tests.router.difficulty.relearning.traffic import requests


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


def loaded_in(directory: Path, schedule: str = "daily", text: str = CONFIG) -> Loaded:
    file = directory / "tidegate.yaml"
    file.write_text(f"{text}learning: {{schedule: {schedule}}}\n")
    return load(file)


def scheduled(loaded: Loaded, clock: Clock, lot: float = 0.5) -> tuple[Schedule, list[str]]:
    said: list[str] = []
    return Schedule(lambda: loaded, said.append, clock, lambda: lot), said


def ran(loaded: Loaded, at: float) -> None:
    mark = loaded.state_directory / "heads" / MARK
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    os.utime(mark, (at, at))


def test_the_first_run_is_soon_after_the_start(tmp_path: Path) -> None:
    loaded, clock = loaded_in(tmp_path), Clock()
    schedule, _ = scheduled(loaded, clock)
    assert not schedule.is_due(loaded)
    clock.now += FIRST
    assert schedule.is_due(loaded)


@pytest.mark.parametrize("rhythm", list(RHYTHMS))
def test_then_it_comes_at_its_rhythm_also_over_restarts(tmp_path: Path, rhythm: str) -> None:
    loaded, clock = loaded_in(tmp_path, rhythm), Clock()
    ran(loaded, clock.now)
    clock.now += RHYTHMS[rhythm] * 0.85
    assert not scheduled(loaded, clock, lot=0.0)[0].is_due(loaded)
    clock.now += RHYTHMS[rhythm] * 0.06
    assert scheduled(loaded, clock, lot=0.0)[0].is_due(loaded)
    assert not scheduled(loaded, clock, lot=1.0)[0].is_due(loaded)  # others are drawn to another time


@pytest.mark.parametrize(
    ("schedule", "text"), [("never", CONFIG), ("hourly", CONFIG.replace(", learning: {enabled: true}", ""))]
)
def test_without_a_schedule_or_a_route_that_learns_it_never_comes(tmp_path: Path, schedule: str, text: str) -> None:
    loaded, clock = loaded_in(tmp_path, schedule, text), Clock()
    made, _ = scheduled(loaded, clock)
    clock.now += 1e9
    assert not made.is_due(loaded)


async def test_it_learns_in_a_process_of_its_own(tmp_path: Path) -> None:
    loaded, clock = loaded_in(tmp_path), Clock()
    loaded.state_directory.mkdir()
    teach(f"sqlite:///{loaded.state_directory}/learning.db", requests(500, 1), ended=clock.now - 60)
    schedule, said = scheduled(loaded, clock)
    await schedule.learn(loaded)
    assert champion_of(loaded.state_directory, "small") is not None
    assert len(said) == 1
    assert said[0].startswith("learning: small: a new head serves; ")
    assert not schedule.is_due(loaded)


async def test_what_was_not_good_enough_is_said(tmp_path: Path) -> None:
    loaded = loaded_in(tmp_path)
    loaded.state_directory.mkdir()
    schedule, said = scheduled(loaded, Clock())
    await schedule.learn(loaded)
    assert said == ["learning: small: not promoted (rows, kinds); 0 prompts"]


async def test_what_fails_is_said_and_raises_nothing(tmp_path: Path) -> None:
    loaded = loaded_in(tmp_path)
    loaded.state_directory.mkdir()
    (loaded.state_directory / "learning.db").write_text("no database")
    schedule, said = scheduled(loaded, Clock())
    await schedule.learn(loaded)
    assert len(said) == 1
    assert said[0].startswith("learning: status 2: ")
