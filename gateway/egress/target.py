"""A target: one deployment as egress needs it — where it is, what it is called there, and how long to wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gateway.config.settings import Deployment, Timeouts
from gateway.config.snapshot import Endpoint
from gateway.wire.call import MAX_TOKENS

# Here models that think refuse `max_tokens`; elsewhere, in Ollama for one, the new name is not known.
_OPENAI = ("api.openai.com", ".openai.azure.com")


@dataclass(frozen=True, slots=True)
class Target:
    """`limit_name`: how it calls the limit of an answer, where the gateway has the choice of words."""

    name: str
    zone: str
    engine: str
    model: str
    base_url: str
    timeouts: Timeouts
    trusted: bool = False
    limit_name: str = MAX_TOKENS
    api_key: str = field(default="", repr=False)  # never in a traceback or a log line


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
        timeouts=deployment.timeouts,
        trusted=deployment.trusted,
        limit_name="max_completion_tokens" if host.endswith(_OPENAI) else MAX_TOKENS,
        api_key=embedded.api_key if embedded else key,
    )
