"""The artifact: the fitted tagger on disk, and how its words are stored as bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from router import artifact
from router.artifact import Artifact, ArtifactError

FORMAT = "tidegate-tagger"

Arrays = dict[str, NDArray[Any]]


def write(directory: Path, arrays: Arrays, card: dict[str, Any]) -> None:
    artifact.write(directory, Artifact(arrays, card), FORMAT)


def read(directory: Path, features_version: int) -> Arrays:
    """Raises `ArtifactError`."""
    stored = artifact.read(directory, FORMAT)
    found = stored.card.get("features_version")
    if found != features_version:
        raise ArtifactError(f"{directory}: features {found}, this release has {features_version}")
    return stored.arrays


def packed_words(words: list[str]) -> NDArray[np.uint8]:
    """Words as one array of bytes, a zero byte between them."""
    return np.frombuffer("\0".join(words).encode(), dtype=np.uint8)


def unpacked_words(array: NDArray[np.uint8]) -> list[str]:
    return array.tobytes().decode().split("\0")
