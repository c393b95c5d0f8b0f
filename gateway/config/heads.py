"""Heads: which deployments difficulty decides about, and where a model of their own would stand."""

from __future__ import annotations

from pathlib import Path

from gateway.config.loaded import Loaded
from gateway.config.settings import Settings


def decided_about(settings: Settings) -> list[str]:
    """The small deployments of routes on which difficulty decides."""
    routes = [route for route in settings.routes.values() if route.prefer == "auto" and route.large]
    return list(dict.fromkeys(name for route in routes for name in route.small))


def heads_of(loaded: Loaded) -> dict[str, Path]:
    """By deployment, the directory of the head that it is to have: as configured, else as learned."""
    found = {}
    for name in decided_about(loaded.settings):
        named = loaded.settings.deployments[name].difficulty
        directory = loaded.resolve(named) if named else champion_of(loaded.state_directory, name)
        if directory is not None:
            found[name] = directory
    return found


def champion_of(state_directory: Path, deployment: str) -> Path | None:
    """What `tidegate learn` promoted. While one head takes another's place, it is called `next` for a moment."""
    directory = state_directory / "heads" / deployment
    places = directory / "champion", directory / "next", directory / "champion"
    return next((place for place in places if place.is_dir()), None)
