"""Heads: which deployments difficulty decides about, and where a model of their own would stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gateway.config.loaded import Loaded
from gateway.config.settings import Route, Settings


def decided_about(settings: Settings) -> list[str]:
    """The small deployments of routes on which difficulty decides."""
    routes = [route for route in settings.routes.values() if route.prefer == "auto" and route.large]
    return list(dict.fromkeys(name for route in routes for name in route.small))


def heads_of(loaded: Loaded) -> dict[str, Path]:
    """By deployment, the directory of the head that it is to have: as configured, else as learned."""
    return heads_in(loaded.settings, loaded.directory, loaded.state_directory)


def heads_in(settings: Settings, directory: Path, state_directory: Path) -> dict[str, Path]:
    """The same of settings that are still being checked. `directory`: what relative paths start from."""
    found = {}
    for name in decided_about(settings):
        named = settings.deployments[name].difficulty
        head = directory / Path(named).expanduser() if named else champion_of(state_directory, name)
        if head is not None:
            found[name] = head
    return found


def head_of(route: Route, heads: Mapping[str, Path]) -> Path | None:
    """The head that says how hard a request to this route is; None: the shipped model does."""
    return next((heads[name] for name in route.small if name in heads), None)


def champion_of(state_directory: Path, deployment: str) -> Path | None:
    """What `tidegate learn` promoted. While one head takes another's place, it is called `next` for a moment."""
    directory = state_directory / "heads" / deployment
    places = directory / "champion", directory / "next", directory / "champion"
    return next((place for place in places if place.is_dir()), None)
