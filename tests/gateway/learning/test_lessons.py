"""If these fail, what is learned from is kept twice, or counted although it was not kept."""

from __future__ import annotations

import time
from pathlib import Path

from gateway.config.learning import Learning
from gateway.learning.lessons import Lessons
from gateway.learning.notebook import MOST_NOTES
from tests.gateway.learning.samples import Clock, label, note, stored


class Tally:
    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def store_fault(self, store: str, kind: str) -> None:
        self.told.append((store, kind))

    def labelled(self, route: str, source: str) -> None:
        self.told.append((route, source))

    def not_learned(self, reason: str, count: int = 1) -> None:
        self.told.append((reason, str(count)))


async def test_what_is_noted_and_said_is_kept_and_counted_once(tmp_path: Path) -> None:
    tally, url = Tally(), f"sqlite:///{tmp_path / 'learning.db'}"
    lessons = Lessons.of(Learning(zone="eu"), url, wall=Clock(), steady=time.monotonic, tells=tally)
    assert lessons.zone == "eu"
    assert lessons.note(note())
    lessons.say("auto", label(source="regenerate"))
    await lessons.close()
    with stored(url) as store:
        assert len(store.rows("home")) == 1
    assert tally.told == [("auto", "regenerate")]


async def test_what_there_is_no_room_for_is_not_counted_as_said(tmp_path: Path) -> None:
    tally, url = Tally(), f"sqlite:///{tmp_path / 'learning.db'}"
    lessons = Lessons.of(Learning(), url, wall=Clock(), steady=time.monotonic, tells=tally)
    for number in range(MOST_NOTES):
        lessons.note(note(f"req_{number}"))
    lessons.say("auto", label())
    assert tally.told == [("full", "1")]
    await lessons.close()
