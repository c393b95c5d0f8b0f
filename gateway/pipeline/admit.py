"""Admission: is the route there, may this key use it, and what do the key and the caller's own labels narrow?"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.access.principal import Principal
from gateway.dials.dials import DialRefused
from gateway.dials.knob import Knob
from gateway.pipeline.exchange import Exchange
from gateway.pipeline.parts import Parts
from gateway.pipeline.receipt import Receipt
from gateway.wire.call import Call
from gateway.wire.endpoint import TEXT
from gateway.wire.errors import BadRequest, Forbidden, ModelNotFound
from router.clearance import ANY, Clearance
from router.dial import named
from router.router import Label
from router.strategy import RoutePlan


def admit(parts: Parts, call: Call, principal: Principal) -> Exchange:
    """Raises `ModelNotFound`, `Forbidden`, or `BadRequest`: a locality or a dial that is none, a label that no policy
    knows, a route that does not serve what is asked of it.
    """
    route = parts.routes.get(call.route)
    dial = call.dial
    if route is None:
        route, dial = _behind_name(parts, call)
    if route is None:
        raise ModelNotFound(f"The model `{call.route[:100]}` does not exist here. See GET /v1/models.", param="model")
    if not principal.may_use(route.name):
        raise Forbidden(f"This key may not use the model `{route.name}`.", param="model")
    plan, reference = _service_of(parts, call, route)
    narrowed = principal.clearance
    if call.localities:
        narrowed = narrowed.join(_caller_clearance(call.localities))
    if call.inherited is not ANY:
        narrowed = narrowed.join(call.inherited)
    asker = principal.asker
    if call.labels:
        asker = asker._replace(labels=_labels(call.labels, parts.labels))
    return Exchange(
        call=call,
        principal=principal,
        route=plan,
        reference=reference,
        receipt=Receipt(request_id=call.request_id, route=route.name),
        started=parts.clocks.steady(),
        narrowed=narrowed,
        asker=asker,
        tags=parts.tags.of(call.tags) | principal.tags if call.tags else principal.tags,
        knob=_knob(parts, plan, dial),
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


def _behind_name(parts: Parts, call: Call) -> tuple[RoutePlan | None, str | None]:
    """The route and the dial of a name that is no route's, but may be one with a dial behind it."""
    name, dial = named(call.route, parts.routes)
    if dial is None:
        return None, None
    if call.dial is not None:
        raise BadRequest(
            "A dial is given behind the model's name and in the header x-tidegate-dial: leave one of them out.",
            param="x-tidegate-dial",
            code="invalid_dial",
        )
    return parts.routes[name], dial


def _knob(parts: Parts, plan: RoutePlan, asked: str | None) -> Knob | None:
    """The dial that is in force; None where there is none, and the route's threshold holds."""
    dials = parts.dials.get(plan.name)
    if asked is None:
        return None if dials is None or plan.purpose else dials.default
    if dials is None or plan.purpose:
        raise BadRequest(
            f"The model `{plan.name}` has no dial: there is no choice between a small and a large model.",
            param="x-tidegate-dial",
            code="dial_not_served",
        )
    try:
        return dials.asked(asked)
    except DialRefused as error:
        raise BadRequest(str(error), param="x-tidegate-dial", code=error.code) from None


def _service_of(parts: Parts, call: Call, route: RoutePlan) -> tuple[RoutePlan, str | None]:
    """What of the route answers calls of this kind, and the deployment that savings are then counted against."""
    endpoint = call.endpoint
    if endpoint.purpose == TEXT:
        if route.small or route.large:
            return route, parts.references.get(route.name)
    elif (other := parts.others.get((endpoint.purpose, route.name))) is not None:
        return other
    message = f"The model `{route.name}` does not serve {endpoint.service}."
    raise BadRequest(message, param="model", code="wrong_endpoint")


def _caller_clearance(labels: Sequence[str]) -> Clearance:
    clearance = ANY
    for text in labels:
        try:
            clearance = clearance.join(Clearance.parse(text.strip().lower()))
        except ValueError:
            raise BadRequest(
                "A locality must be a clearance: local, any, eu+local, masked.",
                param="x-tidegate-locality",
                code="invalid_locality",
            ) from None
    return clearance


def _labels(said: Sequence[str], known: frozenset[str]) -> frozenset[str]:
    """A label that no policy knows may be a slip of the pen for one that would have kept the content at home."""
    labels = frozenset(text.strip().lower() for text in ",".join(said).split(",")) - {""}
    if labels <= known:
        return labels
    raise BadRequest(
        f"No policy here knows one of the labels of this request. Known are: {', '.join(sorted(known)) or 'none'}.",
        param="x-tidegate-label",
        code="unknown_label",
    )
