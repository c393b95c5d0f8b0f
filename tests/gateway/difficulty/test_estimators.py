"""If these fail, a small model is judged by what was fitted for another, or a damaged file stops a start."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.difficulty.estimators import SHIPPED, Configured, Estimators, configured
from router.artifact import ARRAYS_FILE
from router.content import content_of_text
from router.difficulty.estimator import Estimator
from tests.gateway.config.harness import BASE
from tests.harness.heads import fitted_before, write_head
from tests.harness.prompts import EASY

CONTENT = content_of_text(EASY)
TWO = BASE.replace("routes:", '  spare: {zone: local, engine: openai, base_url: "http://127.0.0.1:9102/v1"}\nroutes:')
TWO = TWO.replace("small: [small]", "small: [small, spare]")


def configuration(directory: Path, text: str = BASE) -> Loaded:
    file = directory / "tidegate.yaml"
    file.write_text(text)
    return load(file, environ={})


def champion(directory: Path, deployment: str = "small") -> Path:
    return directory / ".tidegate" / "heads" / deployment / "champion"


def test_without_heads_the_shipped_model_decides_about_all(tmp_path: Path) -> None:
    found = configured(configuration(tmp_path, TWO))
    assert (found.heads, found.named, found.versions) == ({}, {}, {"small": SHIPPED, "spare": SHIPPED})
    assert found.shipped.estimate(CONTENT) == Estimator.shipped().estimate(CONTENT)


def test_a_deployment_has_the_head_that_was_promoted_for_it(tmp_path: Path) -> None:
    version = write_head(champion(tmp_path, "spare"), 50.0)
    found = configured(configuration(tmp_path, TWO))
    assert found.named == {"spare": f"spare@{version}"}
    assert found.versions == {"small": SHIPPED, "spare": version}
    assert found.heads["spare"].estimate(CONTENT).probability > 0.99
    assert found.shipped.estimate(CONTENT) == Estimator.shipped().estimate(CONTENT)


def test_all_of_them_share_one_table_of_words(tmp_path: Path) -> None:
    for name in ("small", "spare"):
        write_head(champion(tmp_path, name), 50.0)
    found = configured(configuration(tmp_path, TWO))
    assert {id(each.lexicon) for each in found.heads.values()} == {id(found.shipped.lexicon)}


def test_what_is_configured_wins(tmp_path: Path) -> None:
    write_head(champion(tmp_path), -50.0)
    write_head(tmp_path / "own", 50.0)
    found = configured(configuration(tmp_path, BASE.replace("model: local-model", "difficulty: own")))
    assert found.heads["small"].estimate(CONTENT).probability > 0.99


@pytest.mark.parametrize("damage", ["arrays", "release", "nothing"])
def test_a_champion_that_cannot_be_used_stops_no_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    if damage == "nothing":
        champion(tmp_path).mkdir(parents=True)
    elif damage == "release":
        fitted_before(champion(tmp_path))
    else:
        write_head(champion(tmp_path), 50.0)
        (champion(tmp_path) / ARRAYS_FILE).write_bytes(b"PK")
    failed: list[str] = []
    with caplog.at_level(logging.WARNING):
        found = Estimators(failed.append).of(configuration(tmp_path))
    assert (found.heads, found.versions, list(found.faults), failed) == ({}, {"small": SHIPPED}, ["small"], ["small"])
    assert "deployment small" in caplog.text
    assert found.shipped.estimate(CONTENT) == Estimator.shipped().estimate(CONTENT)


def test_a_reload_reads_again_only_what_is_another(tmp_path: Path) -> None:
    estimators = Estimators()

    def now() -> Configured:
        return estimators.of(configuration(tmp_path))

    first = now()
    assert now() is first
    write_head(champion(tmp_path), 50.0)
    second = now()
    assert second is not first
    assert now() is second
    write_head(champion(tmp_path), -50.0)
    assert now().heads["small"].estimate(CONTENT).probability < 0.01
    (champion(tmp_path) / ARRAYS_FILE).unlink()
    (champion(tmp_path) / "card.json").unlink()
    assert now().faults
    write_head(champion(tmp_path), 50.0)
    assert now().heads["small"].estimate(CONTENT).probability > 0.99
