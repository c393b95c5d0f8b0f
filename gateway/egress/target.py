"""A target: one deployment as egress needs it — where it is, what it is called there, and how long to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.config.settings import Deployment, Route, RouteTimeouts
from gateway.config.snapshot import Endpoint
from gateway.wire.call import MAX_TOKENS
from router.clearance import LOCAL_ZONE

# Here models that think refuse `max_tokens`; elsewhere, in Ollama for one, the new name is not known.
_OPENAI = ("api.openai.com", ".openai.azure.com")
FIRST_TOKEN = 120.0  # seconds


class Patience(NamedTuple):
    """How long to wait, in seconds: for the connection, the first token, the next part, and all in all."""

    connect: float
    first_token: float
    between_chunks: float
    total: float


@dataclass(frozen=True, slots=True)
class Target:
    """`limit_name`: how it calls the limit of an answer, where the gateway has the choice of words.

    Routes differ in their patience, which does not make another target of it.
    """

    name: str
    zone: str
    engine: str
    model: str
    base_url: str
    patience: Patience = field(compare=False)
    trusted: bool = False
    limit_name: str = MAX_TOKENS
    api_key: str = field(default="", repr=False)  # never in a traceback or a log line

    def __hash__(self) -> int:
        """Each request looks for its target's connections: two fields tell targets apart as well as all do."""
        return hash((self.name, self.base_url))


def target_of(name: str, deployment: Deployment, embedded: Endpoint | None) -> Target:
    """`embedded` is where the parent process runs the model of an `embedded` deployment, `None` for all others."""
    # A key read from a file often ends in a line feed, which no header can carry.
    key = deployment.api_key.get_secret_value().strip() if deployment.api_key else ""
    host = urlsplit(deployment.base_url or "").hostname or ""
    return Target(
        name=name,
        zone=deployment.zone,
        engine=deployment.engine,
        model=deployment.model,
        base_url=(embedded.base_url if embedded else deployment.base_url or "").rstrip("/"),
        patience=patience_of(deployment, RouteTimeouts()),
        trusted=deployment.trusted,
        limit_name="max_completion_tokens" if host.endswith(_OPENAI) else MAX_TOKENS,
        api_key=embedded.api_key if embedded else key,
    )


def patience_of(deployment: Deployment, route: RouteTimeouts) -> Patience:
    """The route's word counts before the deployment's.

    At home a first token may take as long as everything. Ollama loads a model when it is first asked for it, which
    takes minutes, and starts over where the client leaves meanwhile: who is less patient never gets an answer.
    """
    own = deployment.timeouts
    total = route.total or own.total
    first_token = total if deployment.zone == LOCAL_ZONE else FIRST_TOKEN
    return Patience(
        connect=route.connect or own.connect,
        first_token=route.first_token or own.first_token or first_token,
        between_chunks=route.between_chunks or own.between_chunks,
        total=total,
    )


def targets_of(
    deployments: Mapping[str, Deployment], routes: Mapping[str, Route], embedded: Mapping[str, Endpoint]
) -> dict[str, dict[str, Target]]:
    """For each route the targets of all deployments, as patient as the route wants."""
    targets = {name: target_of(name, deployment, embedded.get(name)) for name, deployment in deployments.items()}
    return {
        name: targets
        if route.timeouts == RouteTimeouts()
        else {
            target.name: replace(target, patience=patience_of(deployments[target.name], route.timeouts))
            for target in targets.values()
        }
        for name, route in routes.items()
    }
