"""If these fail, a deployment is handed what it ignores, or passed over although it can."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.config.settings import Deployment, Engine
from gateway.egress.capabilities import LACKING, lacks_of
from router.capability import CAPABILITIES


def deployment(engine: Engine, **declared: Any) -> Deployment:
    return Deployment(zone="cloud", engine=engine, **declared)


def test_every_capability_is_a_setting_of_the_same_name() -> None:
    for name in CAPABILITIES:
        assert lacks_of(deployment("openai", **{name: False})) == {name}
    assert all(lacks <= frozenset(CAPABILITIES) for lacks in LACKING.values())


@pytest.mark.parametrize("engine", ["embedded", "openai", "litellm"])
def test_what_is_declared_wins_over_what_is_assumed(engine: Engine) -> None:
    assert lacks_of(deployment(engine)) == LACKING[engine]
    assert lacks_of(deployment(engine, **dict.fromkeys(CAPABILITIES, True))) == frozenset()
    assert lacks_of(deployment(engine, **dict.fromkeys(CAPABILITIES, False))) == frozenset(CAPABILITIES)


def test_the_embedded_model_is_never_handed_tools_unless_it_is_said_to_know_them() -> None:
    assert "tools" in lacks_of(deployment("embedded"))
    assert "tools" not in lacks_of(deployment("embedded", tools=True))
