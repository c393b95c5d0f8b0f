"""If these fail, a restart tells everybody again what they have known for weeks."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.stores import said as module
from gateway.stores.said import Said
from tests.gateway.stores.harness import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_it_is_said_until_its_time_is_over(clock: HandClock) -> None:
    said = Said(clock)
    assert "a" not in said
    said.add("a", 60)
    clock.now += 59
    assert "a" in said
    assert said.left() == {"a": 1}
    clock.now += 1
    assert "a" not in said
    assert said.left() == {}


def test_the_next_process_knows_it(clock: HandClock, tmp_path: Path) -> None:
    file = tmp_path / "state" / "said"
    first = Said(clock, file)
    first.add("a", 60)
    first.add("b", 30)
    clock.now += 40
    second = Said(clock, file)
    assert "a" in second
    assert "b" not in second
    assert second.left() == {"a": 20}


def test_processes_that_share_a_file_do_not_take_away_what_the_others_wrote(clock: HandClock, tmp_path: Path) -> None:
    one, other = Said(clock, tmp_path / "said"), Said(clock, tmp_path / "said")
    one.add("a", 60)
    other.add("b", 60)
    assert set(Said(clock, tmp_path / "said").left()) == {"a", "b"}


@pytest.mark.parametrize("torn", ['["a", 99999', "\x00\x00", '{"a": 1}', '["a", "soon"]', '["a", 1e400]', ""])
def test_a_line_that_is_none_costs_that_line(clock: HandClock, tmp_path: Path, torn: str) -> None:
    file = tmp_path / "said"
    Said(clock, file).add("before", 60)
    with file.open("a") as lines:
        lines.write(torn + "\n")
    Said(clock, file).add("behind", 60)
    assert set(Said(clock, file).left()) == {"before", "behind"}


def test_a_file_that_cannot_be_used_stops_nobody(
    clock: HandClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "said").mkdir()
    said = Said(clock, tmp_path / "said")
    said.add("a", 60)
    assert "a" in said
    assert [record.getMessage() for record in caplog.records] == [
        "what was told before cannot be read: Is a directory",
        "what was told cannot be noted: Is a directory",
    ]


def test_memory_and_file_are_bounded(clock: HandClock, tmp_path: Path) -> None:
    file, most = tmp_path / "said", module._MOST_KEPT
    said = Said(clock, file)
    for number in range(most + 500):
        said.add(f"e{number}", 60)
    assert len(said.left()) == most
    assert "e0" not in said
    again = Said(clock, file)
    assert again.left().keys() == said.left().keys()
    assert len(file.read_text().splitlines()) == most
