"""The dial of a request hears where it went, if that was for the dial to say."""

from __future__ import annotations

from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from router.decision import Decision


def heed(parts: Parts, exchange: Exchange, decision: Decision, *, large: bool) -> None:
    """Once for each request that both classes were open to."""
    knob = exchange.knob
    if knob is not None:
        knob.heed(large, None if decision.reasons[-1].code == "unsure" else decision.difficulty)
        parts.metrics.dialled(exchange.route.name, large)
