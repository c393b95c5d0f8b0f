"""If these fail, the file can name what the router does not know, or cannot name what it does."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_args

from gateway.config.policy import Preset, Unreadable
from router.content import Opaque
from router.presets import PRESETS
from tests.gateway.config.harness import BASE, loaded
from tests.harness.compiled import PURE_ONLY


def test_every_preset_has_its_word() -> None:
    assert set(get_args(Preset)) == set(PRESETS)


@PURE_ONLY  # what is compiled keeps no docstrings
def test_every_kind_that_can_be_opened_has_its_setting() -> None:
    """All but nesting without end: nobody can say what is in there."""
    said = set(re.findall("`([a-z]+)`", Opaque.__doc__ or "")) - {"kind"}
    assert {kind.name for kind in fields(Unreadable)} == said - {"deep"}
    assert {getattr(Unreadable(), kind) for kind in said - {"deep"}} == {"local"}


def test_without_a_word_everything_that_is_found_stays() -> None:
    settings = loaded(BASE).settings
    assert (settings.policy.rules, settings.policy.preset) == ((), None)
    assert settings.routes["auto"].policy is None
