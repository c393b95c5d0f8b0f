"""Names: which route a model's name stands for. A name without a tag is the same as with `:latest`, as in Ollama."""

from __future__ import annotations

from collections.abc import Container

from gateway.access.principal import Principal
from gateway.pipeline.way import Pipeline
from gateway.wire.errors import ModelNotFound, Unauthenticated
from router.dial import named

_LATEST = ":latest"
_SHOWN = 100  # characters of a name that is none


def route_of(model: str, pipeline: Pipeline, principal: Principal) -> str:
    """Raises `ModelNotFound`, or `Unauthenticated` where a key is needed for the route."""
    name = _known(model, pipeline.parts.routes)
    if name is None:
        raise not_found(model)
    if not principal.has_key and not principal.may_use(name):
        raise Unauthenticated(
            f"The model '{name}' needs a key. Send it in the Authorization header (Authorization: Bearer YOUR_KEY; "
            "Ollama's SDKs take it from OLLAMA_API_KEY)."
        )
    return name


def dialled_route_of(model: str, pipeline: Pipeline, principal: Principal) -> str:
    """The same where there may be a dial behind the name, which stays there: `auto:0.8`, `auto:latest:0.8`."""
    routes = pipeline.parts.routes
    if _known(model, routes) is None:
        base, _, _ = model.rpartition(":")
        if (name := _known(base, routes)) is not None and named(f"{name}{model[len(base) :]}", routes)[1] is not None:
            return route_of(name, pipeline, principal) + model[len(base) :]
    return route_of(model, pipeline, principal)


def not_found(model: str) -> ModelNotFound:
    return ModelNotFound(f"model '{model[:_SHOWN]}' not found", param="model")


def _known(model: str, routes: Container[str]) -> str | None:
    if model in routes:
        return model
    other = model.removesuffix(_LATEST) if model.endswith(_LATEST) else f"{model}{_LATEST}"
    return other if other in routes else None
