"""Thresholds: how sure a detector must be, per entity type, for its finding to count. One place, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DEFAULT: Final = 0.5
BY_TYPE: Mapping[str, float] = MappingProxyType({"PERSON": 0.5, "ADDRESS": 0.5})
# Told by their words, not by form or checksum: where one that was checked stands in the same place, it is believed.
GUESSED: Final = frozenset({"PERSON", "NAMED_ENTITY", "ADDRESS"})


def threshold(entity_type: str) -> float:
    return BY_TYPE.get(entity_type, DEFAULT)
