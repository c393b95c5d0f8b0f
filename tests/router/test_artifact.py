"""A user loses: a model file that runs code, or a damaged one that silently routes at random."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from router.artifact import ARRAYS_FILE, CARD_FILE, Artifact, ArtifactError, read, read_card, write

KIND = "tidegate-test"


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    write(tmp_path, Artifact({"numbers": np.arange(5.0)}, {"note": "é"}), KIND)
    return tmp_path


def card(directory: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((directory / CARD_FILE).read_text())
    return found


def test_what_is_written_is_read(stored: Path) -> None:
    artifact = read(stored, KIND)
    assert artifact.arrays["numbers"].tolist() == [0, 1, 2, 3, 4]
    assert artifact.card["note"] == "é"
    assert sorted(path.name for path in stored.iterdir()) == [ARRAYS_FILE, CARD_FILE]


def test_the_card_can_be_read_without_the_arrays(stored: Path) -> None:
    (stored / ARRAYS_FILE).unlink()
    assert read_card(stored, KIND)["note"] == "é"


def test_the_same_arrays_give_the_same_bytes(stored: Path, tmp_path: Path) -> None:
    write(tmp_path / "again", read(stored, KIND), KIND)
    assert (tmp_path / "again" / ARRAYS_FILE).read_bytes() == (stored / ARRAYS_FILE).read_bytes()


def test_a_changed_byte_is_noticed(stored: Path) -> None:
    data = bytearray((stored / ARRAYS_FILE).read_bytes())
    data[len(data) // 2] ^= 1
    (stored / ARRAYS_FILE).write_bytes(data)
    with pytest.raises(ArtifactError, match="checksum"):
        read(stored, KIND)


def test_a_missing_file_is_named(stored: Path) -> None:
    (stored / ARRAYS_FILE).unlink()
    with pytest.raises(ArtifactError, match=r"arrays\.npz.*cannot be read"):
        read(stored, KIND)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"format": "other"}, "not what is wanted here"), ({"format_version": 99}, "99")],
)
def test_another_format_is_refused(stored: Path, change: dict[str, object], message: str) -> None:
    (stored / CARD_FILE).write_text(json.dumps(card(stored) | change))
    with pytest.raises(ArtifactError, match=message):
        read(stored, KIND)


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_a_card_that_is_none_is_refused(stored: Path, text: str) -> None:
    (stored / CARD_FILE).write_text(text)
    with pytest.raises(ArtifactError, match=CARD_FILE):
        read(stored, KIND)


class Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def test_pickles_are_never_loaded(stored: Path) -> None:
    np.savez(stored / ARRAYS_FILE, numbers=np.array([Bomb()], dtype=object), allow_pickle=True)
    digest = hashlib.sha256((stored / ARRAYS_FILE).read_bytes()).hexdigest()
    (stored / CARD_FILE).write_text(json.dumps(card(stored) | {"sha256": digest}))
    with pytest.raises(ArtifactError, match="plain arrays"):
        read(stored, KIND)
