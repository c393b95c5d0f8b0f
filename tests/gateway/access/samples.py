"""What tests of stored keys make: a registry on a store, and hands that change things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.access.changes import Hand
from gateway.access.keyed_hash import KeyedHash
from gateway.access.registry import Registry
from gateway.access.store import AccessStore
from gateway.config.kinds import Secret
from gateway.config.load import load
from gateway.config.settings import Key, Settings, Team

NOW = 1_800_000_000.0
SECRET = "a" * 64
HASH = KeyedHash(SECRET)
CONFIGURED = "tg-key-in-the-configuration"


def settings(keys: tuple[Key, ...] | None = None, teams: Mapping[str, Team] | None = None) -> Settings:
    """The shipped configuration, with a key and a team."""
    own = (Key(name="ops", key=Secret(CONFIGURED), team="night"),) if keys is None else keys
    return replace(load(Path("tidegate.yaml")).settings, keys=own, teams=dict(teams or {"house": Team()}))


def registry(store: AccessStore, **more: Any) -> Registry:
    return Registry(store, settings(**more), HASH)


def hand(at: float = NOW, actor: str = "root") -> Hand:
    return Hand(actor, at)
