"""Admission: is the route there, may this key use it, and what do the key and the caller's own labels narrow?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.access.principal import Principal
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.receipt import Receipt
from gateway.wire.call import Call
from gateway.wire.errors import BadRequest, Forbidden, ModelNotFound
from router.clearance import ANY, Clearance
from router.content import Content
from router.router import Label
from router.strategy import NO_NEEDS, Needs


def admit(parts: Parts, call: Call, principal: Principal) -> Exchange:
    """Raises `ModelNotFound`, `Forbidden`, or `BadRequest`: a locality label that is none, a route without chat."""
    route = parts.routes.get(call.route)
    if route is None:
        raise ModelNotFound(f"The model `{call.route[:100]}` does not exist here. See GET /v1/models.", param="model")
    if not principal.may_use(route.name):
        raise Forbidden(f"This key may not use the model `{route.name}`.", param="model")
    if not route.small and not route.large:
        raise BadRequest(f"The model `{route.name}` serves embeddings only.", param="model", code="wrong_endpoint")
    narrowed = principal.clearance
    if call.localities:
        narrowed = narrowed.join(_caller_clearance(call.localities))
    if call.inherited is not ANY:
        narrowed = narrowed.join(call.inherited)
    return Exchange(
        call=call,
        principal=principal,
        route=route,
        receipt=Receipt(request_id=call.request_id, route=route.name),
        started=parts.clocks.steady(),
        narrowed=narrowed,
    )


def labels_of(exchange: Exchange) -> tuple[Label, ...]:
    """What others than the scanner ask for. The caller can narrow, and by the lattice never widen."""
    if exchange.narrowed.is_any:
        return ()
    return (
        Label("key", exchange.principal.clearance),
        Label("caller", _caller_clearance(exchange.call.localities)),
        Label("conversation", exchange.call.inherited),
    )


def needs_of(body: Mapping[str, object], content: Content) -> Needs:
    """What a deployment must be able to take."""
    tools = bool(body.get("tools") or body.get("functions"))
    if not tools and not content.opaque:
        return NO_NEEDS
    return Needs(tools=tools, vision=any(part.kind == "image" for part in content.opaque))


def _caller_clearance(labels: Sequence[str]) -> Clearance:
    clearance = ANY
    for text in labels:
        try:
            clearance = clearance.join(Clearance.parse(text.strip().lower()))
        except ValueError:
            raise BadRequest(
                "A locality label must be a clearance: local, any, eu+local, masked.",
                param="x-tidegate-locality",
                code="invalid_locality",
            ) from None
    return clearance
