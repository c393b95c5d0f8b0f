"""The place: which routes learn, and where what they learn from is kept."""

from __future__ import annotations

from gateway.config.learning import RouteLearning
from gateway.config.loaded import Loaded
from gateway.config.settings import Settings


def learning_url(loaded: Loaded) -> str:
    return loaded.database("learning.db")


def learning_of(settings: Settings) -> dict[str, RouteLearning]:
    """The routes that learn."""
    return {name: route.learning for name, route in settings.routes.items() if route.learning.enabled}
