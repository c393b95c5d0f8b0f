"""If these fail, thresholds come from a damaged table, or from one of another model."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest

from router.artifact import read_card
from router.calibration.table import LEAST_ROWS, QUANTILES, SHIPPED, Table, TableError, shipped_table
from router.difficulty import model

COSTS = (Decimal("0.0001"), Decimal("0.0123456789"))


def table(rows: int = 400, hard: float = 0.3, unsure: float = 0.1) -> Table:
    dice = random.Random(rows)
    difficulties = [dice.random() for _ in range(rows)]
    return Table.of(
        "head",
        difficulties,
        [dice.random() < unsure for _ in range(rows)],
        [dice.random() < hard * 2 * value for value in difficulties],
        COSTS,
    )


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "calibration" / "auto.json"
    made = table()
    made.save(file)
    assert Table.load(file) == made
    assert Table.load(file).digest == made.digest
    assert [found.name for found in file.parent.iterdir()] == ["auto.json"]


def test_money_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    table().save(tmp_path / "t.json")
    found = Table.load(tmp_path / "t.json")
    assert (found.small_cost, found.large_cost) == COSTS
    assert found.has_costs


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"head": "other"}, "checksum"),
        ({"abstained": 0.5}, "checksum"),
        ({"format_version": 2}, "version 2"),
        ({"format": "tidegate-difficulty"}, "not a calibration table"),
    ],
)
def test_what_was_changed_is_refused(tmp_path: Path, change: dict[str, object], why: str) -> None:
    file = tmp_path / "t.json"
    table().save(file)
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(TableError, match=why):
        Table.load(file)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"format": "tidegate-calibration"}'])
def test_what_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(TableError, match=r"t\.json"):
        Table.load(tmp_path / "t.json")


def test_a_table_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        Table.load(tmp_path / "t.json")


def test_two_tables_have_two_digests() -> None:
    assert table(400).digest != table(401).digest


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(ValueError, match=f"{LEAST_ROWS} are the least"):
        Table.of("head", [0.5] * 60, [True] * 20 + [False] * 40)


def test_quality_asks_for_enough_hard_rows() -> None:
    few = Table.of("head", [0.5] * 100, [False] * 100, [True] * 18 + [False] * 82)
    assert few.hard == 18
    assert few.threshold_for(Decimal("0.95")) is None
    assert few.threshold_for(Decimal("0.94")) is not None
    assert few.threshold_for(Decimal(1)) == 0.0


def test_a_quality_between_two_steps_gets_the_stricter_one() -> None:
    made = table(4000)
    between, finer = made.threshold_for(Decimal("0.9005")), made.threshold_for(Decimal("0.901"))
    assert between == finer


def test_a_threshold_is_a_share_of_the_rows() -> None:
    even = Table.of("head", [step / 100 for step in range(100)], [False] * 100)
    assert even.share_from(0.75) == pytest.approx(0.25, abs=0.01)
    assert (even.share_from(0.0), even.share_from(1.0)) == (1.0, 0.0)
    half = Table.of("head", [step / 200 for step in range(200)], [False] * 100 + [True] * 100)
    assert half.share_from(0.25) == pytest.approx(0.75, abs=0.01)


def test_without_labels_there_is_no_quality() -> None:
    plain = Table.of("head", [0.5] * 100, [False] * 100)
    assert plain.threshold_for(Decimal("0.5")) is None
    assert not plain.has_costs


def test_hard_ones_that_nobody_can_tell_go_to_the_large_model_and_are_counted_so() -> None:
    half = Table.of("head", [0.2] * 100, [True] * 50 + [False] * 50, [True] * 100)
    assert half.threshold_for(Decimal("0.4")) == 1.0  # half of them go whatever the threshold is


def test_the_shipped_table_belongs_to_the_shipped_model() -> None:
    head = read_card(model.SHIPPED, model.FORMAT)["sha256"]
    assert shipped_table().head == head, "the model is another one: python -m bench.shipped_dial DATA_DIR"
    assert len(shipped_table().quantiles) == QUANTILES + 1


def test_the_shipped_table_promises_nothing() -> None:
    shipped = shipped_table()
    assert SHIPPED.is_file()
    assert not shipped.has_costs
    assert shipped.threshold_for(Decimal("0.5")) is None
