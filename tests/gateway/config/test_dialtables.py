"""If these fail, a gateway starts with a dial that promises what nobody has measured, or refuses one that is sound."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.config.dialtables import model_of, table_file
from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.config.problems import ConfigurationError
from gateway.config.snapshot import Snapshot
from router.calibration.table import Table, shipped_table
from tests.gateway.config.harness import BASE
from tests.harness.heads import write_head

HEAD = model_of(None)


def table(hard: int = 100) -> Table:
    rows = 400
    made = Table.of(
        HEAD, [step / rows for step in range(rows)], [False] * rows, [step < hard for step in range(rows)][::-1]
    )
    return replace(made, small_cost=Decimal("0.0001"), large_cost=Decimal("0.01"))


def loaded_with(directory: Path, dial: str, made: Table | None = None, name: str = "auto", base: str = BASE) -> Loaded:
    text = base.replace("auto:", f'"{name}":').replace("large: [large]}", f"large: [large], dial: {dial}}}")
    (directory / "tidegate.yaml").write_text(text)
    if made is not None:
        made.save(table_file(directory / ".tidegate", name))
    return load(directory / "tidegate.yaml", environ={})


@pytest.mark.parametrize("dial", ["{quality: 0.95}", "{cost: 2.5}", "{share: 0.3}"])
def test_a_calibrated_route_has_its_table(tmp_path: Path, dial: str) -> None:
    loaded = loaded_with(tmp_path, dial, table())
    assert loaded.tables == {"auto": table()}
    assert loaded.warnings == ()


def test_workers_are_handed_it_digit_by_digit(tmp_path: Path) -> None:
    snapshot = Snapshot(1, loaded_with(tmp_path, "{quality: 0.95}", table()), {})
    assert Snapshot.from_json(snapshot.to_json()) == snapshot


def test_names_with_slashes_have_tables_too(tmp_path: Path) -> None:
    loaded = loaded_with(tmp_path, "{quality: 0.95}", table(), "vendor/model:1")
    assert list(loaded.tables) == ["vendor/model:1"]
    assert [file.parent.name for file in tmp_path.rglob("*.json")] == ["calibration"]


def test_without_its_own_a_share_has_the_shipped_one_and_nobody_is_warned(tmp_path: Path) -> None:
    loaded = loaded_with(tmp_path, "{share: 0.3}")
    assert (loaded.tables, loaded.warnings) == ({}, ())


@pytest.mark.parametrize(
    ("dial", "made", "why"),
    [
        ("{quality: 0.95}", None, "the route is not calibrated"),
        ("{quality: 0.95}", replace(table(), head="other"), "was made with another difficulty model"),
        ("{cost: 2.5}", replace(table(), head="other"), "was made with another difficulty model"),
        ("{cost: 2.5}", replace(table(), large_cost=None), "its calibration does not say what an answer costs"),
        ("{quality: 0.95}", table(10), "its calibration has 10 hard rows, and quality=0.95 takes 19 at least"),
        ("{quality: 0.95}", shipped_table(), "its calibration has 0 hard rows"),
    ],
)
def test_a_dial_that_means_nothing_is_refused_with_a_remedy(
    tmp_path: Path, dial: str, made: Table | None, why: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded_with(tmp_path, dial, made)
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (5, f"routes.auto.dial.{dial[1:].partition(':')[0]}")
    assert why in problem.message
    assert problem.remedy == "run `tidegate calibrate --route auto --data ROWS`"


def test_a_head_that_was_learned_keeps_no_gateway_from_starting_again(tmp_path: Path) -> None:
    (tmp_path / ".tidegate" / "heads" / "small").mkdir(parents=True)
    other = replace(table(), head="other")
    for dial in ("{quality: 0.95}", "{cost: 2.5}"):
        loaded = loaded_with(tmp_path, dial, other)
        assert loaded.tables == {"auto": other}
        (warning,) = loaded.warnings
        assert "what it came to is kept as a share" in warning.message
    with pytest.raises(ConfigurationError, match="19 at least"):
        loaded_with(tmp_path, "{quality: 0.95}", replace(table(10), head="other"))


def test_it_can_still_be_read_by_what_calibrates_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        loaded_with(tmp_path, "{quality: 0.95}")
    assert load(tmp_path / "tidegate.yaml", environ={}, calibrated=False).tables == {}


@pytest.mark.parametrize("text", ["", "{}", None])
def test_a_share_goes_on_without_a_table_that_is_damaged_or_of_another_model_and_says_so(
    tmp_path: Path, text: str | None
) -> None:
    file = table_file(tmp_path / ".tidegate", "auto")
    replace(table(), head="other").save(file)
    if text is not None:
        file.write_text(text)
    loaded = loaded_with(tmp_path, "{share: 0.3}")
    assert loaded.tables == {}
    (warning,) = loaded.warnings
    assert "the shipped calibration is used" in warning.message
    assert "remove the file" in warning.remedy


def test_a_new_table_is_a_new_version_of_the_configuration(tmp_path: Path) -> None:
    before = loaded_with(tmp_path, "{quality: 0.9}", table(100)).version
    assert loaded_with(tmp_path, "{quality: 0.9}", table(120)).version != before


def test_the_model_is_that_of_the_small_deployment_that_has_a_head(tmp_path: Path) -> None:
    """What was calibrated with the shipped model says nothing of the scores of another."""
    own = tmp_path / "own"
    write_head(own, 50.0)
    base = BASE.replace("model: local-model}", "model: local-model, difficulty: own}")
    with pytest.raises(ConfigurationError) as caught:
        loaded_with(tmp_path, "{quality: 0.95}", table(), base=base)
    assert "was made with another difficulty model" in caught.value.problems[0].message
    made = replace(table(), head=model_of(own))
    assert loaded_with(tmp_path, "{quality: 0.95}", made, base=base).tables == {"auto": made}


def test_a_head_that_cannot_be_read_is_the_shipped_one(tmp_path: Path) -> None:
    """Which then serves in its place."""
    champion = tmp_path / ".tidegate" / "heads" / "small" / "champion"
    write_head(champion, 50.0)
    (champion / "card.json").write_text("{}")
    loaded = loaded_with(tmp_path, "{quality: 0.95}", table())
    assert (loaded.tables, loaded.warnings) == ({"auto": table()}, ())
