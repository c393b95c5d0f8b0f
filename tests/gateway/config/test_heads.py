"""If these fail, a head decides about a deployment that it was not fitted for, or what was learned is not found."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.heads import champion_of, decided_about, heads_of
from gateway.config.load import load
from tests.harness.heads import write_head

FILE = """\
deployments:
  small: {zone: local, engine: openai, base_url: "http://127.0.0.1:9101/v1"}
  spare: {zone: local, engine: openai, base_url: "http://127.0.0.1:9102/v1"}
  alone: {zone: local, engine: openai, base_url: "http://127.0.0.1:9103/v1"}
  fixed: {zone: local, engine: openai, base_url: "http://127.0.0.1:9104/v1"}
  large: {zone: cloud, engine: openai, base_url: "https://api.example.com/v1", api_key: k}
routes:
  auto: {small: [small, spare], large: [large]}
  again: {small: [spare], large: [large]}
  home: {small: [alone]}
  always: {small: [fixed], large: [large], prefer: large}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tidegate.yaml"
    file.write_text(FILE)
    return file


def test_difficulty_decides_where_there_is_a_choice(file: Path) -> None:
    assert decided_about(load(file, environ={}).settings) == ["small", "spare"]


def test_what_was_learned_is_taken_where_nothing_else_is_named(file: Path, tmp_path: Path) -> None:
    assert heads_of(load(file, environ={})) == {}
    learned = tmp_path / ".tidegate" / "heads"
    for name in ("small", "alone"):
        (learned / name / "champion").mkdir(parents=True)
    assert heads_of(load(file, environ={})) == {"small": learned / "small" / "champion"}


def test_one_that_takes_anothers_place_is_there_at_every_moment(tmp_path: Path) -> None:
    heads = tmp_path / "heads" / "small"
    (heads / "next").mkdir(parents=True)
    assert champion_of(tmp_path, "small") == heads / "next"
    (heads / "next").rename(heads / "champion")
    assert champion_of(tmp_path, "small") == heads / "champion"
    assert champion_of(tmp_path, "large") is None


def test_the_example_of_the_page_on_difficulty(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "difficulty.md").read_text()
    example = page.partition("\n## A head for each")[2].partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "tidegate.yaml").write_text(example)
    write_head(tmp_path / "heads" / "tiny", 1.0)
    (tmp_path / ".tidegate" / "heads" / "office" / "champion").mkdir(parents=True)
    loaded = load(tmp_path / "tidegate.yaml", environ={"OPENAI_API_KEY": "k"})
    assert loaded.warnings == ()
    assert heads_of(loaded) == {
        "tiny": tmp_path / "heads" / "tiny",
        "office": tmp_path / ".tidegate" / "heads" / "office" / "champion",
    }
