"""Alerts: the settings that say who is told when a budget passes a share of what it may spend."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from gateway.config.kinds import Secret, Within
from gateway.config.strict import Strict

Kind = Literal["budget.share", "budget.limit"]
KINDS: Final[tuple[Kind, ...]] = ("budget.share", "budget.limit")
SHORTEST, LONGEST = 24, 64  # bytes of a webhook's secret: the bounds of the Standard Webhooks specification
_PREFIX = "whsec_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Strict):
    """An address that is told of alerts: JSON by POST, signed as the Standard Webhooks specification has it."""

    url: Secret
    """Where to: `https://…`; `http://…` for an address at home only. Redirects are not followed."""
    secret: Secret
    """What the signature is made with, 24 to 64 bytes in base64 after `whsec_`; take it from the environment."""
    events: tuple[Kind, ...] = KINDS
    """Which: `budget.share` (a share of a budget is spent), `budget.limit` (a first request did not fit into it)."""
    timeout: Annotated[float, Within(gt=0, le=60)] = 10.0
    """Seconds that one try may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts(Strict):
    """Who is told, besides the log and the metrics."""

    webhooks: dict[str, Webhook] = field(default_factory=dict)
    """Addresses, by a name of your choice."""


def signing_key(secret: str) -> bytes | None:
    """The bytes that a webhook's secret stands for; None where it is none."""
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if SHORTEST <= len(key) <= LONGEST else None
