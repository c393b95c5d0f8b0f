"""Catalogue: published prices by model name, read from litellm's price file as data. litellm itself is not imported.

The file is 3 MB of JSON. It is read when a deployment needs it, and only what was asked for is kept.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from gateway.accounting.entry import Window, tariff_of, window_of
from gateway.accounting.tariff import Tariff

FILE: Final = "model_prices_and_context_window_backup.json"

_LOG: Final = logging.getLogger(__name__)
# One provider goes by several names in the file: `vertex_ai-language-models`, `bedrock_converse`, `cohere_chat`.
_SAME_PROVIDER: Final = re.compile(r"(-.+|_converse|_chat)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names a model may have in the file, best first, and whose price it must be (None: anybody's).

    `region`: where that provider is asked to stay.
    """

    names: tuple[str, ...]
    provider: str | None
    region: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the file has of a model, and under which name."""

    tariff: Tariff
    window: Window
    name: str


class Catalogue:
    """Published prices. `path` is the price file; None is the one that litellm ships."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def find(self, wanted: Mapping[str, Wanted]) -> dict[str, Listed]:
        """Those that the file has a price for. Reads the file: some 30 ms."""
        path = self._path or _shipped()
        if not wanted or path is None:
            return {}
        try:
            with path.open("rb") as file:
                entries = json.load(file, parse_float=Decimal, parse_int=Decimal)
            if not isinstance(entries, dict):
                raise TypeError("not an object")
        except (OSError, ValueError, TypeError) as error:
            _LOG.warning("the price map cannot be read, so prices that are not configured are unknown: %s", error)
            return {}
        found: dict[str, Listed] = {}
        for key, want in wanted.items():
            for name in want.names:
                entry = entries.get(name)
                if not isinstance(entry, dict) or not _is_from(entry, want.provider):
                    continue
                if tariff := tariff_of(entry, name, want.region):
                    found[key] = Listed(tariff, window_of(entry), name)
                    break
        return found


def _is_from(entry: Mapping[str, object], provider: str | None) -> bool:
    named = entry.get("litellm_provider")
    if provider is None:
        return True
    return (
        isinstance(named, str) and named.startswith(provider) and bool(_SAME_PROVIDER.fullmatch(named[len(provider) :]))
    )


def _shipped() -> Path | None:
    """Where litellm keeps its file. `find_spec` looks the package up without running it."""
    spec = importlib.util.find_spec("litellm")
    folders = spec.submodule_search_locations if spec else None
    return Path(folders[0]) / FILE if folders else None
