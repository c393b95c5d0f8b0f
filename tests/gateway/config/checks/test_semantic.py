"""A semantic cache that could find nothing, or too much, is refused at the start, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.cache.semantic.plan import CALIBRATED, semantic_plans_of
from gateway.cache.semantic.reading import BY_LANGUAGE
from gateway.config.checks import semantic
from tests.gateway.config.harness import BASE, loaded, said


def text(route: str, cache: str = "{enabled: true}") -> str:
    return BASE.replace("large: [large]", f"large: [large], cache: {{semantic: {route}}}") + f"cache: {cache}\n"


@pytest.mark.parametrize(
    ("route", "cache", "message"),
    [
        ("{}", "{}", "routes.auto.cache.semantic: the route has no cache"),
        ("{thresholds: {fr: 0.9}}", "{enabled: true}", "semantic.thresholds.fr: is no language of the guard: en, de"),
        ("{thresholds: {en: 0.4}}", "{enabled: true}", "routes.auto.cache.semantic.thresholds.en"),
        ("{thresholds: {en: 1.1}}", "{enabled: true}", "routes.auto.cache.semantic.thresholds.en"),
        ("{longest: 5000}", "{enabled: true}", "routes.auto.cache.semantic.longest"),
        ("{patience: 0}", "{enabled: true}", "routes.auto.cache.semantic.patience"),
        ("{most: 1}", "{enabled: true}", "routes.auto.cache.semantic.most"),
    ],
)
def test_refused_with_its_line(route: str, cache: str, message: str) -> None:
    found = said(text(route, cache))
    assert len(found) == 1, found
    assert message in found[0]


def test_an_encoder_of_ones_own_needs_thresholds_and_files() -> None:
    found = said(text("{}", "{enabled: true, encoder: {directory: nowhere}}"))
    assert any("no threshold is known for an encoder of your own" in each for each in found)
    assert any("cache.encoder.directory: has no model.onnx and no tokenizer.json" in each for each in found)


def test_what_is_not_installed_is_said_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semantic, "find_spec", lambda name: None if name == "onnxruntime" else object())
    found = said(text("{}"))
    assert len(found) == 1
    assert "not installed: onnxruntime" in found[0]
    assert "pip install 'tidegate[semantic]'" in found[0]


def test_a_route_that_switches_it_off_has_none() -> None:
    assert semantic_plans_of(loaded(text("{enabled: false}")).settings) == {}


def test_thresholds_are_as_calibrated_but_for_those_that_are_set() -> None:
    plan = semantic_plans_of(loaded(text("{thresholds: {de: 0.9}}")).settings)["auto"]
    assert plan.thresholds == {**CALIBRATED, "de": 0.9}


def test_the_languages_are_those_of_the_guard() -> None:
    assert set(semantic.LANGUAGES) == set(BY_LANGUAGE) == set(CALIBRATED)


def test_a_directory_stands_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / "own" / name).touch()
    file = tmp_path / "tidegate.yaml"
    file.write_text(text("{thresholds: {en: 0.9}}", "{enabled: true, encoder: {directory: own}}"))
    from gateway.config.load import load

    encoder = load(file, environ={}).settings.cache.encoder
    assert encoder.directory == str(tmp_path / "own")
