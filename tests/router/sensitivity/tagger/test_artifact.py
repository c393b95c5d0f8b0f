"""A damaged or foreign tagger is refused: it would let names out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from router.artifact import ArtifactError
from router.sensitivity.tagger import artifact


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    artifact.write(tmp_path, {"weights": np.arange(3.0)}, {"features_version": 1})
    return tmp_path


def test_round_trip(directory: Path) -> None:
    assert artifact.read(directory, 1)["weights"].tolist() == [0.0, 1.0, 2.0]
    assert artifact.unpacked_words(artifact.packed_words(["a", "", "é b"])) == ["a", "", "é b"]


def test_the_same_arrays_give_the_same_bytes(directory: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    artifact.write(again, {"weights": np.arange(3.0)}, {"features_version": 1})
    assert (again / "arrays.npz").read_bytes() == (directory / "arrays.npz").read_bytes()


def test_refused(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="features 1"):
        artifact.read(directory, 2)
    with pytest.raises(ArtifactError, match="cannot be read"):
        artifact.read(tmp_path / "nowhere", 1)
    arrays = directory / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:-1] + b"x")
    with pytest.raises(ArtifactError, match="checksum"):
        artifact.read(directory, 1)
    card = directory / "card.json"
    card.write_text(json.dumps({"format": "other"}))
    with pytest.raises(ArtifactError, match="tidegate-tagger"):
        artifact.read(directory, 1)
    card.write_text("{")
    with pytest.raises(ArtifactError, match="not JSON"):
        artifact.read(directory, 1)
