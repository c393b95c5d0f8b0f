"""The artifact: what was fitted, on disk. `arrays.npz` (numbers and text as bytes, never pickle) and `card.json`.

A difficulty model, the word vectors and the tagger of names are artifacts. The card names the format, the SHA-256 of
the arrays, what they were fitted on under which licences, and how good they are. Arrays that do not match their card
are refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT_VERSION = 1
ARRAYS_FILE = "arrays.npz"
CARD_FILE = "card.json"


class ArtifactError(Exception):
    """The artifact cannot be used: missing, damaged, or of another version. The message says which file and why."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Named arrays and the card that describes them."""

    arrays: dict[str, NDArray[np.generic]]
    card: dict[str, Any]


def shipped(package: str, name: str) -> Path:
    """The directory `name` in a package's own. A module that was compiled does not stand where its source does."""
    return Path(import_module(package).__path__[0]) / name


def write(directory: Path, artifact: Artifact, kind: str) -> None:
    """Writes both files, the card last, each by renaming, so a reader never meets a half-written one."""
    directory.mkdir(parents=True, exist_ok=True)
    packed = _pack(artifact.arrays)
    own = {"format": kind, "format_version": FORMAT_VERSION, "sha256": hashlib.sha256(packed).hexdigest()}
    card = own | artifact.card | own  # a card that was read before brings these along, out of date
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    for name, data in ((ARRAYS_FILE, packed), (CARD_FILE, text.encode())):
        fresh = directory / f".{name}.new"
        fresh.write_bytes(data)
        fresh.replace(directory / name)


def read(directory: Path, kind: str) -> Artifact:
    """Raises `ArtifactError`; the checksum is verified before the arrays are parsed."""
    card, file = read_card(directory, kind), directory / ARRAYS_FILE
    try:
        with file.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != card.get("sha256"):
                raise ArtifactError(f"{file}: does not match the checksum in {CARD_FILE}: damaged or changed")
            opened.seek(0)
            with np.load(opened, allow_pickle=False) as stored:
                return Artifact({name: stored[name] for name in stored.files}, card)
    except (ValueError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{file}: not a file of plain arrays: {error}") from error
    except OSError as error:
        raise _unreadable(file, error) from error


def read_card(directory: Path, kind: str) -> dict[str, Any]:
    """The card alone. Raises `ArtifactError`."""
    file = directory / CARD_FILE
    try:
        card = json.loads(file.read_bytes())
    except OSError as error:
        raise _unreadable(file, error) from error
    except ValueError as error:
        raise ArtifactError(f"{file}: not JSON: {error}") from error
    if not isinstance(card, dict) or card.get("format") != kind:
        raise ArtifactError(f"{file}: not what is wanted here (expected format '{kind}')")
    version = card.get("format_version", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise ArtifactError(f"{file}: format version {version!r}, this release reads {FORMAT_VERSION}")
    return card


def _unreadable(file: Path, error: OSError) -> ArtifactError:
    return ArtifactError(f"{file}: cannot be read: {error.strerror}")


def _pack(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    """An npz whose bytes depend on the arrays alone: zip entries carry no time of day."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.ascontiguousarray(arrays[name]), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            # A table of int8 hardly shrinks, and would take longer to unpack than all the rest to load.
            info.compress_type = zipfile.ZIP_STORED if arrays[name].dtype == np.int8 else zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    return out.getvalue()
