"""The snapshot: the validated configuration as the parent hands it to its workers, through a pipe.

It holds every secret in the clear. It is never written to a disk, an environment variable or a command line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Self

from pydantic import BaseModel, SecretStr

from gateway.config.load import Loaded
from gateway.config.problems import Problem
from gateway.config.settings import Settings


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
        loaded = self.loaded
        return json.dumps(
            {
                "number": self.number,
                "settings": _plain(loaded.settings),
                "source": str(loaded.source),
                "directory": str(loaded.directory),
                "state_directory": str(loaded.state_directory),
                "ledger_url": loaded.ledger_url,
                "version": loaded.version,
                "warnings": [asdict(warning) for warning in loaded.warnings],
                "embedded": {name: asdict(endpoint) for name, endpoint in self.embedded.items()},
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """The inverse of `to_json`. Raises `ValueError` or `KeyError` for anything else."""
        data = json.loads(raw)
        loaded = Loaded(
            settings=Settings.model_validate(data["settings"]),
            source=Path(data["source"]),
            directory=Path(data["directory"]),
            state_directory=Path(data["state_directory"]),
            ledger_url=data["ledger_url"],
            version=data["version"],
            warnings=tuple(Problem(**warning) for warning in data["warnings"]),
        )
        embedded = {name: Endpoint(**endpoint) for name, endpoint in data["embedded"].items()}
        return cls(int(data["number"]), loaded, embedded)


def _plain(value: object) -> object:
    """What JSON can hold: pydantic's own dump would print secrets as stars."""
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
