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

from gateway.accounting.tariff import Rates, Tariff

FILE: Final = "model_prices_and_context_window_backup.json"

_LOG: Final = logging.getLogger(__name__)
_TIER: Final = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")
# One provider goes by several names in the file: `vertex_ai-language-models`, `bedrock_converse`, `cohere_chat`.
_SAME_PROVIDER: Final = re.compile(r"(-.+|_converse|_chat)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names a model may have in the file, best first, and whose price it must be (None: anybody's)."""

    names: tuple[str, ...]
    provider: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """What a model can take, in tokens: the longest prompt and the longest answer. None: not known."""

    prompt: int | None = None
    completion: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the file has of a model."""

    tariff: Tariff
    window: Window


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
                if isinstance(entry, dict) and _is_from(entry, want.provider) and (tariff := tariff_of(entry)):
                    found[key] = Listed(tariff, _window(entry))
                    break
        return found


def tariff_of(entry: Mapping[str, object]) -> Tariff | None:
    """One entry of the file. None when it has no price per token; zero for both is a gap in the file, not a gift."""
    base = _rates(entry, "")
    if base is None or not (base.prompt or base.completion):
        return None
    tiers = (
        (int(match[1]) * 1000, dearer)
        for field in entry
        if (match := _TIER.fullmatch(field)) and (dearer := _rates(entry, f"_above_{match[1]}k_tokens"))
    )
    return Tariff(base, tuple(sorted(tiers, key=lambda tier: tier[0])))


def _rates(entry: Mapping[str, object], suffix: str) -> Rates | None:
    def rate(name: str) -> Decimal | None:
        value = entry.get(name + suffix, entry.get(name))
        return value if isinstance(value, Decimal) and value.is_finite() and value >= 0 else None

    prompt = rate("input_cost_per_token")
    if prompt is None:
        return None
    return Rates(
        prompt=prompt,
        completion=rate("output_cost_per_token"),
        cached=rate("cache_read_input_token_cost"),
        written=rate("cache_creation_input_token_cost"),
        reasoning=rate("output_cost_per_reasoning_token"),
        audio_prompt=rate("input_cost_per_audio_token"),
        audio_completion=rate("output_cost_per_audio_token"),
    )


def _window(entry: Mapping[str, object]) -> Window:
    def tokens(name: str) -> int | None:
        value = entry.get(name)
        return int(value) if isinstance(value, Decimal) and value.is_finite() and value > 0 else None

    return Window(tokens("max_input_tokens"), tokens("max_output_tokens"))


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
