"""Texts kept apart: if one of them is trained on, the figures on them say nothing."""

from __future__ import annotations

import pytest

from router.sensitivity.training.apart import APART
from router.sensitivity.training.fit import shippable
from router.sensitivity.training.rows import apart, generated


@pytest.mark.parametrize("language", ["en", "fr", "de", "es"])
def test_every_language_has_both_kinds(language: str) -> None:
    private, harmless = APART[language]
    assert len(private) >= 20
    assert len(harmless) >= 20


def test_nothing_of_them_is_trained_on() -> None:
    rows = list(apart())
    assert not any(map(shippable, rows))
    trained = {row.group for row in generated()}
    assert trained.isdisjoint(row.group for row in rows)
    assert all(bool(row.spans) == (row.source == "apart-private") for row in rows)
