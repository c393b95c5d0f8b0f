"""If these fail, a gateway starts with a difficulty model that it cannot use, or does not say which line names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.problems import ConfigurationError
from router.artifact import ARRAYS_FILE
from tests.harness.heads import fitted_before, write_head

FILE = """\
deployments:
  small:
    zone: local
    engine: openai
    base_url: "http://127.0.0.1:9101/v1"
    difficulty: %s
  large: {zone: cloud, engine: openai, base_url: "https://api.example.com/v1", api_key: k}
routes:
  auto: {small: [small], large: [large]}
"""


def configuration(directory: Path, named: str = "own", text: str = FILE) -> Path:
    file = directory / "tidegate.yaml"
    file.write_text(text % named)
    return file


def said(file: Path, **environ: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(file, environ=environ)
    (problem,) = caught.value.problems
    assert problem.line == 6
    return str(problem).removeprefix(f"{file}:6: deployments.small.difficulty: ")


def test_a_model_beside_the_configuration_is_taken(tmp_path: Path) -> None:
    write_head(tmp_path / "own", 1.0)
    loaded = load(configuration(tmp_path), environ={})
    assert loaded.settings.deployments["small"].difficulty == "own"
    assert loaded.warnings == ()
    assert loaded.version != load(configuration(tmp_path, '""'), environ={}).version


def test_what_is_not_there_or_damaged_or_foreign_is_refused_with_a_remedy(tmp_path: Path) -> None:
    file = configuration(tmp_path)
    remedy = "name a directory that `tidegate train` wrote, or leave it out"
    assert said(file) == f"'own'/card.json: cannot be read: No such file or directory; {remedy}"
    write_head(tmp_path / "own", 1.0)
    (tmp_path / "own" / ARRAYS_FILE).write_bytes(b"PK")
    assert said(file) == f"'own'/{ARRAYS_FILE}: does not match the checksum in card.json: damaged or changed; {remedy}"
    (tmp_path / "own" / "card.json").write_text('{"format": "tidegate-word-vectors"}')
    assert "expected format 'tidegate-difficulty'" in said(file)


def test_one_of_another_release_has_to_be_trained_again(tmp_path: Path) -> None:
    fitted_before(tmp_path / "own")
    message = said(configuration(tmp_path))
    assert message.startswith("'own': fitted on features version 9")
    assert message.endswith("; train it again with `tidegate train`")


def test_a_path_from_the_environment_is_not_shown(tmp_path: Path) -> None:
    message = said(configuration(tmp_path, '"${HEAD}"'), HEAD="hidden-place")
    assert "hidden-place" not in message
    assert "${HEAD}" in message


def test_one_that_decides_nothing_is_warned_of(tmp_path: Path) -> None:
    write_head(tmp_path / "own", 1.0)
    text = FILE.replace("{small: [small], large: [large]}", "{small: [small], large: [large], prefer: large}")
    (warning,) = load(configuration(tmp_path, text=text), environ={}).warnings
    assert (warning.line, warning.message) == (6, "decides nothing")
