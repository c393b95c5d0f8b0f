"""Configurations as JSON, between the gateway's own processes and through pipes only: secrets are in the clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from msgspec import json

from gateway.config.kinds import Secret

T = TypeVar("T")


def encoded(value: object) -> bytes:
    """One line of JSON without a line break."""
    return json.encode(value, enc_hook=_plain)


def decoded(raw: bytes, kind: type[T]) -> T:
    """The inverse of `encoded`. Raises `ValueError` for anything else, such as what another version has encoded."""
    value = json.decode(raw, type=kind, dec_hook=_made)
    if encoded(value) != raw:
        raise ValueError(f"not what this version writes for a {kind.__name__}")
    return value


def _plain(value: object) -> str:
    if isinstance(value, Secret):
        return value.get_secret_value()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is nothing that a configuration holds")


def _made(kind: type[Any], value: Any) -> Any:
    if kind in (Secret, Path) and isinstance(value, str):
        return kind(value)
    raise ValueError(f"expected a {kind.__name__}")
