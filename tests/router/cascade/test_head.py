"""A user loses: a head that was damaged, is of another release or knows nothing, and is believed all the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from router.artifact import ARRAYS_FILE, CARD_FILE, Artifact, ArtifactError, write
from router.cascade.features import FEATURE_NAMES, FEATURES_VERSION
from router.cascade.head import FORMAT, Head

SIZE = len(FEATURE_NAMES)
NAN = float("nan")


def head(*, knows: bool = True) -> Head:
    return Head([1.0] + [0.0] * (SIZE - 1), [2.0] * SIZE, [0.5] * SIZE, 0.0, knows, {"deployment": "small"})


def test_what_is_usual_and_what_cannot_be_seen_count_alike() -> None:
    assert head().doubt([2.0] * SIZE) == head().doubt([NAN] * SIZE) == 0.5
    assert (head().doubt([3.0] * SIZE) or 0) > 0.8


def test_what_is_far_out_counts_no_more_than_what_was_seen() -> None:
    assert head().doubt([1e9] * SIZE) == head().doubt([4.0] * SIZE)


def test_one_that_knows_nothing_abstains() -> None:
    assert head(knows=False).doubt([3.0] * SIZE) is None


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    head().save(tmp_path)
    loaded = Head.load(tmp_path)
    values = np.linspace(-3, 3, SIZE).tolist()
    assert loaded.doubt(values) == head().doubt(values)
    assert loaded.card["deployment"] == "small"
    assert not Head.load(saved(tmp_path / "other", head(knows=False))).knows


def saved(directory: Path, one: Head) -> Path:
    one.save(directory)
    return directory


def test_one_that_was_changed_is_refused(tmp_path: Path) -> None:
    arrays = saved(tmp_path, head()) / ARRAYS_FILE
    arrays.write_bytes(arrays.read_bytes()[:-1] + b"x")
    with pytest.raises(ArtifactError, match="checksum"):
        Head.load(tmp_path)


def test_one_for_other_features_is_refused(tmp_path: Path) -> None:
    card = saved(tmp_path, head()) / CARD_FILE
    card.write_text(json.dumps({**json.loads(card.read_text()), "features_version": FEATURES_VERSION + 1}))
    with pytest.raises(ArtifactError, match="fit it again"):
        Head.load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [{"weights": np.zeros(3)}, {"scale": np.zeros(SIZE)}, {"bias": np.array([NAN])}, {"mean": np.array(["x"] * SIZE)}],
)
def test_arrays_that_are_none_of_a_head_are_refused(tmp_path: Path, change: dict[str, np.ndarray]) -> None:
    arrays = {"weights": np.zeros(SIZE), "mean": np.zeros(SIZE), "scale": np.ones(SIZE), "bias": np.zeros(1)}
    write(tmp_path, Artifact({**arrays, **change}, {"features_version": FEATURES_VERSION}), FORMAT)
    with pytest.raises(ArtifactError):
        Head.load(tmp_path)
