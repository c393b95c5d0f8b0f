"""Difficulty models of a deployment's own, whose estimates are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from router.artifact import CARD_FILE
from router.difficulty.model import DifficultyModel


def write_head(directory: Path, bias: float) -> str:
    """The shipped model, but for it everything is hard (`bias` far above 0) or easy (far below). Its version."""
    model = replace(DifficultyModel.shipped(), bias=bias)
    model.save(directory)
    return str(DifficultyModel.load(directory).card["sha256"])[:12]


def fitted_before(directory: Path) -> None:
    """A head in the directory, as of a release with other features."""
    write_head(directory, 0.0)
    card = directory / CARD_FILE
    card.write_text(card.read_text().replace('"features_version": ', '"features_version": 9'))
