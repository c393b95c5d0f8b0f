"""What is kept to learn from: nothing, unless a route says so."""

from __future__ import annotations

from gateway.config.learning import Learning, RouteLearning
from tests.gateway.config.harness import BASE, loaded


def test_by_default_nothing_is_kept() -> None:
    learning = loaded(BASE).settings.routes["auto"].learning
    assert not learning.enabled
    assert not learning.capture


def test_one_setting_switches_it_on_for_a_route() -> None:
    settings = loaded(f"{BASE}  other: {{small: [small], large: [large], learning: {{enabled: true}}}}\n").settings
    assert settings.routes["other"].learning == RouteLearning(enabled=True)
    assert not settings.routes["auto"].learning.enabled
    assert settings.learning == Learning()
    assert settings.learning.zone == "local"
