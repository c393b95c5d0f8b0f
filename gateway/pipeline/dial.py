"""The dial of a request hears where it went, if that was for the dial to say."""

from __future__ import annotations

from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from router.decision import Decision
from router.strategy import went_large


def heed(parts: Parts, exchange: Exchange, decision: Decision) -> None:
    """At once, so that the next request is decided with it, however long this one takes."""
    knob = exchange.knob
    if knob is None:
        return
    large = went_large(exchange.route, decision.candidates, decision.reasons, parts.fleet.view())
    if large is not None:
        exchange.dialled = large
        knob.heed(large, None if decision.reasons[-1].code == "unsure" else decision.difficulty)


def kept_at_home(exchange: Exchange) -> None:
    """A cascade has spared the large model what the dial gave it: that is heard too."""
    if exchange.knob is not None and exchange.dialled:
        exchange.dialled = False
        exchange.knob.amend(large=False)
