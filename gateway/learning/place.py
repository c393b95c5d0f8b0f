"""The place: which routes learn, and where what they learn from is kept."""

from __future__ import annotations

from gateway.config.learning import RouteLearning
from gateway.config.loaded import Loaded
from gateway.config.settings import Settings


def learning_url(loaded: Loaded) -> str:
    """Beside the ledger where that is on a server; else in a file of its own, whose one writer the ledger is not."""
    url = loaded.ledger_url
    return f"sqlite:///{loaded.state_directory / 'learning.db'}" if url.startswith("sqlite") else url


def learning_of(settings: Settings) -> dict[str, RouteLearning]:
    """The routes that learn."""
    return {name: route.learning for name, route in settings.routes.items() if route.learning.enabled}
