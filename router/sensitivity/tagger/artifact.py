"""The artifact: the fitted tagger on disk. `arrays.npz` (numbers and text as bytes, never pickle) and `card.json`.

The card names the format, the version of the features, the SHA-256 of the arrays, what they were fitted on under which
licences, and how good they are. Arrays that do not match their card are refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = "tidegate-tagger"
_ARRAYS_FILE = "arrays.npz"
_CARD_FILE = "card.json"
_ZIP_DATE = (2020, 1, 1, 0, 0, 0)  # always the same, so that the bytes depend on the arrays alone

Arrays = dict[str, NDArray[Any]]


class ArtifactError(Exception):
    """The tagger cannot be used: missing, damaged, or of another version. The message says which file and why."""


def write(directory: Path, arrays: Arrays, card: dict[str, Any]) -> None:
    """Writes both files; the card gets the checksum of the arrays."""
    directory.mkdir(parents=True, exist_ok=True)
    packed = _packed(arrays)
    card = {"format": FORMAT, "sha256": hashlib.sha256(packed).hexdigest()} | card
    (directory / _ARRAYS_FILE).write_bytes(packed)
    (directory / _CARD_FILE).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read(directory: Path, features_version: int) -> Arrays:
    """Raises `ArtifactError`; the checksum is verified before the arrays are parsed."""
    card_file, arrays_file = directory / _CARD_FILE, directory / _ARRAYS_FILE
    try:
        card = json.loads(card_file.read_bytes())
        packed = arrays_file.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{error.filename}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ArtifactError(f"{card_file}: not JSON: {error}") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise ArtifactError(f"{card_file}: not a tagger (expected format '{FORMAT}')")
    if card.get("features_version") != features_version:
        raise ArtifactError(
            f"{card_file}: features {card.get('features_version')}, this release has {features_version}"
        )
    if hashlib.sha256(packed).hexdigest() != card.get("sha256"):
        raise ArtifactError(f"{arrays_file}: does not match the checksum in {_CARD_FILE}: damaged or changed")
    with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def packed_words(words: list[str]) -> NDArray[np.uint8]:
    """Words as one array of bytes, a zero byte between them."""
    return np.frombuffer("\0".join(words).encode(), dtype=np.uint8)


def unpacked_words(array: NDArray[np.uint8]) -> list[str]:
    return array.tobytes().decode().split("\0")


def _packed(arrays: Arrays) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            plain = io.BytesIO()
            np.save(plain, arrays[name], allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _ZIP_DATE), plain.getvalue(), zipfile.ZIP_DEFLATED)
    return out.getvalue()
