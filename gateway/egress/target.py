"""A target: one deployment as egress needs it — where it is, what it is called there, and how long to wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.config.settings import Deployment, Timeouts
from gateway.config.snapshot import Endpoint


@dataclass(frozen=True, slots=True)
class Target:
    name: str
    zone: str
    engine: str
    model: str
    base_url: str
    timeouts: Timeouts
    trusted: bool = False
    api_key: str = field(default="", repr=False)  # never in a traceback or a log line


def target_of(name: str, deployment: Deployment, embedded: Endpoint | None) -> Target:
    """`embedded` is where the parent process runs the model of an `embedded` deployment, `None` for all others."""
    # A key read from a file often ends in a line feed, which no header can carry.
    key = deployment.api_key.get_secret_value().strip() if deployment.api_key else ""
    return Target(
        name=name,
        zone=deployment.zone,
        engine=deployment.engine,
        model=deployment.model,
        base_url=(embedded.base_url if embedded else deployment.base_url or "").rstrip("/"),
        timeouts=deployment.timeouts,
        trusted=deployment.trusted,
        api_key=embedded.api_key if embedded else key,
    )
