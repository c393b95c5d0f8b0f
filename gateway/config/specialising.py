"""Specialising: the specialists of a configuration, fitted to their examples by whoever serves, explains or checks it.

Only where there are any: some 100 ms for the background, and 20 for each.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.config.loaded import Loaded
from gateway.config.settings import Route
from router.difficulty.view import view_of_text
from router.specialists.background import SHIPPED, Background
from router.specialists.domain import Domain
from router.specialists.fitting import FALSE_CLAIMS, fit
from router.specialists.prompt import prompt_of
from router.specialists.specialists import Specialists


def domains_of(loaded: Loaded) -> dict[str, tuple[Domain, ...]]:
    """By route. Raises `ArtifactError` where the package is damaged."""
    routes = {name: route for name, route in loaded.settings.routes.items() if route.specialists}
    if not routes:
        return {}
    background = Background.load(SHIPPED)
    return {
        name: tuple(
            fit(
                specialist.name,
                [prompt_of(view_of_text(text)) for text in loaded.examples[name][specialist.name]],
                background,
                specialist.false_claims or FALSE_CLAIMS,
            )
            for specialist in route.specialists
        )
        for name, route in routes.items()
    }


class Specialising:
    """The specialists of the configuration in force. Whoever serves waits while they are fitted, so that is done where
    they or their examples have changed, and not whenever a head of difficulty has.
    """

    def __init__(self) -> None:
        self._current: tuple[object, Mapping[str, Specialists]] | None = None

    def of(self, loaded: Loaded) -> Mapping[str, Specialists]:
        """By route."""
        routes = loaded.settings.routes.items()
        wanted = {name: (route.specialists, loaded.examples.get(name)) for name, route in routes if route.specialists}
        if self._current is None or self._current[0] != wanted:
            self._current = wanted, specialists_in(loaded)
        return self._current[1]


def specialists_in(loaded: Loaded) -> dict[str, Specialists]:
    """By route."""
    routes = loaded.settings.routes
    return {name: _specialists(routes[name], domains) for name, domains in domains_of(loaded).items()}


def _specialists(route: Route, domains: tuple[Domain, ...]) -> Specialists:
    deployments = [specialist.deployment for specialist in route.specialists]
    return Specialists.of(list(zip(domains, deployments, strict=True)))
