"""If these fail, the file can ask for what no rule looks at."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from gateway.config.routing import Conditions, Modality
from router.content import Opaque
from router.facts import TEXT_ONLY


def test_of_nothing_a_rule_is_for_everything() -> None:
    assert all(getattr(Conditions(), setting.name) is None for setting in fields(Conditions))


def test_the_modalities_are_kinds_of_parts() -> None:
    kinds = {"image", "audio", "video", "file"}
    assert set(get_args(Modality)) == kinds | {TEXT_ONLY}
    assert all(Opaque("", kind).kind == kind for kind in kinds)
