"""The snapshot: the validated configuration as the parent hands it to its workers, through a pipe.

It holds every secret in the clear. It is never written to a disk, an environment variable or a command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from gateway.config.loaded import Loaded
from gateway.config.plain import decoded, encoded


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the parent serves an embedded model: an address up to and with `/v1`, and the key made for this run."""

    base_url: str
    api_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`number` grows by one with every configuration; `embedded` is by deployment name."""

    number: int
    loaded: Loaded
    embedded: Mapping[str, Endpoint]

    def to_json(self) -> bytes:
        """One line of JSON without a line break, secrets included."""
        return encoded(self)

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """The inverse of `to_json`, with or without a line break at the end. Raises `ValueError` for anything else."""
        return decoded(line.removesuffix(b"\n"), cls)
